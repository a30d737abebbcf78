import { UsageError } from './usage-error.ts'

/**
 * Whether a tag matches: `*` any text, `?` one character, `[a-c]` and `[!a-c]` one of these or none of them. A tag has no directories, so
 * `*` stops at nothing.
 * @throws UsageError for a bracket that is not closed.
 */
export function compileGlob(glob: string): (tag: string) => boolean {
  let source = ''
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? ''
    if (character === '*') source += source.endsWith('.*') ? '' : '.*'
    else if (character === '?') source += '.'
    else if (character === '[') {
      const end = glob.indexOf(']', at + 2)
      if (end < 0) throw new UsageError(`--tags: the bracket in ${JSON.stringify(glob)} is not closed`)
      source += bracket(glob.slice(at + 1, end))
      at = end
    } else source += RegExp.escape(character)
  }
  let expression: RegExp
  try {
    expression = new RegExp(`^${source}$`)
  } catch {
    throw new UsageError(`--tags: ${JSON.stringify(glob)} is not a pattern`)
  }
  return (tag) => expression.test(tag)
}

function bracket(inside: string): string {
  const negated = inside.startsWith('!') || inside.startsWith('^')
  const members = (negated ? inside.slice(1) : inside).replace(/[\\\]^]/g, '\\$&')
  return `[${negated ? '^' : ''}${members}]`
}
