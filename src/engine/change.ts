import {
  type Claim,
  type Execution,
  type ExecutionId,
  isFinal,
  isReady,
  ModelError,
  type Store,
} from '#model'

/**
 * Changes an execution, and does in the same transaction what follows from it: an end is counted, and those who waited for what this one has
 * let go of are put into the queue. Undefined when it is gone, or the claim on it.
 */
export function changeExecution(
  store: Store,
  id: ExecutionId,
  change: (execution: Execution) => Execution,
  claim?: Claim,
): Promise<Execution | undefined> {
  return store.transaction(async (within) => {
    let before: Execution | undefined
    const keep = (found: Execution): Execution => {
      before = found
      return change(found)
    }
    const after = await within.executions.change(id, keep, claim)
    if (after === undefined || before === undefined || after === before) return after
    if (isFinal(after.status) && !isFinal(before.status)) await countEnd(within, after)
    if (letsGo(before, after)) {
      for (const waiting of await within.turns.behind(after))
        await within.queue.enqueue(waiting.id, { priority: waiting.priority })
    }
    return after
  })
}

/** The execution, which is to be there. @throws ModelError NOT_FOUND */
export function there(execution: Execution | undefined): Execution {
  if (execution === undefined) throw new ModelError('NOT_FOUND', 'no such execution')
  return execution
}

/** What was called off, or never began, says nothing about how the pipeline does. */
async function countEnd(within: Store, { pipelineId, status }: Execution): Promise<void> {
  if (status === 'succeeded' || status === 'failed')
    await within.pipelines.countEnd(pipelineId, status === 'failed')
}

function letsGo(before: Execution, after: Execution): boolean {
  if (isReady(before.status) && !isReady(after.status)) return true
  const aims = ({ status }: Execution['actions'][number]): boolean =>
    status === 'running' || status === 'initial'
  return after.actions.some((action, index) => {
    const was = before.actions[index]
    return was?.aim !== undefined && aims(was) && !aims(action)
  })
}
