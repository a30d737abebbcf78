/**
 * Whether the text matches: `*` any text without a `/`, `**` any text, `?` one character but `/`, anything else itself. Takes time in
 * proportion to both lengths, whatever the pattern.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.match(/\*\*+|[\s\S]/gu) ?? []
  // Which parts can be next, after each character of the text.
  let next = closed(new Set([0]), parts)
  for (const character of text) {
    const after = new Set<number>()
    for (const at of next) {
      const part = parts[at]
      if (part === undefined) continue
      if (part.startsWith('**') || (part === '*' && character !== '/')) after.add(at)
      else if (part === character || (part === '?' && character !== '/')) after.add(at + 1)
    }
    next = closed(after, parts)
  }
  return next.has(parts.length)
}

/** A star may stand for nothing. */
function closed(states: Set<number>, parts: readonly string[]): Set<number> {
  for (const at of states) if (parts[at]?.startsWith('*')) states.add(at + 1)
  return states
}
