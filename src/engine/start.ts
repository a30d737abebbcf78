import { type Execution, isFinal, ModelError, type Pipeline, type Store } from '#model'
import { cancelExecution } from './control.ts'
import { type ExecutionRequest, freeze } from './freeze.ts'
import { aimed } from './resolve.ts'

/**
 * Makes an execution of the pipeline as it is now, and the job that runs it, in one transaction: both are there, or neither. Whatever
 * happens to pipeline and actions afterwards does not reach it. Where the pipeline has a loop there are several, and the first is answered.
 * @throws ModelError INVALID (field `actions_to_run`) for an action that the pipeline does not have; CONFLICT when the pipeline is disabled,
 * or paused and no person asks, or nothing of it would run.
 */
export async function startExecution(
  store: Store,
  pipeline: Pipeline,
  request: ExecutionRequest,
  now: Date,
): Promise<Execution> {
  const { disabled, paused, disabledReason, identifier, terminateStale } = pipeline
  if (disabled) {
    const reason = disabledReason ? ` (${disabledReason})` : ''
    throw new ModelError('CONFLICT', `the pipeline ${identifier} is disabled${reason}`)
  }
  if (paused && (request.triggeredOn ?? 'click') !== 'click')
    throw new ModelError('CONFLICT', `the pipeline ${identifier} is paused`)
  const made = await store.transaction(async (within) => {
    const executions: Execution[] = []
    for (const draft of await freeze(within, pipeline, request, now)) {
      const { id } = await within.executions.create(draft, now)
      const execution = await within.executions.change(id, aimed)
      if (execution === undefined) throw new Error(`execution ${id} is gone as soon as it was made`)
      if (execution.delayUntil !== undefined) await within.queue.remind(id, execution.delayUntil)
      else await within.queue.enqueue(id, { priority: execution.priority })
      executions.push(execution)
    }
    return executions
  })
  const [first] = made
  if (first === undefined) throw new Error('a pipeline has no run')
  if (terminateStale) await endOthers(store, first, now)
  return first
}

/** Calls off those before it that have not ended. One that ends by itself at this moment is left alone. */
async function endOthers(store: Store, { pipelineId, number }: Execution, at: Date): Promise<void> {
  for (const id of await store.executions.open(pipelineId)) {
    const open = await store.executions.findById(id)
    if (open === undefined || open.number >= number || isFinal(open.status)) continue
    await cancelExecution(store, id, at, { comment: `a newer run began: ${number}` }).catch((error) => {
      if (!(error instanceof ModelError && error.code === 'CONFLICT')) throw error
    })
  }
}
