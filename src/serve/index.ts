import type { Config } from './config.ts'
import type { Service, TokenRequest } from './service.ts'

/** Configuration and wiring: the only room that sees all. The service itself is loaded when it is started. */
export {
  type Config,
  ConfigError,
  type Listen,
  networkOptionsOf,
  readConfig,
  type ShownSetting,
} from './config.ts'
export type { Service, TokenRequest } from './service.ts'
export { nearest } from './setting.ts'
export { StartError } from './start-error.ts'

/**
 * Starts the service: database, API, worker, port. `announce` hears the owner's token when one is made, at the first start.
 * @throws StartError when the data is in use or cannot be read, or the port is taken.
 */
export async function startService(config: Config, announce: (token: string) => void): Promise<Service> {
  return (await import('./service.ts')).startService(config, announce)
}

/**
 * Makes a token for the owner and answers with its text, also beside a running service.
 * @throws StartError for a scope that does not exist, or data that cannot be opened.
 */
export async function createToken(config: Config, request: TokenRequest): Promise<string> {
  return (await import('./service.ts')).createToken(config, request)
}
