import {
  advance,
  type Claim,
  type Execution,
  type ExecutionId,
  isFinal,
  isReady,
  type Store,
  StoreError,
  type Work,
} from '#model'
import type { Network } from '#oci'
import { changeExecution } from './change.ts'
import { lookAfter } from './control.ts'
import { Interrupted } from './failure.ts'
import { interruptible } from './interruptible.ts'
import { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { runExecution } from './run.ts'
import { pause } from './stop.ts'

/** Tells when an execution was changed, by whomever. */
export interface ExecutionChanges {
  subscribe(listener: (id: ExecutionId) => void): () => void
}

/** What a worker works with. Times in milliseconds. */
export interface WorkerOptions {
  readonly store: Store
  readonly work: Work
  /** Where executions wait for a certain time. */
  readonly reminders: Work
  readonly network: Network
  /** Without it a cancel is noticed at the next write, about a second later while bytes flow. */
  readonly changes?: ExecutionChanges
  readonly now: () => Date
  /** How long a claim holds without being renewed; it is renewed three times in that time. */
  readonly leaseMs: number
  /** How long executions may go on when the worker is stopped. */
  readonly graceMs: number
  /** How often an execution may lose its worker before it is given up. */
  readonly maxRecoveries: number
  readonly workerId: string
  readonly log: Log
  /** Is told of each execution that came to its end here. */
  readonly ended?: (execution: Execution) => void
  /** Below which people see the pages of executions. */
  readonly baseUrl?: string
  /** Executions at once. 10 unless said otherwise. */
  readonly concurrency?: number
}

/** A worker at work. */
export interface Worker {
  /** Takes no further executions, lets those under way end within the grace, and hands the others back as they are. */
  stop(): Promise<void>
}

const AGAIN_MS = 500

/** Starts to take jobs and run their executions, each under a claim of its own. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { store, work, reminders, log, graceMs, now } = options
  const running = new Map<ExecutionId, AbortController>()
  const unsubscribe = options.changes?.subscribe((id) => {
    const cancel = running.get(id)
    if (cancel === undefined || cancel.signal.aborted) return
    store.executions.findById(id).then(
      (execution) => {
        if (execution?.status === 'terminating') cancel.abort()
      },
      (err) => log.warn({ execution: id, err }, 'a change could not be read'),
    )
  })
  await work.start(
    async (id, signal) => {
      const cancel = new AbortController()
      running.set(id, cancel)
      const job = new Job(options, id, cancel)
      try {
        if (await job.enter(signal)) await job.run()
      } catch (error) {
        await job.giveBack(error, signal)
        throw error
      } finally {
        if (running.get(id) === cancel) running.delete(id)
        job.end()
      }
    },
    { concurrency: options.concurrency ?? 10 },
  )
  await reminders.start((id) => lookAfter(store, id, now()), { concurrency: 1 })
  return {
    async stop() {
      await Promise.all([reminders.stop(graceMs), work.stop(graceMs)])
      unsubscribe?.()
    },
  }
}

/** One job, from its claim to its end. */
class Job {
  readonly #options: WorkerOptions
  readonly #id: ExecutionId
  readonly #cancel: AbortController
  readonly #abandon = new AbortController()
  #journal: Journal | undefined
  #heart: NodeJS.Timeout | undefined
  #heldAt = performance.now()

  constructor(options: WorkerOptions, id: ExecutionId, cancel: AbortController) {
    this.#options = options
    this.#id = id
    this.#cancel = cancel
  }

  /** Claims the execution. False: there is nothing to run, another worker has it, or others of its pipeline go before it. */
  async enter(signal: AbortSignal): Promise<boolean> {
    const { store, leaseMs, log } = this.#options
    signal.addEventListener('abort', () => this.#lose(new Interrupted('shutdown')), { once: true })
    if (signal.aborted) throw new Interrupted('shutdown')
    this.#heldAt = performance.now()
    const entered = await store.transaction((within) => this.#claim(within))
    if (entered === undefined) return false
    const { claim, execution } = entered
    const onCancel = (): void => this.#cancel.abort()
    this.#journal = new Journal(store, claim, execution, {
      onLost: (interrupted) => this.#abandon.abort(interrupted),
      onCancel,
    })
    if (execution.status === 'terminating') onCancel()
    if (this.#abandon.signal.aborted) throw this.#journal.lose(this.#abandon.signal.reason)
    this.#heart = setInterval(() => void this.#beat(claim), Math.max(10, leaseMs / 3))
    log.info({ execution: this.#id, recoveries: execution.recoveries }, 'an execution runs')
    return true
  }

  /** @throws Interrupted when the job is to be handed over again. */
  async run(): Promise<void> {
    const { store, network, now, log, baseUrl } = this.#options
    const journal = this.#journal
    if (journal === undefined) return
    const run = {
      ...{ store: interruptible(store), network, journal, now, log, baseUrl },
      cancelled: this.#cancel.signal,
      abandoned: this.#abandon.signal,
    }
    try {
      await runExecution(run)
      log.info({ execution: this.#id, status: journal.execution.status }, 'an execution ended')
      this.#options.ended?.(journal.execution)
    } catch (error) {
      if (!(error instanceof Interrupted) || error.reason !== 'claim-lost') throw error
      log.warn({ execution: this.#id }, 'the claim on an execution was lost: another worker has it')
    }
  }

  end(): void {
    clearInterval(this.#heart)
  }

  /**
   * Lets go of what was not run to its end. Being stopped, or a database that was away, is no fault of the execution's; anything else counts
   * against it. As long as it is away it is tried again, whoever else may have it by then.
   */
  async giveBack(error: unknown, signal: AbortSignal): Promise<void> {
    const claim = this.#journal?.claim
    if (claim === undefined) return
    this.end()
    const { store, log } = this.#options
    const why = isPassing(error) ? 'handed-back' : 'broken-off'
    for (let tries = 1; ; tries += 1) {
      try {
        return await store.executions.release(claim, why)
      } catch (err) {
        if (tries === 1) log.warn({ execution: this.#id, err }, 'a claim could not be given back')
        if (!(err instanceof StoreError) || signal.aborted) return
        await pause(AGAIN_MS, signal)
      }
    }
  }

  /** All of it under the execution's lock, so that what it waits for does not end unseen. */
  async #claim(within: Store): Promise<{ readonly claim: Claim; readonly execution: Execution } | undefined> {
    const { workerId, leaseMs } = this.#options
    const found = await within.executions.change(this.#id, (execution) => execution)
    if (found === undefined || !isReady(found.status)) return undefined
    if (found.status === 'enqueued' && !(await within.turns.inPipeline(found))) return undefined
    const claim = await within.executions.claim(this.#id, workerId, leaseMs)
    const begun = claim && (await changeExecution(within, this.#id, (each) => this.#begin(each), claim))
    return claim === undefined || begun === undefined || isFinal(begun.status)
      ? undefined
      : { claim, execution: begun }
  }

  #begin(execution: Execution): Execution {
    const { now, maxRecoveries } = this.#options
    if (execution.status === 'enqueued') return advance(execution, { kind: 'started', at: now() })
    return execution.recoveries <= maxRecoveries ? execution : giveUp(execution, now())
  }

  async #beat(claim: Claim): Promise<void> {
    const { store, leaseMs, log } = this.#options
    const askedAt = performance.now()
    try {
      if (await store.executions.holds(claim, leaseMs)) this.#heldAt = askedAt
      else this.#lose(new Interrupted('claim-lost'))
    } catch (err) {
      log.warn({ execution: this.#id, err }, 'a claim could not be renewed')
      if (performance.now() - this.#heldAt > leaseMs) this.#lose(new Interrupted('store', err))
    }
  }

  #lose(interrupted: Interrupted): void {
    this.#journal?.lose(interrupted)
    this.#abandon.abort(interrupted)
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Interrupted && (error.reason === 'shutdown' || error.cause instanceof StoreError)
}

/** Ends an execution that its workers do not survive: what was not done has failed. */
function giveUp(execution: Execution, at: Date): Execution {
  const failure = {
    code: 'RECOVERY_LIMIT',
    side: undefined,
    message: `given up after its worker was lost ${execution.recoveries} times`,
    retryable: true,
  } as const
  const unfinished = execution.actions.filter(
    ({ status, action }) =>
      status === 'running' ||
      (status === 'initial' && !action.disabled && action.triggerTime === 'on-every-execution'),
  )
  const open = execution.status === 'terminating' ? [] : unfinished
  const failed = open.reduce(
    (before, { id }) =>
      advance(advance(before, { kind: 'action-started', id, at }), {
        kind: 'action-failed',
        id,
        at,
        failure,
      }),
    execution,
  )
  return advance(failed, { kind: 'finished', at })
}
