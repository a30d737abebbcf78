/** One way to authenticate that a registry offers. RFC 9110, "WWW-Authenticate". */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case. */
  readonly params: ReadonlyMap<string, string>
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const VALUE = /[^\s,"]*/y

/**
 * The challenges in a `WWW-Authenticate` header, several headers joined with commas included. Lenient, for what registries really send:
 * commas may be missing, a last quote too. What cannot be understood is passed over.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = []
  let at = 0
  while (at < header.length) {
    const word = match(TOKEN, header, at)
    if (word === '') {
      at += 1
      continue
    }
    at += word.length
    const equals = /^[\t ]*=[\t ]*/.exec(header.slice(at))
    if (equals === null) {
      challenges.push({ scheme: word.toLowerCase(), params: new Map() })
      continue
    }
    at += equals[0].length
    const { value, length } = header[at] === '"' ? quoted(header, at) : bare(header, at)
    at += length
    challenges.at(-1)?.params.set(word.toLowerCase(), value)
  }
  return challenges
}

/** What a challenge has against the token that was shown. RFC 6750, "Error Codes". */
export function errorIn(header: string | undefined): 'invalid_token' | 'insufficient_scope' | undefined {
  const errors = parseChallenges(header ?? '').map(({ params }) => params.get('error'))
  return (['insufficient_scope', 'invalid_token'] as const).find((error) => errors.includes(error))
}

function quoted(header: string, start: number): { value: string; length: number } {
  let value = ''
  let at = start + 1
  while (at < header.length && header[at] !== '"') {
    if (header[at] === '\\') at += 1
    value += header[at] ?? ''
    at += 1
  }
  return { value, length: at + 1 - start }
}

function bare(header: string, at: number): { value: string; length: number } {
  const value = match(VALUE, header, at)
  return { value, length: Math.max(1, value.length) }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
