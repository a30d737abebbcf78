import { type Execution, ModelError, type Pipeline, type Store } from '#model'
import { cancelAll } from './control.ts'
import { type ExecutionRequest, freeze } from './freeze.ts'
import { aimed } from './resolve.ts'

/**
 * Makes an execution of the pipeline as it is now, and the job that runs it, in one transaction: both are there, or neither, and where stale
 * runs are to end, those before it are called off with it. Whatever happens to pipeline and actions afterwards does not reach it. Where the
 * pipeline has a loop there are several, and the first is answered.
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
    // Before anything else is locked: workers that end one of them have it first, too.
    const stale = terminateStale ? await within.executions.takeOpen(pipeline.id) : []
    const executions: Execution[] = []
    for (const draft of await freeze(within, pipeline, request, now)) {
      const { id } = await within.executions.create(draft, now)
      const execution = await within.executions.change(id, aimed)
      if (execution === undefined) throw new Error(`execution ${id} is gone as soon as it was made`)
      if (execution.delayUntil !== undefined) await within.queue.remind(id, execution.delayUntil)
      else await within.queue.enqueue(id, { priority: execution.priority })
      executions.push(execution)
    }
    if (stale.length > 0)
      await cancelAll(within, stale, now, { comment: `a newer run began: ${executions[0]?.number}` })
    return executions
  })
  const [first] = made
  if (first === undefined) throw new Error('a pipeline has no run')
  return first
}
