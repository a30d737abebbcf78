import type { FastifyReply } from 'fastify'
import { RateLimited } from './errors.ts'

const WINDOW_MS = 60_000

/**
 * Counts requests per minute and token, and says so on every answer. Fixed windows: cheap, and clients can reckon with them. Each process counts
 * by itself.
 */
export class RateLimit {
  readonly #limit: number
  readonly #now: () => Date
  #counts = new Map<string, number>()
  #window = 0

  constructor(limit: number, now: () => Date) {
    this.#limit = limit
    this.#now = now
  }

  /** @throws RateLimited when `who` has asked too often in this minute. */
  count(reply: FastifyReply, who: string): void {
    const now = this.#now().getTime()
    const window = Math.floor(now / WINDOW_MS)
    if (window !== this.#window) this.#counts = new Map()
    this.#window = window
    const count = (this.#counts.get(who) ?? 0) + 1
    this.#counts.set(who, count)
    // A whole second ahead or more: there are clients that divide by the seconds that are left.
    const resetAt = Math.max(((window + 1) * WINDOW_MS) / 1000, Math.ceil(now / 1000) + 1)
    reply.headers({
      'x-rate-limit-limit': String(this.#limit),
      'x-rate-limit-remaining': String(Math.max(0, this.#limit - count)),
      'x-rate-limit-reset': String(resetAt),
    })
    if (count <= this.#limit) return
    reply.header('retry-after', String(Math.max(1, resetAt - Math.floor(now / 1000))))
    throw new RateLimited()
  }
}
