import { join, resolve } from 'node:path'
import { Secret } from '#model'
import { createProxies, DEFAULT_NETWORK, type NetworkOptions, type Proxies, type TlsSettings } from '#oci'
import { ConfigError, hidden, nearest, oneOf, optional, type Setting, setting, whole } from './setting.ts'
import {
  defaultDataDir,
  readAddresses,
  readAdminToken,
  readBandwidth,
  readDatabaseUrl,
  readEndpoints,
  readListen,
  readPem,
  readProxy,
  readPublicUrl,
  readTrustedProxies,
  readUrl,
} from './values.ts'

export { ConfigError } from './setting.ts'
export type { Listen } from './values.ts'

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
  ca: optional('TAGBOAT_CA_FILE', readPem(/CERTIFICATE/)),
  clientCert: optional('TAGBOAT_CLIENT_CERT_FILE', readPem(/CERTIFICATE/)),
  clientKey: optional('TAGBOAT_CLIENT_KEY_FILE', (text) => new Secret(readPem(/PRIVATE KEY/)(text))),
  httpProxy: hidden('HTTP_PROXY', readProxy),
  httpsProxy: hidden('HTTPS_PROXY', readProxy),
  noProxy: optional('NO_PROXY', (text) => text),
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
  leaseMs: setting('TAGBOAT_LEASE_MS', 15_000, whole(100, 3_600_000)),
  lookEveryMs: setting('TAGBOAT_LOOK_EVERY_MS', 300_000, whole(1000, YEAR_MS)),
  graceMs: setting('TAGBOAT_GRACE_MS', 10_000, whole(0, 3_600_000)),
  maxRecoveries: setting('TAGBOAT_MAX_RECOVERIES', 5, whole(0, 1000)),
  metricsListen: optional('TAGBOAT_METRICS_LISTEN', readListen),
  rateLimit: setting('TAGBOAT_RATE_LIMIT', 100_000, whole(1, 1e9)),
  trustedProxies: setting('TAGBOAT_TRUSTED_PROXIES', '', readTrustedProxies),
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
    const given = textIn(env, name)
    return given ?? entries.find(([, one]) => one.name === name)?.[1].fallback(textOf)
  }
  const values: Record<string, unknown> = {}
  const settings = entries.map(([key, { name, secret, read, fallback }]): ShownSetting => {
    const given = textIn(env, name)
    const text = given ?? fallback(textOf)
    values[key] = text === undefined ? undefined : readOne(name, secret, text, read)
    const value = text !== undefined && secret ? '[secret]' : text
    return { name, value, origin: given === undefined ? 'default' : 'environment', secret }
  })
  const config = { ...(values as unknown as Values), settings }
  if (config.clientCert === undefined && config.clientKey !== undefined)
    throw new ConfigError('TAGBOAT_CLIENT_CERT_FILE', 'is needed beside TAGBOAT_CLIENT_KEY_FILE')
  if (config.clientCert !== undefined && config.clientKey === undefined)
    throw new ConfigError('TAGBOAT_CLIENT_KEY_FILE', 'is needed beside TAGBOAT_CLIENT_CERT_FILE')
  return config
}

/** Proxies are written in both cases, everywhere. */
function textIn(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return (name.endsWith('_PROXY') && env[name.toLowerCase()]) || env[name] || undefined
}

/** How registries are spoken to, for whoever opens a network; its guard is for the service to add. */
export function networkOptionsOf(config: Config): Omit<NetworkOptions, 'guard' | 'userAgent' | 'peers'> {
  const { endpoints, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, minBytesPerSecond } = config
  const { retries, retryBaseMs, retryAfterMaxMs, registryConcurrency, bandwidth, chunkBytes, manifestBytes } =
    config
  return {
    endpoints,
    proxies: proxiesOf(config),
    tls: tlsOf(config),
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

function proxiesOf({ httpProxy, httpsProxy, noProxy }: Config): Proxies | undefined {
  const [http, https] = [httpProxy, httpsProxy].map((secret) => secret && new URL(secret.reveal()))
  return createProxies({ http, https, except: noProxy })
}

function tlsOf({ ca, clientCert: cert, clientKey: key }: Config): TlsSettings | undefined {
  return ca === undefined && cert === undefined ? undefined : { ca, cert, key: key?.reveal() }
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
