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
  return store.transaction(async (within) => (await changeExecutions(within, [id], change, claim))[0])
}

interface Change {
  readonly before: Execution
  readonly after: Execution
}

/**
 * Changes several, and does what follows from all of it together: who waits for what is locked in one order, so that two who do so never wait for
 * each other. Those that are gone, or that the claim does not hold any more, are left out.
 */
export async function changeExecutions(
  within: Store,
  ids: readonly ExecutionId[],
  change: (execution: Execution) => Execution,
  claim?: Claim,
): Promise<readonly Execution[]> {
  const changes: Change[] = []
  for (const id of ids) {
    let before: Execution | undefined
    const keep = (found: Execution): Execution => {
      before = found
      return change(found)
    }
    const after = await within.executions.change(id, keep, claim)
    if (after && before) changes.push({ before, after })
  }
  await follow(within, changes)
  return changes.map(({ after }) => after)
}

async function follow(within: Store, changes: readonly Change[]): Promise<void> {
  const made = changes.filter(({ before, after }) => before !== after)
  for (const { before, after } of made)
    if (isFinal(after.status) && !isFinal(before.status)) await countEnd(within, after)
  const givers = made.filter(({ before, after }) => letsGo(before, after)).map(({ after }) => after)
  if (givers.length === 0) return
  for (const { id, priority } of await within.turns.behind(givers))
    await within.queue.enqueue(id, { priority })
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
