/** Pipelines as text, in the manner of `buddy.yml`, every mistake with its line and column. */
export { formatDiff } from './diff.ts'
export { formatProblem, YamlError, type YamlErrorCode, type YamlProblem } from './errors.ts'
export { formatPipelines, type PipelineBody } from './format.ts'
export { type Definition, type PipelineDefinition, parsePipelines } from './parse.ts'
export { type PromotionEntry, parsePromotions } from './promotions.ts'
