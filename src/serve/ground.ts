import { readFile } from 'node:fs/promises'
import { createAddressGuard, Network } from '#oci'
import type { OpenStore } from '#store'
import { type Config, networkOptionsOf } from './config.ts'
import { openStoreOf } from './data.ts'
import { createLog, type ServiceLog } from './log.ts'
import { Metrics } from './metrics.ts'

/** What each process stands on, whatever it does there: the data, the network, and somebody to tell of it. */
export interface Ground {
  readonly config: Config
  readonly version: string
  readonly log: ServiceLog
  readonly open: OpenStore
  readonly network: Network
  readonly metrics: Metrics
  /** Below which people see the pages, without a slash at its end. */
  readonly baseUrl: string
  /** `host:port`, for those who are reached nowhere else. */
  readonly listen: string
  readonly now: () => Date
}

/**
 * Opens it; what is opened is closed with `parts`.
 * @throws StartError when the data is in use or cannot be read.
 */
export async function layGround(config: Config, parts: AsyncDisposableStack): Promise<Ground> {
  const log = createLog(config.logLevel)
  const version = await readVersion()
  const open = await openStoreOf(config, log, { exclusive: true })
  parts.defer(() => open.close())
  const metrics = new Metrics(version, () => open.depths())
  const network = new Network({
    observe: (outcome) => metrics.registryRequest(outcome),
    ...networkOptionsOf(config),
    guard: createAddressGuard({ allow: config.allowAddresses }),
    // The PostgreSQL that comes along is one process's.
    peers: config.databaseUrl && open.peers,
    userAgent: `tagboat/${version}`,
  })
  parts.defer(() => network.close())
  const listen = formatListen(config.listen)
  const baseUrl = (config.publicUrl?.href ?? `http://${listen}`).replace(/\/+$/, '')
  return { config, version, log, open, network, metrics, baseUrl, listen, now: () => new Date() }
}

function formatListen({ host, port }: Config['listen']): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The product's own version. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String(JSON.parse(text).version)
}
