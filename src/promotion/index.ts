/** What it means to promote an image: plan, gate, perform, receipt. Pure: it knows registries by what they can do, and no pipelines. */
export { on, PromotionError, type PromotionErrorCode, type Side } from './errors.ts'
export { type GateRules, gate } from './gate.ts'
export { type PerformOptions, perform } from './perform.ts'
export { type Move, type Part, type Plan, type PlanOptions, plan } from './plan.ts'
export type { Progress } from './progress.ts'
export { formatBytes, formatPlan, type Receipt } from './receipt.ts'
export type { PromotionRequest, Source, Target } from './request.ts'
export { type Phase, type Phases, Stopwatch } from './stopwatch.ts'
