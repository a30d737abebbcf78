import { fileURLToPath } from 'node:url'
import { createApi } from '#api'
import { createPlanner, startSweeper, tryIntegration } from '#engine'
import { SCOPES, type Store } from '#model'
import { type Config, ConfigError } from './config.ts'
import { showNumbers } from './gauge.ts'
import { type Ground, layGround } from './ground.ts'
import { startLabour } from './labour.ts'
import { StartError } from './start-error.ts'

/** A process that does its part until it is told to stop. */
export interface Working {
  /** Takes no new work, lets what runs end within the grace or hands it back, and closes everything. */
  stop(): Promise<void>
}

/** A service that runs. */
export interface Service extends Working {
  /** Where it listens, as a URL. */
  readonly url: string
}

/** How a service is started. */
export interface ServiceOptions {
  /** Is given the owner's token, once, when a new database has none and the environment gives none. */
  readonly announce: (token: string) => void
  /** False: it answers, and leaves what is to be run to workers in processes of their own. */
  readonly worker?: boolean
}

/**
 * Puts the rooms together and opens the port.
 * @throws StartError when the data is in use or cannot be read, or the port is taken; what was opened before is closed again.
 * @throws ConfigError when others are to do the work, and there is no database to meet them at.
 */
export async function startService(
  config: Config,
  { announce, worker = true }: ServiceOptions,
): Promise<Service> {
  if (!worker) needDatabase(config)
  return begin(config, async (ground, parts) => {
    await admitOwner(ground.open.store, config, announce)
    const api = await openApi(ground)
    parts.defer(() => api.close())
    if (worker) await startLabour(ground, parts)
    const url = await listenOn(api, ground)
    ground.log.info({ url, version: ground.version }, 'Tagboat serves')
    return { url }
  })
}

/**
 * Works on a database that a service, and any number of further workers, share.
 * @throws StartError when it cannot be reached; ConfigError when none is named.
 */
export async function startWorkerAlone(config: Config): Promise<Working> {
  needDatabase(config)
  return begin(config, async (ground, parts) => {
    if (config.metricsListen !== undefined) {
      const shown = await showNumbers(ground, config.metricsListen)
      parts.defer(() => shown.close())
    }
    await startLabour(ground, parts)
    ground.log.info({ version: ground.version }, 'a worker of Tagboat works')
    return {}
  })
}

/** How long at most an execution that was abandoned is not found. */
const SWEEP_MS = 5000

function needDatabase({ databaseUrl }: Config): void {
  if (databaseUrl === undefined)
    throw new ConfigError(
      'TAGBOAT_DATABASE_URL',
      'needed where workers are processes of their own: the PostgreSQL that comes with Tagboat is for one process',
    )
}

async function begin<T>(
  config: Config,
  open: (ground: Ground, parts: AsyncDisposableStack) => Promise<T>,
): Promise<T & Working> {
  const parts = new AsyncDisposableStack()
  try {
    const ground = await layGround(config, parts)
    const { log, open: data } = ground
    const everyMs = Math.min(SWEEP_MS, config.leaseMs / 3)
    const sweeper = startSweeper({ store: data.store, log, everyMs })
    parts.defer(() => sweeper.stop())
    const opened = await open(ground, parts)
    return {
      ...opened,
      async stop() {
        ground.log.info({}, 'Tagboat stops')
        await parts.disposeAsync()
      },
    }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

function openApi(ground: Ground): ReturnType<typeof createApi> {
  const { config, version, log, open, network, metrics, baseUrl, listen, now } = ground
  const { publicUrl, rateLimit, trustedProxies, queryTokens } = config
  const { store, changes } = open
  const planner = createPlanner(store, network, baseUrl)
  return createApi({
    ...{ store, changes, planner, now, version, log, listen, trustedProxies, queryTokens, metrics },
    ui: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    publicUrl: publicUrl?.href,
    rateLimitPerMinute: rateLimit,
    mayDial: (url) => network.permits(url),
    tryIntegration: (integration, trial, signal) => tryIntegration(integration, trial, network, signal),
    ready: () => open.health(),
    observe: (exchange) => {
      metrics.request(exchange)
      log.info(exchange, 'request')
    },
  })
}

async function listenOn(
  api: Awaited<ReturnType<typeof createApi>>,
  { config, listen }: Ground,
): Promise<string> {
  try {
    return await api.listen(config.listen)
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? 'another process does'
        : cause instanceof Error
          ? cause.message
          : String(cause)
    throw new StartError(`cannot listen on TAGBOAT_LISTEN=${listen}: ${why}`, { cause })
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
  const { id: personId } = await store.tokens.owner()
  if ((await store.tokens.list(personId)).length > 0) return
  const draft = { personId, name: 'Owner', scopes: Object.keys(SCOPES), workspaces: [], expiresAt: undefined }
  const { text } = await store.tokens.create(draft)
  announce(text.reveal())
}
