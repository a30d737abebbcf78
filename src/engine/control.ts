import { advance, type Execution, type ExecutionId, type PersonId, type Store } from '#model'
import { changeExecution, changeExecutions, there } from './change.ts'
import { aimed } from './resolve.ts'

/** Who calls an execution off, and what they say to it. */
export interface CalledOff {
  readonly by?: PersonId
  readonly comment?: string
}

/**
 * Calls an execution off. One that nobody runs is terminated at once, unless something is to be done about it; one that runs is
 * `terminating` until its worker has let go, and may still turn out as succeeded when its last tag had moved already. Doing it twice is doing
 * it once.
 * @throws ModelError CONFLICT when it has succeeded or failed; NOT_FOUND.
 */
export function cancelExecution(
  store: Store,
  id: ExecutionId,
  now: Date,
  who: CalledOff = {},
): Promise<Execution> {
  return store.transaction(async (within) => there((await cancelAll(within, [id], now, who))[0]))
}

/** The same, of all of them or none. @throws ModelError as {@link cancelExecution} */
export async function cancelAll(
  within: Store,
  ids: readonly ExecutionId[],
  now: Date,
  who: CalledOff,
): Promise<readonly Execution[]> {
  const held = new Set<ExecutionId>()
  const changed = await changeExecutions(within, ids, (execution) => {
    if (execution.status === 'running' || execution.status === 'terminating') held.add(execution.id)
    return advance(execution, { kind: 'cancel', at: now, ...who })
  })
  // A worker is needed to do what is done about it.
  for (const { id, status, priority } of changed)
    if (status === 'terminating' && !held.has(id)) await within.queue.enqueue(id, { priority })
  return changed
}

/**
 * Runs a failed or terminated execution again, the same one: what has succeeded stays done, and what was resolved stays pinned.
 * @throws ModelError CONFLICT when it has not failed and was not terminated; NOT_FOUND.
 */
export function retryExecution(store: Store, id: ExecutionId, now: Date): Promise<Execution> {
  return goOn(store, id, (execution) => advance(execution, { kind: 'retry', at: now }))
}

/**
 * Runs an execution now that was to wait until later.
 * @throws ModelError CONFLICT when it does not wait for its time; NOT_FOUND.
 */
export function runDelayed(store: Store, id: ExecutionId): Promise<Execution> {
  return goOn(store, id, (execution) => advance(execution, { kind: 'due' }))
}

/**
 * Does what has become due of an execution: one whose time has come is put into the queue, and a question that nobody has
 * answered in time fails. To be called when the queue reminds of it.
 */
export async function lookAfter(store: Store, id: ExecutionId, now: Date): Promise<void> {
  await store.transaction(async (within) => {
    const changed = await changeExecution(within, id, (execution) => {
      const due = execution.status === 'delayed' && (execution.delayUntil ?? now) <= now
      return due
        ? aimed(advance(execution, { kind: 'due' }))
        : advance(execution, { kind: 'expired', at: now })
    })
    if (changed?.status === 'enqueued') await within.queue.enqueue(id, { priority: changed.priority })
  })
}

/** Changes an execution that nobody runs to one that is to be run, and puts it into the queue. */
export function goOn(
  store: Store,
  id: ExecutionId,
  change: (execution: Execution) => Execution,
): Promise<Execution> {
  return store.transaction(async (within) => {
    const changed = there(await changeExecution(within, id, (execution) => aimed(change(execution))))
    if (changed.status === 'enqueued') await within.queue.enqueue(id, { priority: changed.priority })
    return changed
  })
}
