import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createApi, deliveryEncoder } from '#api'
import {
  createPlanner,
  startDeliveries,
  startLookout,
  startScheduler,
  startWorker,
  tryIntegration,
} from '#engine'
import { type Person, permissionsOf, SCOPES, type Store } from '#model'
import { createAddressGuard, Network } from '#oci'
import { type OpenStore, openStore } from '#store'
import { type Config, networkOptionsOf } from './config.ts'
import { createLog, type ServiceLog } from './log.ts'
import { Metrics } from './metrics.ts'
import { StartError } from './start-error.ts'

/** A service that runs. */
export interface Service {
  /** Where it listens, as a URL. */
  readonly url: string
  /** Takes no new work, lets what runs end within the grace or hands it back, and closes everything. */
  stop(): Promise<void>
}

const DAY_MS = 86_400_000

/**
 * Puts the rooms together and opens the port. `announce` is given the owner's token, once, when a new database has none and the environment
 * gives none.
 * @throws StartError when the data is in use or cannot be read, or the port is taken; what was opened before is closed again.
 */
export async function startService(config: Config, announce: (token: string) => void): Promise<Service> {
  const log = createLog(config.logLevel)
  const version = await readVersion()
  const parts = new AsyncDisposableStack()
  try {
    const open = await openStoreOf(config, log, { exclusive: true })
    parts.defer(() => open.close())
    await admitOwner(open.store, config, announce)
    const metrics = new Metrics(version, () => open.depths())
    const network = new Network({
      observe: (outcome) => metrics.registryRequest(outcome),
      ...networkOptionsOf(config),
      guard: createAddressGuard({ allow: config.allowAddresses }),
      userAgent: `tagboat/${version}`,
    })
    parts.defer(() => network.close())
    const { leaseMs, graceMs, maxRecoveries, listen, publicUrl, rateLimit, trustedProxies, queryTokens } =
      config
    const now = () => new Date()
    const workerId = `${hostname()}:${process.pid}`
    const { store, work, reminders, deliveries, changes } = open
    const baseUrl = (publicUrl?.href ?? `http://${formatListen(listen)}`).replace(/\/+$/, '')
    const planner = createPlanner(store, network, baseUrl)
    const api = await createApi({
      ...{ store, changes, planner, now, version, log },
      ui: fileURLToPath(new URL('../../web/dist', import.meta.url)),
      publicUrl: publicUrl?.href,
      listen: formatListen(listen),
      rateLimitPerMinute: rateLimit,
      trustedProxies,
      queryTokens,
      mayDial: (url) => network.permits(url),
      tryIntegration: (integration, trial, signal) => tryIntegration(integration, trial, network, signal),
      ready: () => open.health(),
      metrics,
      observe: (exchange) => {
        metrics.request(exchange)
        log.info(exchange, 'request')
      },
    })
    parts.defer(() => api.close())
    // All at once, each within the grace.
    const working: { stop(): Promise<void> }[] = []
    parts.defer(async () => void (await Promise.all(working.map((part) => part.stop()))))
    const worker = await startWorker({
      store,
      work,
      reminders,
      changes,
      network,
      now,
      leaseMs,
      graceMs,
      maxRecoveries,
      workerId,
      log,
      ended: (execution) => metrics.executionEnded(execution),
      baseUrl,
    })
    const lookout = startLookout({ store, network, now, log, everyMs: config.lookEveryMs })
    working.push(worker, startScheduler({ store, now, log }), lookout)
    const encode = deliveryEncoder(publicUrl?.href, formatListen(listen))
    working.push(await startDeliveries({ store, work: deliveries, network, encode, now, graceMs, log }))
    const url = await listenOn(api, listen)
    log.info({ url, version }, 'Tagboat serves')
    return {
      url,
      async stop() {
        log.info({}, 'Tagboat stops')
        await parts.disposeAsync()
      },
    }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

/** What is asked of a new token. */
export interface TokenRequest {
  readonly name: string
  /** Undefined: all. */
  readonly scopes: readonly string[] | undefined
  readonly expiresInDays: number | undefined
}

/**
 * Makes a token for the owner and answers with its text, also beside a running service.
 * @throws StartError for a scope that does not exist, or data that cannot be opened.
 */
export async function createToken(config: Config, request: TokenRequest): Promise<string> {
  const { name, scopes = Object.keys(SCOPES), expiresInDays } = request
  const unknown = scopes.find((scope) => permissionsOf(scope) === undefined)
  if (unknown !== undefined)
    throw new StartError(`no such scope: ${unknown}; there are ${Object.keys(SCOPES).join(', ')}`)
  const log = createLog('silent')
  const open = await openStoreOf(config, log, { beside: true })
  try {
    const { id: personId } = await open.store.tokens.owner()
    const expiresAt = expiresInDays === undefined ? undefined : new Date(Date.now() + expiresInDays * DAY_MS)
    const { text } = await open.store.tokens.create({ personId, name, scopes, workspaces: [], expiresAt })
    return text.reveal()
  } finally {
    await open.close()
  }
}

async function listenOn(
  api: Awaited<ReturnType<typeof createApi>>,
  { host, port }: Config['listen'],
): Promise<string> {
  try {
    return await api.listen({ host, port })
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'another process does' : messageOf(cause)
    throw new StartError(`cannot listen on TAGBOAT_LISTEN=${formatListen({ host, port })}: ${why}`, { cause })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Only over an embedded database is this process known to be the only one that runs jobs. */
async function openStoreOf(
  config: Config,
  log: ServiceLog,
  how: { exclusive?: true; beside?: true },
): Promise<OpenStore> {
  const { databaseUrl, dataDir, masterKeyFile } = config
  try {
    return await openStore({
      database:
        databaseUrl === undefined
          ? { kind: 'embedded', dataDir }
          : { kind: 'url', url: databaseUrl.reveal() },
      masterKeyFile,
      ...(databaseUrl === undefined && how),
      log: (message) => log.info({}, message),
    })
  } catch (cause) {
    const place = databaseUrl === undefined ? dataDir : 'TAGBOAT_DATABASE_URL'
    throw new StartError(`the data (${place}) cannot be opened: ${messageOf(cause)}`, { cause })
  }
}

async function admitOwner(
  store: Store,
  { adminToken }: Config,
  announce: (token: string) => void,
): Promise<void> {
  if (adminToken !== undefined) {
    await store.tokens.setOwner(adminToken)
    return
  }
  const { id: personId }: Person = await store.tokens.owner()
  if ((await store.tokens.list(personId)).length > 0) return
  const draft = { personId, name: 'Owner', scopes: Object.keys(SCOPES), workspaces: [], expiresAt: undefined }
  const { text } = await store.tokens.create(draft)
  announce(text.reveal())
}

function formatListen({ host, port }: Config['listen']): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String(JSON.parse(text).version)
}
