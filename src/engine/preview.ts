import type { Execution, Pipeline, PlannedPromotion, Store } from '#model'
import { isToPromote } from './ahead.ts'
import { type ExecutionRequest, freeze } from './freeze.ts'
import type { Planner } from './planner.ts'

/**
 * What the promotions of the pipeline would do if it ran now. Nothing is written, here or at the registries. Of a pipeline with a loop it is
 * the first run.
 * @throws ModelError as `startExecution`
 */
export async function planPipeline(
  planner: Planner,
  pipeline: Pipeline,
  request: ExecutionRequest,
  now: Date,
): Promise<readonly PlannedPromotion[]> {
  const execution = await imagine(planner.store, pipeline, request, now)
  if (execution === undefined) return []
  const usual = execution.actions.filter(({ action }) => USUAL.has(action.triggerTime)).filter(isToPromote)
  const planned = await planner.ahead(execution, usual)
  return planned.map((item) => ({ ...item, id: undefined }))
}

/** The first run that would be made of the pipeline now, without being made. @throws ModelError as `startExecution` */
export async function imagine(
  store: Store,
  pipeline: Pipeline,
  request: ExecutionRequest,
  now: Date,
): Promise<Execution | undefined> {
  const [draft] = await freeze(store, pipeline, request, now)
  return (
    draft && {
      ...draft,
      ...{ id: 0 as Execution['id'], number: 0, pipelineId: pipeline.id, status: 'enqueued' },
      ...{ createdAt: now, startedAt: undefined, finishedAt: undefined, cancelled: undefined, recoveries: 0 },
      actions: draft.actions.map((action) => ({
        ...INITIAL,
        ...action,
        id: '' as Execution['actions'][number]['id'],
      })),
    }
  )
}

/** What runs when all goes well. */
const USUAL: ReadonlySet<string> = new Set(['on-every-execution', 'on-success'])

const INITIAL = {
  status: 'initial',
  progress: 0,
  attempts: 0,
  startedAt: undefined,
  finishedAt: undefined,
  aim: undefined,
  approval: undefined,
  failure: undefined,
  outcome: undefined,
} as const
