import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from './failure.ts'

/** What stops one try of an action from within its run: being called off, or its time limit; neither once its tag is on its way. */
export class Stop {
  readonly #controller = new AbortController()
  readonly #cancelled: AbortSignal
  readonly #limitMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  committed = false
  timedOut: ActionError | undefined

  constructor(limitMs: number | undefined, cancelled: AbortSignal) {
    this.#limitMs = limitMs
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

/** Waits so long, or until the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(ms, 2 ** 31 - 1), undefined, { signal }).catch(() => {})
}
