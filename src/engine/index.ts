/** What makes executions happen, and survive. It knows the model's ports, not who keeps them. */

export { answerExecution, applyExecution, type Reply, setVariables } from './answer.ts'
export { type CalledOff, cancelExecution, lookAfter, retryExecution, runDelayed } from './control.ts'
export { type DeliveryOptions, startDeliveries } from './deliver.ts'
export { type Edge, edgesOf } from './edges.ts'
export { type Trial, type TrialFinding, type TrialResult, tryIntegration } from './examine.ts'
export type { ActionErrorCode } from './failure.ts'
export type { ExecutionRequest, PassedVariable } from './freeze.ts'
export { type ImageField, locate, locatePromotion } from './locate.ts'
export type { Log } from './log.ts'
export { type LookoutOptions, startLookout } from './lookout.ts'
export { type PushedImage, readNotice } from './notice.ts'
export { createPlanner, type Planner } from './planner.ts'
export { planPipeline } from './preview.ts'
export { type SchedulerOptions, startScheduler } from './schedule.ts'
export {
  draftPromotion,
  type ImageDraft,
  NOTHING,
  type PromotionDraft,
  sameHost,
  settlePromotion,
} from './settle.ts'
export { startExecution } from './start.ts'
export { type SweeperOptions, startSweeper } from './sweep.ts'
export { cronSchedule, nextTick } from './tick.ts'
export { makeTriggerKey, startByNotice, startByWebhook } from './trigger.ts'
export { type ActionSeen, NOTHING_SEEN, type Seen, type Sighting, watchExecution } from './watch.ts'
export { type ExecutionChanges, startWorker, type Worker, type WorkerOptions } from './worker.ts'
