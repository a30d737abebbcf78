import type { ActionExecutionId, JsonObject, Outcome, Store } from '#model'
import type { Network } from '#oci'
import { ActionError, failureOf, Interrupted } from './failure.ts'
import type { Journal } from './journal.ts'
import { locatePromotion } from './locate.ts'
import type { Log } from './log.ts'
import { findPromoted, type PromotionContext, promoteImage } from './promote-image.ts'
import { type Turn, type Turns, unlessAborted } from './turns.ts'
import { judge } from './verdict.ts'

/** One run of an execution by one worker. */
export interface Run {
  readonly store: Store
  readonly network: Network
  readonly journal: Journal
  readonly turns: Turns
  /** Fires when the execution was called off. */
  readonly cancelled: AbortSignal
  /** Fires when nothing may be written any more; its reason is an Interrupted. */
  readonly abandoned: AbortSignal
  readonly now: () => Date
  readonly log: Log
}

/** How long a look at the target may take when an execution was called off while nobody ran it. */
const LOOK_MS = 3000

/**
 * Runs what is left of the execution, action after action, to its end.
 * @throws Interrupted when it ends here without an end of the execution: whoever has the claim next goes on.
 */
export async function runExecution(run: Run): Promise<void> {
  const { journal, cancelled, now } = run
  for (const { id } of journal.execution.actions) {
    if (cancelled.aborted) {
      await settleCancelled(run, id)
      continue
    }
    const verdict = judge(journal.action(id), journal.execution)
    if (verdict.kind === 'skip') {
      await journal.log(id, [`skipped: ${verdict.why}`])
      await journal.record({ kind: 'action-skipped', id, at: now() })
    }
    if (verdict.kind === 'run') await runAction(run, id)
  }
  await journal.record({ kind: 'finished', at: now() })
}

/** Runs one action and records how it went. When it was called off nothing is recorded: the end of the execution says so. */
async function runAction(run: Run, id: ActionExecutionId): Promise<void> {
  const { journal, cancelled, abandoned, now } = run
  const stop = new Stop(journal.action(id).action.extras, cancelled)
  let turn: Turn | undefined
  try {
    // Before anything is waited for: the order of the turns is the order in which the executions came.
    turn = takeTurn(run, id)
    if (turn.ready !== undefined) {
      await journal.log(id, ['waiting: another promotion to the same tag is under way'])
      await unlessAborted(turn.ready, AbortSignal.any([cancelled, abandoned]))
    }
    await journal.record({ kind: 'action-started', id, at: now() })
    stop.start()
    const signal = AbortSignal.any([stop.signal, abandoned])
    const beforeTag = async (): Promise<void> => {
      signal.throwIfAborted()
      // Under the row's lock: whoever took the claim over, or called it off, has done so before or comes too late.
      await journal.record()
      signal.throwIfAborted()
      stop.commit()
    }
    const outcome = await promoteImage({ ...run, signal, beforeTag }, id)
    await journal.record({ kind: 'action-succeeded', id, at: now(), outcome })
  } catch (error) {
    if (abandoned.aborted) throw abandoned.reason
    if (error instanceof Interrupted) throw error
    if (cancelled.aborted && !stop.committed) return
    await fail(run, id, stop.timedOut ?? error)
  } finally {
    stop.end()
    turn?.leave()
  }
}

function takeTurn({ journal, turns }: Run, id: ActionExecutionId): Turn {
  const { target } = locatePromotion(journal.action(id).action.promotion)
  return turns.take(`${target.registry}/${target.repository}:${target.tag}`)
}

async function fail({ journal, log, now }: Run, id: ActionExecutionId, error: unknown): Promise<void> {
  const failure = failureOf(error)
  const { id: execution } = journal.execution
  if (failure.code === 'INTERNAL')
    log.error({ execution, action: id, err: error }, 'an action failed unexpectedly')
  const side = failure.side === undefined ? '' : ` ${failure.side}`
  await journal.log(id, [`failed: ${failure.code}${side}: ${failure.message}`])
  const at = now()
  await journal.record({ kind: 'action-started', id, at }, { kind: 'action-failed', id, at, failure })
}

/** A worker that died may have moved the tag before the execution was called off: then that is what happened. */
async function settleCancelled(run: Run, id: ActionExecutionId): Promise<void> {
  const { journal, abandoned, now } = run
  if (journal.action(id).status !== 'running') return
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
  if (outcome !== undefined) await journal.record({ kind: 'action-succeeded', id, at: now(), outcome })
}

/** What stops an action from within its run: being called off, or its time limit; neither once its tag is on its way. */
class Stop {
  readonly #controller = new AbortController()
  readonly #cancelled: AbortSignal
  readonly #limitMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  committed = false
  timedOut: ActionError | undefined

  constructor(extras: JsonObject, cancelled: AbortSignal) {
    const seconds = extras.timeout
    this.#limitMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined
    this.#cancelled = cancelled
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  start(): void {
    this.#cancelled.addEventListener('abort', this.#onCancel, { once: true })
    if (this.#cancelled.aborted) this.#onCancel()
    const limitMs = this.#limitMs
    if (limitMs === undefined) return
    this.#timer = setTimeout(
      () => {
        if (this.committed) return
        this.timedOut = new ActionError(
          'TIMEOUT',
          undefined,
          `the action took longer than its ${limitMs / 1000} s`,
          { retryable: true },
        )
        this.#controller.abort(this.timedOut)
      },
      Math.min(limitMs, 2 ** 31 - 1),
    )
  }

  commit(): void {
    this.committed = true
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#cancelled.removeEventListener('abort', this.#onCancel)
  }

  readonly #onCancel = (): void => {
    if (!this.committed) this.#controller.abort(this.#cancelled.reason)
  }
}
