/** What makes executions happen, and survive. It knows the model's ports, not who keeps them. */
export { cancelExecution, retryExecution } from './control.ts'
export { type DeliveryOptions, startDeliveries } from './deliver.ts'
export type { ActionErrorCode } from './failure.ts'
export { type ImageField, locate, locatePromotion } from './locate.ts'
export type { Log } from './log.ts'
export { draftPromotion, type ImageDraft, NOTHING, type PromotionDraft, settlePromotion } from './settle.ts'
export { type ExecutionRequest, startExecution } from './start.ts'
export { type ExecutionChanges, startWorker, type Worker, type WorkerOptions } from './worker.ts'
