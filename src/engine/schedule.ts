import { type DueSchedule, ModelError, type PipelineId, type Store } from '#model'
import type { Log } from './log.ts'
import { makeRounds } from './rounds.ts'
import { startExecution } from './start.ts'
import { nextTick } from './tick.ts'

/** What a scheduler works with. Times in milliseconds. */
export interface SchedulerOptions {
  readonly store: Store
  readonly now: () => Date
  readonly log: Log
  /** How often is looked for what is due. A second unless said otherwise. */
  readonly everyMs?: number
}

const AGAIN_MS = 60_000

/**
 * Starts pipelines when their schedules are due: each tick once, however many processes look, since the run and the next tick are written
 * together. Of ticks that nobody was there for, one is made up for. A pipeline that cannot run, because it is paused or disabled, lets its
 * ticks pass.
 */
export function startScheduler(options: SchedulerOptions): { stop(): Promise<void> } {
  const { log, everyMs = 1000 } = options
  const round = async (stopped: AbortSignal): Promise<void> => {
    while (!stopped.aborted && (await tick(options)));
  }
  return makeRounds(round, everyMs, (err) => log.error({ err }, 'the schedules could not be looked at'))
}

/** Does what is due first. False: nothing is. */
async function tick({ store, now, log }: SchedulerOptions): Promise<boolean> {
  const at = now()
  let due: DueSchedule | undefined
  try {
    return await store.transaction(async (within) => {
      due = await within.schedules.takeDue(at)
      if (due === undefined) return false
      const dueAt = due.dueAt ?? nextTick(due.schedule, due.since)
      const isDue = dueAt !== undefined && dueAt <= at
      if (isDue) await run(within, due.pipelineId, at, log)
      await within.schedules.advance(due, isDue ? nextTick(due.schedule, at) : dueAt)
      return true
    })
  } catch (err) {
    if (due === undefined) throw err
    log.error({ pipeline: due.pipelineId, err }, 'a scheduled run failed to begin; it is tried again')
    // Behind all others, which it is not to hold up.
    await store.schedules.advance(due, new Date(at.getTime() + AGAIN_MS))
    return true
  }
}

async function run(store: Store, pipelineId: PipelineId, at: Date, log: Log): Promise<void> {
  const pipeline = await store.pipelines.findById(pipelineId)
  if (pipeline === undefined) return
  const creatorId = pipeline.creatorId ?? (await store.people.owner()).id
  try {
    await startExecution(store, pipeline, { creatorId, triggeredOn: 'schedule' }, at)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    log.info({ pipeline: pipelineId, why: error.message }, 'a scheduled run did not begin')
  }
}
