/** What makes executions happen, and survive. It knows the model's ports, not who keeps them. */
export { cancelExecution, retryExecution } from './control.ts'
export { type ImageField, locate, locatePromotion } from './locate.ts'
export { draftPromotion, type ImageDraft, type PromotionDraft, settlePromotion } from './settle.ts'
export { type ExecutionRequest, startExecution } from './start.ts'
