import type { Tag } from '#oci'
import { type Plan, type Progress, plan, type Target } from '#promotion'
import type { ProgressDisplay } from './progress.ts'
import { promote } from './promote.ts'
import { SharedBlobs } from './shared-blobs.ts'
import type { Sides } from './sides.ts'
import { Tally } from './tally.ts'

const AT_ONCE = 8

/** What became of one tag: a plan or an error, or both when the performance failed. */
export interface TagResult {
  readonly tag: Tag
  readonly tally: Tally
  readonly plan: Plan | undefined
  readonly error: unknown
}

/** Promotes tags from one repository to another, some side by side, each blob moved once. */
export class TagPromotion {
  readonly #sides: Omit<Sides, 'target'> & { readonly target: Target }
  readonly #signal: AbortSignal
  readonly #display: ProgressDisplay
  readonly #shared = new SharedBlobs()
  readonly #totals = new Map<Tag, { readonly sent: number; readonly total: number }>()

  constructor(sides: Sides, signal: AbortSignal, display: ProgressDisplay) {
    this.#sides = { ...sides, target: this.#shared.remembering(sides.target) }
    this.#signal = signal
    this.#display = display
  }

  /**
   * One result for each tag, in their order. A tag that fails does not keep the others from being promoted; a signal does, and leaves out
   * those that were not begun.
   */
  async run(tags: readonly Tag[], dryRun: boolean): Promise<readonly TagResult[]> {
    const results: TagResult[] = []
    const rest = tags.entries()
    const work = async (): Promise<void> => {
      for (const [index, tag] of rest) {
        results[index] = await this.#one(tag, dryRun)
        if (this.#signal.aborted) return
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, tags.length) }, work))
    this.#display.clear()
    return results.filter((result) => result !== undefined)
  }

  async #one(tag: Tag, dryRun: boolean): Promise<TagResult> {
    const { source, target } = this.#sides
    const tally = new Tally()
    let planned: Plan | undefined
    try {
      planned = await plan({ source: tag, target: tag }, source, target, { signal: this.#signal })
      tally.planned(planned)
      if (!dryRun) await this.#perform(planned, tally)
      return { tag, tally, plan: planned, error: undefined }
    } catch (error) {
      return { tag, tally, plan: planned, error }
    }
  }

  async #perform(planned: Plan, tally: Tally): Promise<void> {
    const { plan: left, claimed } = await this.#shared.claim(planned)
    tally.planned(left)
    try {
      const receipt = await promote(left, this.#sides, this.#signal, (progress) => {
        tally.saw(progress)
        this.#shared.saw(progress)
        this.#show(planned.tag, progress)
      })
      tally.done(receipt)
    } finally {
      this.#shared.release(claimed)
    }
  }

  #show(tag: Tag | undefined, progress: Progress): void {
    if (progress.kind !== 'bytes' || tag === undefined) {
      this.#display.show(progress)
      return
    }
    this.#totals.set(tag, progress)
    const all = [...this.#totals.values()]
    const sum = (key: 'sent' | 'total'): number => all.reduce((total, one) => total + one[key], 0)
    this.#display.show({ kind: 'bytes', sent: sum('sent'), total: sum('total') })
  }
}
