const CONTEXT = 3
/** Texts that differ in more than this many pairs of lines are shown as wholes. */
const PAIRS_LIMIT = 4_000_000

interface Line {
  readonly kind: ' ' | '-' | '+'
  readonly text: string
}

/** How one text becomes the other, line by line in the unified form, with three lines around what changes; empty where they are the same. */
export function formatDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after))
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== ' ')
  let text = ''
  const at = { old: 1, new: 1 }
  for (const [index, { kind, text: line }] of lines.entries()) {
    if (near(index)) {
      if (index === 0 || !near(index - 1)) text += `@@ -${at.old} +${at.new} @@\n`
      text += `${kind}${line}\n`
    }
    if (kind !== '+') at.old += 1
    if (kind !== '-') at.new += 1
  }
  return text
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** By the longest row of lines that both have, what both begin and end with left aside. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const most = Math.min(before.length, after.length)
  let head = 0
  while (head < most && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  const kept = (text: string): Line => ({ kind: ' ', text })
  const middle = compareMiddle(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  )
  return [...before.slice(0, head).map(kept), ...middle, ...before.slice(before.length - tail).map(kept)]
}

function compareMiddle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const gone = before.map((text): Line => ({ kind: '-', text }))
  const come = after.map((text): Line => ({ kind: '+', text }))
  if (before.length * after.length > PAIRS_LIMIT) return [...gone, ...come]
  // How long a row the lines from here on have in common.
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ kind: ' ', text: before[i] ?? '' })
      i += 1
      j += 1
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(...gone.slice(i, ++i))
    else lines.push(...come.slice(j, ++j))
  }
  return [...lines, ...gone.slice(i), ...come.slice(j)]
}
