import { advance, type Execution, type ExecutionId, ModelError, type Store } from '#model'

/**
 * Calls an execution off. One that waits is terminated at once; one that runs is `terminating` until its worker has let go, and may still
 * turn out as succeeded when its last tag had moved already. Doing it twice is doing it once.
 * @throws ModelError CONFLICT when it has succeeded or failed; NOT_FOUND.
 */
export async function cancelExecution(store: Store, id: ExecutionId, now: Date): Promise<Execution> {
  const changed = await store.executions.change(id, (execution) =>
    advance(execution, { kind: 'cancel', at: now }),
  )
  return there(changed)
}

/**
 * Runs a failed or terminated execution again, the same one: what has succeeded stays done, and what was resolved stays pinned.
 * @throws ModelError CONFLICT when it has not failed and was not terminated; NOT_FOUND.
 */
export function retryExecution(store: Store, id: ExecutionId, now: Date): Promise<Execution> {
  return store.transaction(async (within) => {
    const changed = there(
      await within.executions.change(id, (execution) => advance(execution, { kind: 'retry', at: now })),
    )
    await within.queue.enqueue(id, { priority: changed.priority })
    return changed
  })
}

function there(execution: Execution | undefined): Execution {
  if (execution === undefined) throw new ModelError('NOT_FOUND', 'no such execution')
  return execution
}
