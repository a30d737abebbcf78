/** The parts of a promotion's time, in their order: looking, blobs, manifests, the tag's PUT, and reading it back. */
export type Phase = 'plan' | 'copy' | 'put' | 'tag' | 'verify'

/** How long each part took, in milliseconds; without those that there was nothing to do in. */
export type Phases = Readonly<Partial<Record<Phase, number>>>

/** Adds up how long each part takes, however often it comes. */
export class Stopwatch {
  readonly #now: () => Date
  readonly #tookMs: Partial<Record<Phase, number>> = {}

  constructor(now: () => Date) {
    this.#now = now
  }

  get phases(): Phases {
    return { ...this.#tookMs }
  }

  /** Work that fails took its time as well. A clock that is set back meanwhile counts as none. */
  async time<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const from = this.#now().getTime()
    try {
      return await work()
    } finally {
      const tookMs = Math.max(0, this.#now().getTime() - from)
      this.#tookMs[phase] = (this.#tookMs[phase] ?? 0) + tookMs
    }
  }
}
