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

/** The key as those see it who do not look at the case, as Go's JSON reader does. */
export function fold(key: string): string {
  return key.toLowerCase().toUpperCase()
}

interface Level {
  /** The keys so far; undefined in a list. */
  readonly keys: Set<string> | undefined
  /** Whether keys that differ by their case alone are the same. */
  readonly folds: boolean
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g

/** What is wrong with a text that is known to be JSON. Its structure alone is looked at: strings and brackets. */
function findFault(text: string): string | undefined {
  const levels: Level[] = []
  let last = ''
  let key = ''
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === '{' || token === '[') {
      if (levels.length === DEPTH) return `nested more than ${DEPTH} deep`
      const folds = (level?.folds ?? true) && !(level?.keys !== undefined && key === 'annotations')
      levels.push({ keys: token === '{' ? new Set() : undefined, folds })
    } else if (token === '}' || token === ']') levels.pop()
    else if (token === ':' && level?.keys !== undefined) {
      key = JSON.parse(last) as string
      const name = level.folds ? fold(key) : key
      if (level.keys.has(name)) return `the key ${JSON.stringify(key.slice(0, 100))} is there twice`
      level.keys.add(name)
    }
    last = token
  }
  return undefined
}
