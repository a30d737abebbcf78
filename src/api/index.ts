/** Buddy's dialect, over HTTP. */
export { type ApiOptions, createApi } from './app.ts'
export type { Exchange } from './observe.ts'
export { deliveryEncoder } from './webhooks.ts'
