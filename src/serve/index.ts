import type { Readable, Writable } from 'node:stream'
import type { Backup, Rotation } from '#store'
import type { Config } from './config.ts'
import type { Service, ServiceOptions, Working } from './service.ts'
import type { TokenRequest } from './token.ts'

export type { Backup, Rotation } from '#store'
/** Configuration and wiring: the only room that sees all. The service itself is loaded when it is started. */
export {
  type Config,
  ConfigError,
  type Listen,
  networkOptionsOf,
  readConfig,
  type ShownSetting,
} from './config.ts'
export type { Service, ServiceOptions, Working } from './service.ts'
export { nearest } from './setting.ts'
export { StartError } from './start-error.ts'
export type { TokenRequest } from './token.ts'

/**
 * Starts the service: database, API, worker unless that is left to others, port.
 * @throws StartError when the data is in use or cannot be read, or the port is taken; ConfigError when there is nothing to meet others at.
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  return (await import('./service.ts')).startService(config, options)
}

/**
 * Starts a worker by itself, on a database that a service and further workers share.
 * @throws StartError when it cannot be reached; ConfigError when none is named.
 */
export async function startWorkerAlone(config: Config): Promise<Working> {
  return (await import('./service.ts')).startWorkerAlone(config)
}

/**
 * Makes a token for the owner and answers with its text, also beside a running service.
 * @throws StartError for a scope that does not exist, or data that cannot be opened.
 */
export async function createToken(config: Config, request: TokenRequest): Promise<string> {
  return (await import('./token.ts')).createToken(config, request)
}

/**
 * Rotates the master key, also beside a running service; each step is told before it is taken.
 * @throws StartError with what stands in the way.
 */
export async function rotateKeys(config: Config, tell: (step: string) => void): Promise<Rotation> {
  return (await import('./keys.ts')).rotateKeys(config, tell)
}

/**
 * Backs the data up into a file or a stream, also beside a running service.
 * @throws StartError
 */
export async function backUp(config: Config, to: string | Writable, signal: AbortSignal): Promise<Backup> {
  return (await import('./backup.ts')).backUp(config, to, signal)
}

/**
 * Fills empty data with a backup from a file or a stream.
 * @throws StartError when it is not empty, the backup is none or damaged, or the master key is another one; nothing is changed then.
 */
export async function restore(config: Config, from: string | Readable, signal: AbortSignal): Promise<Backup> {
  return (await import('./backup.ts')).restore(config, from, signal)
}
