import {
  type ActionId,
  type Execution,
  ModelError,
  type PersonId,
  type Pipeline,
  type Priority,
  type Store,
  type Trigger,
} from '#model'

/** Who wants an execution, and how. */
export interface ExecutionRequest {
  readonly creatorId: PersonId
  /** By a person's click unless said otherwise. */
  readonly triggeredOn?: Trigger
  /** The pipeline's own unless given. */
  readonly priority?: Priority
  readonly comment?: string
  /** These actions alone, in the pipeline's order; undefined: all. */
  readonly actionsToRun?: readonly ActionId[]
}

/**
 * Makes an execution of the pipeline as it is now, and the job that runs it, in one transaction: both are there, or neither. Whatever
 * happens to pipeline and actions afterwards does not reach it.
 * @throws ModelError INVALID (field `actions_to_run`) for an action that the pipeline does not have; CONFLICT when the pipeline is disabled
 * or nothing of it would run.
 */
export function startExecution(
  store: Store,
  pipeline: Pipeline,
  request: ExecutionRequest,
  now: Date,
): Promise<Execution> {
  return store.transaction(async (within) => {
    if (pipeline.disabled) {
      const reason = pipeline.disabledReason ? ` (${pipeline.disabledReason})` : ''
      throw new ModelError('CONFLICT', `the pipeline ${pipeline.identifier} is disabled${reason}`)
    }
    const all = await within.actions.list(pipeline.id)
    const wanted = request.actionsToRun && new Set(request.actionsToRun)
    const unknown = wanted && [...wanted].find((id) => !all.some((action) => action.id === id))
    if (unknown !== undefined || wanted?.size === 0) {
      const why = unknown === undefined ? 'names no action' : `the pipeline has no action ${unknown}`
      throw new ModelError('INVALID', `actions_to_run: ${why}`, { field: 'actions_to_run' })
    }
    const actions = all.filter((action) => wanted?.has(action.id) ?? true)
    if (actions.every((action) => action.disabled))
      throw new ModelError('CONFLICT', `the pipeline ${pipeline.identifier} has no action to run`)
    const { creatorId, comment, triggeredOn = 'click' } = request
    const priority = request.priority ?? pipeline.priority
    const execution = await within.executions.create(
      { pipeline, actions, priority, comment, creatorId, triggeredOn },
      now,
    )
    await within.queue.enqueue(execution.id, { priority })
    return execution
  })
}
