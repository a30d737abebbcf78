import { RegistryError } from '#oci'

/** The text of a file of the person's; undefined where there is none. @throws RegistryError UNAUTHORIZED when it cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new RegistryError('UNAUTHORIZED', `${path}: not read (${code ?? 'unknown'})`)
  }
}

/** The text of a file that something else says is there. @throws RegistryError UNAUTHORIZED when it is not, or cannot be read. */
export async function readNamed(path: string): Promise<string> {
  const text = await readIfThere(path)
  if (text === undefined) throw new RegistryError('UNAUTHORIZED', `${path}: not read (there is no such file)`)
  return text
}

/** The JSON object in a text that came from `where`. @throws RegistryError UNAUTHORIZED, without a word of the text. */
export function parseObject(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json }
  } catch {
    // The parser's own words would quote it.
  }
  throw unusable(where, 'it is no JSON object')
}

/** A text in such an object. @throws RegistryError UNAUTHORIZED when it is missing. */
export function textIn(json: Readonly<Record<string, unknown>>, name: string, where: string): string {
  const value = json[name]
  if (typeof value === 'string' && value !== '') return value
  throw unusable(where, `it has no ${name}`)
}

/** What a person configured and nobody can use; `why` quotes nothing of it. */
export function unusable(where: string, why: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', `${where}: not usable (${why})`)
}
