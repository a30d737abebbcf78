import {
  type ActionExecution,
  type ActionExecutionId,
  type Execution,
  holds,
  isWaiting,
  type Store,
} from '#model'
import type { Network } from '#oci'
import { askPerson } from './ask.ts'
import { type Circumstances, nextSteps, type Step } from './course.ts'
import { factsOf, type Known, learn } from './facts.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { runNextPipeline } from './next-pipeline.ts'
import { promote, settleCancelled } from './promotion-run.ts'
import { pause } from './stop.ts'

/** One run of an execution by one worker. */
export interface Run {
  readonly store: Store
  readonly network: Network
  readonly journal: Journal
  /** Fires when the execution was called off. */
  readonly cancelled: AbortSignal
  /** Fires when nothing may be written any more; its reason is an Interrupted. */
  readonly abandoned: AbortSignal
  readonly now: () => Date
  readonly log: Log
  /** Below which people see the pages of executions. */
  readonly baseUrl?: string | undefined
}

const CALLED_OFF_MS = 250

/**
 * Runs what is left of the execution, to its end or until a person, or another execution, is waited for. While it waits nobody holds it.
 * @throws Interrupted when it ends here in mid run: whoever has the claim next goes on.
 */
export async function runExecution(run: Run): Promise<void> {
  const { store, journal, now } = run
  const known = await learn(store, journal.execution)
  if (begins(journal.execution)) {
    const facts = factsOf(known, journal.execution, undefined, now())
    if (!holds(journal.execution.pipeline.conditions, facts)) {
      await journal.record({ kind: 'unmet', at: now() })
      return
    }
  }
  await new Voyage(run, known).end()
}

function begins({ status, actions }: Execution): boolean {
  return status === 'running' && actions.every((action) => action.status === 'initial')
}

/** The actions that are under way, and those that wait for their turn at a tag. */
class Voyage {
  readonly #run: Run
  readonly #known: Known
  readonly #under = new Map<ActionExecutionId, Promise<void>>()
  readonly #held = new Set<ActionExecutionId>()

  constructor(run: Run, known: Known) {
    this.#run = run
    this.#known = known
  }

  /** Until nothing is left to do here. */
  async end(): Promise<void> {
    try {
      while (!(await this.#step())) this.#run.abandoned.throwIfAborted()
    } finally {
      // Nothing goes on behind the back of whoever handles what ended it.
      await Promise.allSettled(this.#under.values())
    }
  }

  /** Begins what can be begun, or waits for the first that ends. True: it is over. */
  async #step(): Promise<boolean> {
    const { journal, cancelled } = this.#run
    if (cancelled.aborted && this.#under.size === 0) await settleCancelled(this.#run)
    const steps = cancelled.aborted && this.#under.size > 0 ? [] : this.#steps(journal.execution)
    for (const step of steps) if (step.kind !== 'run') await this.#pass(step)
    for (const step of steps) if (step.kind === 'run') this.#begin(step.id)
    if (steps.some(({ kind }) => kind !== 'run')) return false
    if (this.#under.size === 0) return this.#rest()
    await Promise.race(this.#under.values())
    return false
  }

  #steps(execution: Execution): readonly Step[] {
    const steps = nextSteps(execution, this.#circumstances(execution))
    return steps.filter(({ id }) => !this.#under.has(id) && !this.#held.has(id))
  }

  #circumstances(execution: Execution): Circumstances {
    const met = (action: ActionExecution): boolean =>
      holds(action.action.conditions, factsOf(this.#known, execution, action, this.#run.now()))
    return { previous: this.#known.previous, met }
  }

  async #pass(step: Step & { readonly kind: 'skip' | 'end' }): Promise<void> {
    const { journal, now } = this.#run
    const { id } = step
    await journal.log(id, [step.kind === 'skip' ? `skipped: ${step.why}` : 'not waited for any more'])
    const kind = step.kind === 'skip' ? 'action-skipped' : 'action-terminated'
    await journal.record({ kind, id, at: now() })
  }

  #begin(id: ActionExecutionId): void {
    const done = this.#runAction(id).finally(() => this.#under.delete(id))
    this.#under.set(id, done)
  }

  async #runAction(id: ActionExecutionId): Promise<void> {
    const { type } = this.#run.journal.action(id).action
    if (type === 'promote-image') {
      // Whatever else has ended may have given way to them.
      if ((await promote(this.#run, id)) === 'held') this.#held.add(id)
      else this.#held.clear()
    } else if (type === 'run-next-pipeline') await runNextPipeline(this.#run, id)
    else await askPerson(this.#run, id)
  }

  /** Ends it, or lays it down, if that is what is left to do as everything is at that moment. */
  #rest(): Promise<boolean> {
    const { journal, now } = this.#run
    return journal
      .decide(async (within, execution) => {
        if (this.#steps(execution).length > 0) return undefined
        for (const id of this.#held) if (await within.turns.atTag(execution, id)) return undefined
        const waits = this.#held.size > 0 || execution.actions.some(({ status }) => isWaiting(status))
        if (!waits || (execution.status === 'terminating' && this.#held.size === 0))
          return [{ kind: 'finished', at: now() }]
        // What is done about being called off is not left to whoever comes next.
        if (execution.status === 'terminating') return undefined
        return [{ kind: 'parked' }]
      })
      .then(async (over) => {
        if (!over && this.#held.size > 0) await pause(CALLED_OFF_MS, this.#run.abandoned)
        this.#held.clear()
        return over
      })
  }
}
