import { type CredentialScope, type Credentials, parseRegistry, RegistryError } from '#oci'

/** Docker's config.json or Podman's auth.json, its keys brought to one spelling: a registry, or a registry with a path. */
export interface AuthFile {
  readonly auths: ReadonlyMap<string, Credentials>
  /** Names of helpers by registry. */
  readonly helpers: ReadonlyMap<string, string>
  /** The helper that is asked about every registry. */
  readonly store: string | undefined
}

/** @throws RegistryError UNAUTHORIZED, naming the file and the key but not the value. */
export function parseAuthFile(text: string, path: string): AuthFile {
  const json = object(parseJson(text, path), path, 'it')
  const auths = new Map<string, Credentials>()
  for (const [written, entry] of entries(json.auths, path, 'auths')) {
    const found = parseAuth(object(entry, path, `auths ${quote(written)}`), path, written)
    const key = normalize(written)
    if (found !== undefined && !auths.has(key)) auths.set(key, found)
  }
  const helpers = new Map<string, string>()
  for (const [written, name] of entries(json.credHelpers, path, 'credHelpers')) {
    helpers.set(normalize(written), parseName(name, path, `credHelpers ${quote(written)}`))
  }
  const { credsStore: store } = json
  return {
    auths,
    helpers,
    store: store === undefined || store === '' ? undefined : parseName(store, path, 'credsStore'),
  }
}

/** The credentials under the longest key that the repository lies below. */
export function findAuth(
  { auths }: AuthFile,
  { registry, repository }: CredentialScope,
): Credentials | undefined {
  for (let key = `${registry}/${repository}`; ; key = key.slice(0, key.lastIndexOf('/'))) {
    const found = auths.get(key)
    if (found !== undefined || key === registry) return found
  }
}

function parseAuth(entry: Record<string, unknown>, path: string, key: string): Credentials | undefined {
  const { auth, username, password, identitytoken, registrytoken } = entry
  if (isText(registrytoken)) return { kind: 'bearer', token: registrytoken }
  const decoded = isText(auth) ? split(auth) : undefined
  if (isText(identitytoken)) {
    const name = decoded?.username
    return {
      kind: 'refresh',
      token: identitytoken,
      ...(isText(name) && name !== '<token>' && { username: name }),
    }
  }
  if (!isText(auth)) return isText(username) && isText(password) ? pair(username, password) : undefined
  if (decoded === undefined) throw broken(path, `auths ${quote(key)} holds no user:password in base64`)
  return pair(decoded.username, decoded.password)
}

// Half a pair is none: it would be refused after having been sent.
function pair(username: string, password: string): Credentials | undefined {
  return username === '' || password === '' ? undefined : { kind: 'basic', username, password }
}

function split(auth: string): { readonly username: string; readonly password: string } | undefined {
  if (!/^[\w+/-]+={0,2}$/.test(auth.trim())) return undefined
  // Docker pads with NUL.
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** `https://index.docker.io/v1/` and all other spellings of Docker Hub → `docker.io`; `https://host/v2/` → `host`; `host/path/` → `host/path`. */
function normalize(written: string): string {
  const bare = written.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const slash = bare.indexOf('/')
  const host = slash < 0 ? bare : bare.slice(0, slash)
  const rest = slash < 0 ? '' : bare.slice(slash)
  return `${registryOf(host)}${rest === '/v1' || rest === '/v2' ? '' : rest}`
}

function registryOf(host: string): string {
  try {
    return parseRegistry(host)
  } catch {
    return host.toLowerCase()
  }
}

function parseName(name: unknown, path: string, where: string): string {
  // It becomes part of a program's name.
  if (typeof name === 'string' && /^[\w-][\w.-]*$/.test(name)) return name
  throw broken(path, `${where} is not the name of a helper`)
}

function entries(json: unknown, path: string, where: string): [string, unknown][] {
  return json === undefined || json === null ? [] : Object.entries(object(json, path, where))
}

function object(json: unknown, path: string, where: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>
  throw broken(path, `${where} is not an object`)
}

function parseJson(text: string, path: string): unknown {
  try {
    // An empty file is what some tools leave before the first login.
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    // The parser's own words would quote the file.
    throw broken(path, 'it is not JSON')
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const quote = (key: string): string => JSON.stringify(key.replace(/^((?:https?:\/\/)?)[^/]*@/, '$1…@'))

function broken(path: string, why: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', `${path}: no credentials read (${why})`)
}
