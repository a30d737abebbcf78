import { RegistryError } from './errors.ts'

const DEPTH = 64

/**
 * The one object that these bytes are, read strictly: UTF-8, no key twice in one object, and none that differs from another by its case
 * alone but in annotations, whose keys are people's own. Readers differ on which of two they believe, so nobody could say what such a
 * document is (CVE-2014-8179, CVE-2021-41190). `where` is for the message.
 * @throws RegistryError MANIFEST_INVALID
 */
export function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let json: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (cause) {
    throw new RegistryError('MANIFEST_INVALID', `${where}: not JSON`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new RegistryError('MANIFEST_INVALID', `${where}: not an object`)
  const fault = findFault(text)
  if (fault !== undefined) throw new RegistryError('MANIFEST_INVALID', `${where}: ${fault}`)
  return json as Record<string, unknown>
}

/** The key as those see it who do not look at the case, as Go's JSON reader does: to it `ſ` is an s, and the sign for kelvin a k. */
export function fold(key: string): string {
  const lower = key.toLowerCase()
  return /[^\0-\x7f]/.test(lower) ? lower.toUpperCase().toLowerCase() : lower
}

interface Level {
  /** The keys so far; undefined in a list. */
  readonly keys: Set<string> | undefined
  /** Whether keys that differ by their case alone are the same. */
  readonly folds: boolean
}

/** What is wrong with a text that is known to be JSON. Its structure alone is looked at: strings and brackets. */
function findFault(text: string): string | undefined {
  const levels: Level[] = []
  let level: Level | undefined
  /** Where the last string began and ended. */
  let [begin, end] = [0, 0]
  let key = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === QUOTE) {
      begin = at
      at = endOfString(text, at)
      end = at
    } else if (sign === COLON) {
      const raw = text.slice(begin + 1, end)
      key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
      const name = level?.folds ? fold(key) : key
      if (level?.keys?.has(name)) return `the key ${JSON.stringify(key.slice(0, 100))} is there twice`
      level?.keys?.add(name)
    } else if (sign === OPEN_OBJECT || sign === OPEN_LIST) {
      if (levels.length === DEPTH) return `nested more than ${DEPTH} deep`
      const folds = (level?.folds ?? true) && !(level?.keys !== undefined && key === 'annotations')
      level = { keys: sign === OPEN_OBJECT ? new Set() : undefined, folds }
      levels.push(level)
    } else if (sign === CLOSE_OBJECT || sign === CLOSE_LIST) {
      levels.pop()
      level = levels.at(-1)
    }
  }
  return undefined
}

const [QUOTE, COLON, BACKSLASH] = [0x22, 0x3a, 0x5c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]

/** The quote that ends the string that the one at `begin` began. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); ; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return at
  }
}
