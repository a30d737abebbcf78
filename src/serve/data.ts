import { type OpenStore, openStore, type StoreOptions } from '#store'
import type { Config } from './config.ts'
import type { ServiceLog } from './log.ts'
import { StartError } from './start-error.ts'

/**
 * Opens the data that the configuration names. Only over an embedded database is this process known to be the only one that runs jobs.
 * @throws StartError
 */
export async function openStoreOf(
  config: Config,
  log: ServiceLog,
  how: { exclusive?: true; beside?: true },
): Promise<OpenStore> {
  const { databaseUrl, dataDir } = config
  const place = databaseUrl === undefined ? dataDir : 'TAGBOAT_DATABASE_URL'
  return withData(config, `the data (${place}) cannot be opened`, (data) =>
    openStore({
      ...data,
      ...(databaseUrl === undefined && how),
      log: (message) => log.info({}, message),
    }),
  )
}

/**
 * Does something with the data that the configuration names.
 * @throws StartError that says what could not be done, and why.
 */
export async function withData<T>(
  { databaseUrl, dataDir, masterKeyFile }: Config,
  failed: string,
  work: (data: StoreOptions) => Promise<T>,
): Promise<T> {
  try {
    return await work({
      database:
        databaseUrl === undefined
          ? { kind: 'embedded', dataDir }
          : { kind: 'url', url: databaseUrl.reveal() },
      masterKeyFile,
    })
  } catch (cause) {
    throw new StartError(`${failed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
