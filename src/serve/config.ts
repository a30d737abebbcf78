import { isAbsolute, join, resolve } from 'node:path'
import { parseAddressRange, Secret } from '#model'
import {
  type BandwidthLimits,
  createAddressGuard,
  DEFAULT_NETWORK,
  type NetworkOptions,
  parseRegistry,
  RegistryError,
} from '#oci'
import { ConfigError, hidden, nearest, oneOf, optional, type Setting, setting, whole } from './setting.ts'

export { ConfigError } from './setting.ts'

const YEAR_MS = 365 * 24 * 3600 * 1000

/** Every setting that there is, and nothing else is read from the environment. */
const TABLE = {
  listen: setting('TAGBOAT_LISTEN', '127.0.0.1:7070', readListen),
  publicUrl: optional('TAGBOAT_PUBLIC_URL', readPublicUrl),
  dataDir: setting('TAGBOAT_DATA_DIR', defaultDataDir, (text) => resolve(text)),
  databaseUrl: hidden('TAGBOAT_DATABASE_URL', readDatabaseUrl),
  masterKeyFile: setting(
    'TAGBOAT_MASTER_KEY_FILE',
    (texts) => join(texts('TAGBOAT_DATA_DIR') ?? '', 'master.key'),
    (text) => resolve(text),
  ),
  adminToken: hidden('TAGBOAT_ADMIN_TOKEN', readAdminToken),
  endpoints: setting('TAGBOAT_ENDPOINTS', '', readEndpoints),
  allowAddresses: setting('TAGBOAT_ALLOW_ADDRESSES', '', readAddresses),
  idleTimeoutMs: setting('TAGBOAT_IDLE_TIMEOUT_MS', DEFAULT_NETWORK.idleTimeoutMs, whole(1, YEAR_MS)),
  connectTimeoutMs: setting(
    'TAGBOAT_CONNECT_TIMEOUT_MS',
    DEFAULT_NETWORK.connectTimeoutMs,
    whole(1, YEAR_MS),
  ),
  headersTimeoutMs: setting(
    'TAGBOAT_HEADERS_TIMEOUT_MS',
    DEFAULT_NETWORK.headersTimeoutMs,
    whole(1, YEAR_MS),
  ),
  minBytesPerSecond: setting(
    'TAGBOAT_MIN_BYTES_PER_SECOND',
    DEFAULT_NETWORK.minBytesPerSecond,
    whole(0, 2 ** 40),
  ),
  retries: setting('TAGBOAT_RETRIES', DEFAULT_NETWORK.retries, whole(0, 100)),
  retryBaseMs: setting('TAGBOAT_RETRY_BASE_MS', DEFAULT_NETWORK.retryBaseMs, whole(1, 3_600_000)),
  retryAfterMaxMs: setting('TAGBOAT_RETRY_AFTER_MAX_MS', DEFAULT_NETWORK.retryAfterMaxMs, whole(0, YEAR_MS)),
  registryConcurrency: setting('TAGBOAT_REGISTRY_CONCURRENCY', DEFAULT_NETWORK.concurrency, whole(1, 1000)),
  bandwidth: optional('TAGBOAT_BANDWIDTH', readBandwidth),
  chunkBytes: optional('TAGBOAT_CHUNK_BYTES', whole(1, 2 ** 40)),
  manifestBytes: setting('TAGBOAT_MANIFEST_BYTES', DEFAULT_NETWORK.manifestBytes, whole(1024, 2 ** 30)),
  leaseMs: setting('TAGBOAT_LEASE_MS', 30_000, whole(100, 3_600_000)),
  graceMs: setting('TAGBOAT_GRACE_MS', 10_000, whole(0, 3_600_000)),
  maxRecoveries: setting('TAGBOAT_MAX_RECOVERIES', 5, whole(0, 1000)),
  rateLimit: setting('TAGBOAT_RATE_LIMIT', 100_000, whole(1, 1e9)),
  trustedProxies: setting('TAGBOAT_TRUSTED_PROXIES', '', readProxies),
  queryTokens: setting('TAGBOAT_QUERY_TOKENS', 'false', (text) => oneOf('true', 'false')(text) === 'true'),
  logLevel: setting(
    'TAGBOAT_LOG_LEVEL',
    'info',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  ),
  url: optional('TAGBOAT_URL', readUrl),
  token: hidden('TAGBOAT_TOKEN', (text) => new Secret(text)),
  workspace: optional('TAGBOAT_WORKSPACE', (text) => text),
  project: optional('TAGBOAT_PROJECT', (text) => text),
  testRequire: optional('TAGBOAT_TEST_REQUIRE', (text) => text),
} satisfies Record<string, Setting<unknown>>

type Values = {
  readonly [Key in keyof typeof TABLE]: (typeof TABLE)[Key] extends Setting<infer T> ? T : never
}

/** One setting as people are shown it: secrets are `[secret]`, no value is undefined. */
export interface ShownSetting {
  readonly name: string
  readonly value: string | undefined
  readonly origin: 'default' | 'environment'
  readonly secret: boolean
}

/** All settings, read and checked. */
export interface Config extends Values {
  /** Every one of them, in the order of the documentation, for `tagboat config`. */
  readonly settings: readonly ShownSetting[]
}

