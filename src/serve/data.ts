import { type OpenStore, openStore } from '#store'
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
    throw new StartError(
      `the data (${place}) cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
