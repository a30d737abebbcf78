import { type ActionExecutionId, advance, type Failure, type Outcome, type PromoteImage } from '#model'
import { failureOf, Interrupted } from './failure.ts'
import { findPromoted, type PromotionContext, promoteImage } from './promote-image.ts'
import { aimOf } from './resolve.ts'
import type { Run } from './run.ts'
import { pause, Stop } from './stop.ts'
import { bound, variablesOf } from './variables.ts'

/** How long a look at the target may take when an execution was called off while nobody ran it. */
const LOOK_MS = 3000
/** What another try of the same run cannot change. */
const SETTLED: ReadonlySet<string> = new Set(['INVALID', 'VARIABLE_UNDEFINED', 'SECRET_UNREADABLE'])

/**
 * Runs a promotion and records how it went, once more as often as it may. `held`: another one goes before it at the tag, and nothing was
 * done. When it was called off nothing is recorded: the end of the execution says so.
 * @throws Interrupted
 */
export async function promote(run: Run, id: ActionExecutionId): Promise<'held' | 'done'> {
  const { journal, now, cancelled, abandoned } = run
  if (!(await takeTurn(run, id))) {
    await journal.log(id, ['waiting: another promotion to the same tag goes before'])
    return 'held'
  }
  const action = journal.action(id).action as PromoteImage
  // What is done about being called off is not called off by it.
  const calledOff = action.triggerTime === 'on-terminate' ? new AbortController().signal : cancelled
  for (;;) {
    const stop = new Stop(action.timeoutMs, calledOff)
    try {
      stop.start()
      checkLoop(run, id)
      const outcome = await tryOnce(run, id, stop)
      await journal.record({ kind: 'action-succeeded', id, at: now(), outcome })
      return 'done'
    } catch (error) {
      if (abandoned.aborted) throw abandoned.reason
      if (error instanceof Interrupted) throw error
      if (calledOff.aborted && !stop.committed) return 'done'
      const failure = failureOf(stop.timedOut ?? error)
      if (!(await tryAgain(run, id, failure))) {
        await fail(run, id, failure, error)
        return 'done'
      }
    } finally {
      stop.end()
    }
    await pause(action.retries.intervalMs, AbortSignal.any([calledOff, abandoned]))
    if (abandoned.aborted) throw abandoned.reason
    if (calledOff.aborted) return 'done'
  }
}

/** A worker that died may have moved a tag before the execution was called off: then that is what happened. */
export async function settleCancelled(run: Run): Promise<void> {
  const { journal, abandoned, now } = run
  for (const { id, status, action } of journal.execution.actions) {
    if (status !== 'running' || action.type !== 'promote-image' || action.triggerTime === 'on-terminate')
      continue
    const beforeTag = async (): Promise<void> => {}
    const signal = AbortSignal.any([abandoned, AbortSignal.timeout(LOOK_MS)])
    const context: PromotionContext = { ...run, signal, beforeTag }
    let outcome: Outcome | undefined
    try {
      outcome = await findPromoted(context, id)
    } catch {
      // Not to be found out now: then the execution ends as it was asked to.
      if (abandoned.aborted) throw abandoned.reason
    }
    const at = now()
    await journal.record(
      outcome === undefined
        ? { kind: 'action-terminated', id, at }
        : { kind: 'action-succeeded', id, at, outcome },
    )
  }
}

/** Begins the action if nobody goes before it at the tag that it aims at. What is under way already goes on. */
function takeTurn({ journal, now }: Run, id: ActionExecutionId): Promise<boolean> {
  return journal.decide(async (within, execution) => {
    const action = execution.actions.find((each) => each.id === id)
    if (action === undefined || action.status === 'running') return []
    const aimed = { kind: 'aimed', aims: new Map([[id, aimOf(execution, action)]]) } as const
    if (!(await within.turns.atTag(advance(execution, aimed), id))) return undefined
    return [aimed, { kind: 'action-started', id, at: now() }]
  })
}

function tryOnce(run: Run, id: ActionExecutionId, stop: Stop): Promise<Outcome> {
  const signal = AbortSignal.any([stop.signal, run.abandoned])
  const beforeTag = async (): Promise<void> => {
    signal.throwIfAborted()
    // Under the row's lock: whoever took the claim over, or called it off, has done so before or comes too late.
    await run.journal.record()
    signal.throwIfAborted()
    stop.commit()
  }
  return promoteImage({ ...run, signal, beforeTag }, id)
}

/** A loop over what is not there is none. */
function checkLoop({ journal }: Run, id: ActionExecutionId): void {
  const action = journal.action(id)
  const view = variablesOf(journal.execution, action)
  for (const key of action.action.loop) bound(view, key, 'loop')
}

async function tryAgain({ journal }: Run, id: ActionExecutionId, failure: Failure): Promise<boolean> {
  const { action, attempts } = journal.action(id)
  const { count, intervalMs } = action.retries
  if (attempts >= count || SETTLED.has(failure.code)) return false
  await journal.log(id, [
    `failed: ${textOf(failure)}`,
    `try ${attempts + 2} of ${count + 1} in ${intervalMs / 1000} s`,
  ])
  await journal.record({ kind: 'action-retried', id })
  return true
}

/** Records that the action failed, and what of it people are told. */
export async function fail(
  { journal, log, now }: Run,
  id: ActionExecutionId,
  failure: Failure,
  error: unknown,
): Promise<void> {
  const { id: execution } = journal.execution
  if (failure.code === 'INTERNAL')
    log.error(
      { execution, action: id, err: unmasked(error, journal.mask.bind(journal)) },
      'an action failed unexpectedly',
    )
  await journal.log(id, [`failed: ${textOf(failure)}`])
  const at = now()
  const told = { ...failure, message: journal.mask(failure.message) }
  await journal.record({ kind: 'action-started', id, at }, { kind: 'action-failed', id, at, failure: told })
}

function textOf({ code, side, message }: Failure): string {
  return `${code}${side === undefined ? '' : ` ${side}`}: ${message}`
}

/** For the log: what was thrown, without what is secret. */
function unmasked(error: unknown, mask: (text: string) => string): unknown {
  if (!(error instanceof Error)) return error
  const told = new Error(mask(error.message))
  told.name = error.name
  told.stack = mask(error.stack ?? '')
  return told
}
