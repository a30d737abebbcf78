/** Configuration and wiring: the only room that sees all. The service itself is loaded when it is started. */
export {
  type Config,
  ConfigError,
  type Listen,
  networkOptionsOf,
  readConfig,
  type ShownSetting,
} from './config.ts'
export { nearest } from './setting.ts'
