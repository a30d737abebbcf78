import type { ActionExecutionId } from '#model'
import { formatBytes, type Plan, type Progress } from '#promotion'
import { Interrupted } from './failure.ts'
import { Tracker } from './headway.ts'
import type { Journal } from './journal.ts'

const WRITE_MS = 1000
const BYTES_LINE_MS = 5000

/**
 * Progress, headway and log of one action execution, gathered and written about once a second: bytes come by the hundred, and each write costs the
 * database one. What could not be written is told at the next occasion; a lost claim ends it.
 */
export class Report {
  readonly #journal: Pick<Journal, 'log' | 'track' | 'record'>
  readonly #id: ActionExecutionId
  #lines: string[] = []
  #tracker: Tracker | undefined
  #tracked = false
  #progress = 0
  #written = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #wroteAt = Number.NEGATIVE_INFINITY
  #bytesLineAt = performance.now()
  #bytesInLine = -1

  constructor(journal: Pick<Journal, 'log' | 'track' | 'record'>, id: ActionExecutionId) {
    this.#journal = journal
    this.#id = id
  }

  line(text: string): void {
    this.#lines.push(text)
    this.#soon()
  }

  /** What is to be done, and from then on how far it is. */
  planned(plan: Plan): void {
    this.#tracker = new Tracker(plan)
    this.#tracked = false
  }

  follow(progress: Progress): void {
    this.#tracker?.take(progress)
    this.#tracked = false
    this.#soon()
  }

  /** Bytes of blobs that have arrived. 100 percent is only reached with the tag. */
  bytes(sent: number, total: number): void {
    if (total > 0) this.#progress = Math.min(99, Math.floor((sent / total) * 100))
    const isTime = performance.now() - this.#bytesLineAt >= BYTES_LINE_MS
    if ((isTime || sent === total) && sent !== this.#bytesInLine) {
      this.#bytesLineAt = performance.now()
      this.#bytesInLine = sent
      this.#lines.push(`sent ${formatBytes(sent)} of ${formatBytes(total)}`)
    }
    this.#soon()
  }

  /** Writes what is still to be written. @throws Interrupted */
  async end(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    clearTimeout(this.#timer)
    await this.#write()
  }

  #soon(): void {
    if (this.#timer !== undefined) return
    const waitMs = Math.max(0, this.#wroteAt + WRITE_MS - performance.now())
    this.#timer = setTimeout(() => {
      this.#writing = this.#writeInTime()
    }, waitMs)
  }

  async #writeInTime(): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      return
    } finally {
      this.#timer = undefined
    }
    // What came meanwhile found a timer and set none, and nothing else may come for long.
    if (this.#isBehind) this.#soon()
  }

  get #isBehind(): boolean {
    const isTracked = this.#tracker === undefined || this.#tracked
    return this.#lines.length > 0 || !isTracked || this.#progress !== this.#written
  }

  async #write(): Promise<void> {
    this.#wroteAt = performance.now()
    const lines = this.#lines
    this.#lines = []
    try {
      await this.#journal.log(this.#id, lines)
    } catch (error) {
      this.#lines = [...lines, ...this.#lines]
      throw error
    }
    if (this.#tracker !== undefined && !this.#tracked) {
      this.#tracked = true
      await this.#journal.track(this.#id, this.#tracker.headway)
    }
    const progress = this.#progress
    if (progress === this.#written) return
    await this.#journal.record({ kind: 'progressed', id: this.#id, progress })
    this.#written = progress
  }
}
