import { Lane } from './lanes.ts'
import { backoff, pause, type RetryPolicy } from './retry.ts'

/** What a governor goes by. */
export interface GovernorPolicy extends RetryPolicy {
  /** Blobs read, and other requests, at once. */
  readonly concurrency: number
}

const SLOW_MS = 1_000
const SLOW_TIMES = 8

/**
 * How much one registry is asked at once, and when. A 429 makes every request to it wait, whoever makes it, and halves what is asked at once;
 * answers that take many times as long as they did make it less by one. It grows again, one for each round that goes well.
 */
export class Governor {
  // Apart, because a blob is read while it is sent: one that waits for the other in the same lane would wait for ever.
  readonly #downloads: Lane
  readonly #others: Lane
  readonly #policy: GovernorPolicy
  readonly #tell: (pauseMs: number) => void
  readonly #now: () => number
  #width: number
  /** Answers that were well since the width last changed. */
  #well = 0
  /** 429s in a row. */
  #refused = 0
  #pausedUntil = 0
  #bestMs = Number.POSITIVE_INFINITY
  #usualMs = 0

  /** `tell`: told of each pause that a registry asks for, for whoever else asks it. */
  constructor(
    policy: GovernorPolicy,
    now: () => number = () => performance.now(),
    tell: (pauseMs: number) => void = () => {},
  ) {
    this.#policy = policy
    this.#tell = tell
    this.#now = now
    this.#width = policy.concurrency
    this.#downloads = new Lane(this.#width)
    this.#others = new Lane(this.#width)
  }

  /** How many may be under way now, of blobs read and of other requests. */
  get width(): number {
    return this.#width
  }

  /**
   * Resolves when a request may be made, with the function that gives its place back; call it once.
   * @throws RegistryError CANCELLED
   */
  async enter(kind: 'download' | 'other', signal?: AbortSignal): Promise<() => void> {
    const leave = await (kind === 'download' ? this.#downloads : this.#others).enter(signal)
    try {
      for (let left = this.#left(); left > 0; left = this.#left()) await pause(left, signal)
      return leave
    } catch (error) {
      leave()
      throw error
    }
  }

  /** An answer came. `tookMs`: how long it took, where that says how busy the registry is. */
  saw(status: number, retryAfterMs: number | undefined, tookMs: number | undefined): void {
    if (status === 429) this.#slowDown(retryAfterMs)
    else this.#goOn(tookMs)
  }

  /** Somebody else was asked to leave the registry alone for so long. */
  pause(ms: number): void {
    const waitMs = Math.min(ms, this.#policy.retryAfterMaxMs)
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + waitMs)
  }

  #left(): number {
    return this.#pausedUntil - this.#now()
  }

  #slowDown(retryAfterMs: number | undefined): void {
    const first = this.#left() <= 0
    this.#refused += first ? 1 : 0
    const { retries } = this.#policy
    const waitMs = retryAfterMs || backoff(this.#policy, Math.max(1, Math.min(this.#refused, retries)))
    // A wait that nobody is going to wait for is the end of that one request. Others may be about what is not limited.
    if (waitMs > this.#policy.retryAfterMaxMs) return
    this.pause(waitMs)
    this.#tell(waitMs)
    // Those that were under way when the first one was refused say nothing new.
    if (first) this.#widen(Math.floor(this.#width / 2))
  }

  #goOn(tookMs: number | undefined): void {
    this.#refused = 0
    if (tookMs !== undefined) {
      this.#bestMs = Math.min(this.#bestMs, tookMs)
      this.#usualMs += (tookMs - this.#usualMs) / 4
    }
    this.#well += 1
    if (this.#well < this.#width) return
    const slow = this.#usualMs > Math.max(SLOW_MS, this.#bestMs * SLOW_TIMES)
    // What is slow for long is how it is: the measure follows, and less than a quarter helps nobody.
    this.#bestMs *= 1.02
    if (!slow) this.#widen(this.#width + 1)
    else if (this.#width > this.#policy.concurrency / 4) this.#widen(this.#width - 1)
    else this.#well = 0
  }

  #widen(width: number): void {
    this.#width = Math.max(1, Math.min(this.#policy.concurrency, width))
    this.#well = 0
    this.#downloads.width = this.#width
    this.#others.width = this.#width
  }
}