/**
 * Reads every setting from the environment, an empty variable counting as none.
 * @throws ConfigError for a value that cannot be used, and for a `TAGBOAT_` name that does not exist, naming the nearest one that does.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const entries = Object.entries(TABLE) as [string, Setting<unknown>][]
  const names = entries.map(([, { name }]) => name)
  const unknown = Object.keys(env).find((name) => name.startsWith('TAGBOAT_') && !names.includes(name))
  if (unknown !== undefined)
    throw new ConfigError(unknown, `no such setting; the nearest is ${nearest(unknown, names)}`)
  const textOf = (name: string): string | undefined => {
    const given = env[name] || undefined
    return given ?? entries.find(([, one]) => one.name === name)?.[1].fallback(textOf)
  }
  const values: Record<string, unknown> = {}
  const settings = entries.map(([key, { name, secret, read, fallback }]): ShownSetting => {
    const given = env[name] || undefined
    const text = given ?? fallback(textOf)
    values[key] = text === undefined ? undefined : readOne(name, secret, text, read)
    const value = text !== undefined && secret ? '[secret]' : text
    return { name, value, origin: given === undefined ? 'default' : 'environment', secret }
  })
  return { ...(values as unknown as Values), settings }
}

/** How registries are spoken to, for whoever opens a network; its guard is for the service to add. */
export function networkOptionsOf(config: Config): Omit<NetworkOptions, 'guard' | 'userAgent'> {
  const { endpoints, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, minBytesPerSecond } = config
  const { retries, retryBaseMs, retryAfterMaxMs, registryConcurrency, bandwidth, chunkBytes, manifestBytes } =
    config
  return {
    endpoints,
    connectTimeoutMs,
    headersTimeoutMs,
    idleTimeoutMs,
    minBytesPerSecond,
    retries,
    retryBaseMs,
    retryAfterMaxMs,
    concurrency: registryConcurrency,
    bandwidth,
    chunkBytes,
    manifestBytes,
  }
}

function readOne(name: string, secret: boolean, text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const shown = secret ? 'this' : JSON.stringify(text.replace(/\/\/[^/@]*@/g, '//…@').slice(0, 120))
    throw new ConfigError(name, `cannot be ${shown} (${error.message})`)
  }
}

/** Where the service listens; port 0: any free one. */
export interface Listen {
  readonly host: string
  readonly port: number
}

function readListen(text: string): Listen {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:/\s[\]]+)):([0-9]{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65535) throw new RangeError('host:port')
  return { host, port: Number(port) }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === undefined || !web || url.search !== '' || url.hash !== '')
    throw new RangeError('an http or https URL without query')
  if (url.username !== '' || url.password !== '') throw new RangeError('a URL without username and password')
  return url
}

function readPublicUrl(text: string): URL {
  const url = readUrl(text)
  if (/\/api\/?$/.test(url.pathname)) throw new RangeError('the base of the service, without /api')
  return url
}

function readDatabaseUrl(text: string): Secret {
  if (URL.canParse(text) && /^postgres(?:ql)?:$/.test(new URL(text).protocol)) return new Secret(text)
  throw new RangeError('a postgres:// URL')
}

function readAdminToken(text: string): Secret {
  if (/^[\x21-\x7e]{32,512}$/.test(text)) return new Secret(text)
  throw new RangeError('32 to 512 printable characters without blanks')
}

function readEndpoints(text: string): ReadonlyMap<string, URL> {
  const endpoints = new Map<string, URL>()
  for (const entry of splitList(text)) {
    const [, name, url = ''] =
      /^((?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)(?::[0-9]{1,5})?)=(.*)$/.exec(entry) ?? []
    if (name === undefined) throw new RangeError('name=url,…')
    if (endpoints.has(name.toLowerCase())) throw new RangeError(`one URL for ${name}`)
    endpoints.set(name.toLowerCase(), readUrl(url))
  }
  return endpoints
}

function readBandwidth(text: string): BandwidthLimits {
  const registries = new Map<string, number>()
  let all: number | undefined
  for (const entry of splitList(text)) {
    const [, name, rate = ''] = /^(?:(.+)=)?([0-9]{1,15})$/.exec(entry) ?? []
    if (Number(rate) < 1) throw new RangeError('bytes a second, registry=bytes,…')
    if (name === undefined ? all !== undefined : registries.has(name))
      throw new RangeError('one limit for each')
    if (name === undefined) all = Number(rate)
    else registries.set(readRegistry(name), Number(rate))
  }
  return { all, registries }
}

function readRegistry(text: string): string {
  try {
    return parseRegistry(text)
  } catch (error) {
    throw error instanceof RegistryError ? new RangeError(error.message) : error
  }
}

function readAddresses(text: string): readonly string[] {
  const allow = splitList(text)
  createAddressGuard({ allow })
  return allow
}

function readProxies(text: string): readonly string[] {
  const proxies = splitList(text)
  if (proxies.some((entry) => parseAddressRange(entry) === undefined))
    throw new RangeError('addresses and networks, like 127.0.0.1,10.0.0.0/8')
  return proxies
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function defaultDataDir(texts: (name: string) => string | undefined): string {
  const xdg = texts('XDG_DATA_HOME')
  // The XDG base directory specification has relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'tagboat')
  return join(texts('HOME') ?? '/', '.local/share/tagboat')
}
