/** What is waited for, and how long. Times in milliseconds. */
export interface Limits {
  /** From the last byte of a request to the head of its answer. */
  readonly headersTimeoutMs: number
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number
  /** Bytes that must move on the average, once they move at all. */
  readonly minBytesPerSecond: number
}

/**
 * Waits for the other side during one exchange, and calls `onStall` when it has waited long enough: for the next byte, or for bytes that come
 * too slowly. Time in which it is not the other side's turn does not count.
 */
export class Patience {
  readonly #limits: Limits
  readonly #onStall: (why: string) => void
  #timer: NodeJS.Timeout | undefined
  /** When the timer goes off, and when it should by now. */
  #armedFor = 0
  #dueAt = 0
  #waitingSince = 0
  /** How far the other side is behind the least throughput. */
  #lagMs = 0
  #over = false

  constructor(limits: Limits, onStall: (why: string) => void) {
    this.#limits = limits
    this.#onStall = onStall
  }

  /** It is the other side's turn to answer. */
  answer(withinMs: number = this.#limits.headersTimeoutMs): void {
    this.#until(performance.now() + withinMs)
  }

  /** It is the other side's turn to send or to take bytes. */
  bytes(): void {
    this.#waitingSince = performance.now()
    this.#until(this.#waitingSince + this.#limits.idleTimeoutMs)
  }

  /** It has sent or taken so many, and it is still its turn. */
  moved(count: number): void {
    const now = performance.now()
    const { idleTimeoutMs, minBytesPerSecond } = this.#limits
    const grantedMs = minBytesPerSecond === 0 ? Number.POSITIVE_INFINITY : (count / minBytesPerSecond) * 1000
    this.#lagMs = Math.max(0, this.#lagMs + now - this.#waitingSince - grantedMs)
    if (this.#lagMs > idleTimeoutMs) this.#stall(`less than ${minBytesPerSecond} bytes a second`)
    else this.bytes()
  }

  /** It is our turn. */
  pause(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  /** The exchange is over, and for good: a write that was left pending may still tell of its end. */
  end(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  /** Bytes move often, so the timer is not set anew each time but looks again when it goes off. */
  #until(dueAt: number): void {
    if (this.#over) return
    this.#dueAt = dueAt
    if (this.#timer !== undefined && this.#armedFor <= dueAt) return
    clearTimeout(this.#timer)
    this.#armedFor = dueAt
    this.#timer = setTimeout(() => this.#look(), dueAt - performance.now())
  }

  #look(): void {
    this.#timer = undefined
    const left = this.#dueAt - performance.now()
    if (left <= 0) this.#stall('nothing came for too long')
    else if (left < Number.POSITIVE_INFINITY) this.#until(this.#dueAt)
  }

  #stall(why: string): void {
    if (this.#over) return
    this.end()
    this.#onStall(why)
  }
}
