import type { Store } from '#model'
import type { Log } from './log.ts'
import { makeRounds } from './rounds.ts'

/** What a sweeper works with. Times in milliseconds. */
export interface SweeperOptions {
  readonly store: Store
  readonly log: Log
  /** How often is looked for what has been abandoned. */
  readonly everyMs: number
}

/** In one round, so that what only waits for long keeps nobody busy. */
const AT_MOST = 100

/**
 * Puts executions into the queue again whose worker has not renewed its lease, or whose job is nowhere to be found. Every process does so, and each
 * execution is found by one of them: nothing that becomes of a worker or of a job loses an execution.
 */
export function startSweeper(options: SweeperOptions): { stop(): Promise<void> } {
  const round = async (stopped: AbortSignal): Promise<void> => {
    for (let left = AT_MOST; left > 0 && !stopped.aborted && (await sweepOne(options)); ) left -= 1
  }
  return makeRounds(round, options.everyMs, (err) =>
    options.log.error({ err }, 'what was abandoned could not be looked for'),
  )
}

/** False: there is none. */
async function sweepOne({ store, log }: SweeperOptions): Promise<boolean> {
  const lapsed = await store.transaction(async (within) => {
    const found = await within.executions.takeLapsed()
    if (found !== undefined) await within.queue.enqueue(found.id, { priority: found.priority })
    return found
  })
  if (lapsed?.worker !== undefined) {
    const { id: execution, worker } = lapsed
    log.warn(
      { execution, worker },
      'an execution was abandoned by its worker and is put into the queue again',
    )
  }
  return lapsed !== undefined
}
