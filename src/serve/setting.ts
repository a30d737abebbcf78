/** A value of the environment that cannot be used; the message begins with its name. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** The name of the variable. */
  readonly setting: string

  constructor(setting: string, why: string) {
    super(`${setting}: ${why}`)
    this.setting = setting
  }
}

/** Reads a value from its text. Throws a RangeError that says what it should have been. */
export type Read<T> = (text: string) => T

/** Finds the text of another setting, for defaults that follow from it. */
export type Texts = (name: string) => string | undefined

/** One variable of the environment. */
export interface Setting<T> {
  readonly name: string
  readonly secret: boolean
  readonly read: Read<T>
  /** Undefined: without a value there is none. */
  readonly fallback: (texts: Texts) => string | undefined
}

/** A setting that always has a value. */
export function setting<T>(
  name: string,
  fallback: string | number | ((texts: Texts) => string),
  read: Read<T>,
): Setting<T> {
  return {
    name,
    secret: false,
    read,
    fallback: typeof fallback === 'function' ? fallback : () => String(fallback),
  }
}

/** A setting that may be left out. */
export function optional<T>(name: string, read: Read<T>): Setting<T | undefined> {
  return { name, secret: false, read, fallback: () => undefined }
}

/** An optional setting whose text is never shown. */
export function hidden<T>(name: string, read: Read<T>): Setting<T | undefined> {
  return { ...optional(name, read), secret: true }
}

/** A whole number within these limits. */
export function whole(least: number, most: number): Read<number> {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new RangeError(`a whole number from ${least} to ${most}`)
  }
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    throw new RangeError(`one of ${words.join(', ')}`)
  }
}

/** The candidate that takes the fewest edits to get to. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => ({ candidate, edits: edits(text, candidate) }))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate
}

// Levenshtein's distance, row by row.
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, right] of [...b].entries()) {
      const swap = (row[j] ?? 0) + (left === right ? 0 : 1)
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
