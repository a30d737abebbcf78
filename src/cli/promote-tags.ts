import type { Tag } from '#oci'
import { formatBytes, formatPlan, type Plan, type Progress, plan } from '#promotion'
import { jsonPlan } from './print-plan.ts'
import type { ProgressDisplay } from './progress.ts'
import { promote, type Wanted } from './promote.ts'
import type { Sides } from './sides.ts'
import { Tally } from './tally.ts'

const AT_ONCE = 8

/** What became of one tag. Kept small: there may be thousands. */
export interface TagResult {
  readonly tag: Tag
  readonly tally: Tally
  /** What was done or would be, for people; undefined when that was not found out. */
  readonly summary: string | undefined
  /** The plan for other programs, where that was asked for. */
  readonly plan: object | undefined
  readonly error: unknown
}

/** How tags are promoted. */
export interface TagOptions {
  readonly dryRun: boolean
  /** Keep each plan for other programs. */
  readonly plans: boolean
  readonly wanted: Wanted
}

/** Promotes tags from one repository to another, some side by side. */
export class TagPromotion {
  readonly #sides: Sides
  readonly #signal: AbortSignal
  readonly #display: ProgressDisplay
  /** Of the promotions under way, and the sum of those that are over. */
  readonly #bytes = new Map<Tag, { readonly sent: number; readonly total: number }>()
  #over = { sent: 0, total: 0 }

  constructor(sides: Sides, signal: AbortSignal, display: ProgressDisplay) {
    this.#sides = sides
    this.#signal = signal
    this.#display = display
  }

  /**
   * One result for each tag, in their order. A tag that fails does not keep the others from being promoted; a signal does, and leaves out
   * those that were not begun.
   */
  async run(tags: readonly Tag[], options: TagOptions): Promise<readonly TagResult[]> {
    const results: TagResult[] = []
    const rest = tags.entries()
    const work = async (): Promise<void> => {
      for (const [index, tag] of rest) {
        results[index] = await this.#one(tag, options)
        if (this.#signal.aborted) return
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, tags.length) }, work))
    this.#display.clear()
    return results.filter((result) => result !== undefined)
  }

  async #one(tag: Tag, { dryRun, plans, wanted }: TagOptions): Promise<TagResult> {
    const { source, target } = this.#sides
    const tally = new Tally()
    const failed = { tag, tally, summary: undefined, plan: undefined }
    try {
      const request = { source: tag, target: tag, ...wanted }
      const planned = await plan(request, source, target, { signal: this.#signal, exact: dryRun })
      tally.planned(planned)
      for (const note of planned.notes) this.#display.note(`${tag}: ${note}`)
      if (!dryRun) await this.#perform(planned, tally)
      const summary = dryRun || planned.moves.length === 0 ? formatPlan(planned) : formatBytesOf(tally)
      return { tag, tally, summary, plan: plans ? jsonPlan(planned) : undefined, error: undefined }
    } catch (error) {
      return { ...failed, error }
    }
  }

  async #perform(planned: Plan, tally: Tally): Promise<void> {
    const receipt = await promote(planned, this.#sides, this.#signal, (progress) => {
      tally.saw(progress)
      this.#show(planned.tag, progress)
    })
    tally.done(receipt)
    const { sent, total } = (planned.tag && this.#bytes.get(planned.tag)) ?? { sent: 0, total: 0 }
    if (planned.tag !== undefined) this.#bytes.delete(planned.tag)
    this.#over = { sent: this.#over.sent + sent, total: this.#over.total + total }
  }

  #show(tag: Tag | undefined, progress: Progress): void {
    if (progress.kind !== 'bytes' || tag === undefined) {
      this.#display.show(progress)
      return
    }
    this.#bytes.set(tag, progress)
    const all = [...this.#bytes.values(), this.#over]
    const sum = (key: 'sent' | 'total'): number => all.reduce((total, one) => total + one[key], 0)
    this.#display.show({ kind: 'bytes', sent: sum('sent'), total: sum('total') })
  }
}

function formatBytesOf({ bytes: { sent, mounted } }: Tally): string {
  const parts = [
    sent > 0 ? `copied ${formatBytes(sent)}` : '',
    mounted > 0 ? `mounted ${formatBytes(mounted)}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ') || 'tagged'
}
