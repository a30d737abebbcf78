/** Buddy's dialect, over HTTP. */
export { type ApiOptions, createApi } from './app.ts'
export { deliveryEncoder } from './webhooks.ts'
