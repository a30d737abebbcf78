/** A client of the API. Made of its description, but for how it speaks. It runs wherever there is `fetch`. */
export type { CallOptions, ClientOptions, Key, Query } from './connection.ts'
export { ApiError, type Problem } from './error.ts'
export type { ServerEvent } from './events.ts'
export * from './tagboat.ts'
export type * from './types.ts'
