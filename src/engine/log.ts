/** Where the engine tells its operator what people cannot see; pino's loggers are such. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
