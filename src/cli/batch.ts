import { type Reference, RegistryError, type Repository, type Tag } from '#oci'
import { formatBytes, formatPlan, type Plan, type Progress, PromotionError, plan } from '#promotion'
import { jsonPlan } from './print-plan.ts'
import type { ProgressDisplay } from './progress.ts'
import { promote, type Wanted } from './promote.ts'
import { making, type Places } from './sides.ts'
import { Tally } from './tally.ts'

const AT_ONCE = 20
/** From so many promotions into one repository on, its tags are listed once rather than asked for one by one. */
const WORTH_LISTING = 4

/** One promotion of many. */
export interface Errand {
  /** With a tag or a digest. */
  readonly from: Reference
  readonly to: Reference & { readonly tag: Tag }
  /** Those whose target this one reads. */
  readonly after: readonly Errand[]
}

/** What became of one. Kept small: there may be thousands. */
export interface Outcome {
  readonly errand: Errand
  readonly tally: Tally
  /** What was done or would be, for people; undefined when that was not found out. */
  readonly summary: string | undefined
  /** The plan for other programs, where that was asked for. */
  readonly plan: object | undefined
  readonly error: unknown
}

/** How they are performed. */
export interface BatchOptions {
  readonly dryRun: boolean
  /** Keep each plan for other programs. */
  readonly plans: boolean
  readonly wanted: Wanted
}

/** Performs many promotions, some side by side, over the same connections and with what is known of any of them. */
export class Batch {
  readonly #places: Places
  readonly #signal: AbortSignal
  readonly #display: ProgressDisplay
  /** Of those under way, and the sum of those that are over. */
  readonly #bytes = new Map<Errand, { readonly sent: number; readonly total: number }>()
  #over = { sent: 0, total: 0 }

  constructor(places: Places, signal: AbortSignal, display: ProgressDisplay) {
    this.#places = places
    this.#signal = signal
    this.#display = display
  }

  /**
   * One outcome for each, in their order, in which those that others read come before them. One that fails does not keep the others from
   * being performed, but for those that read it; a signal does, and leaves out those that were not begun.
   */
  async run(errands: readonly Errand[], options: BatchOptions): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = []
    const tags = await this.#listTargets(errands)
    const read = new Set(errands.flatMap(({ after }) => after))
    const over = new Map([...read].map((errand) => [errand, Promise.withResolvers<Outcome>()]))
    const rest = errands.entries()
    const work = async (): Promise<void> => {
      for (const [index, errand] of rest) {
        const before = await Promise.all(errand.after.map((other) => over.get(other)?.promise))
        const failed = before.find((outcome) => outcome?.error !== undefined)
        const known = tags.get(this.#places.open(errand.to))
        const outcome =
          failed === undefined ? await this.#one(errand, options, known) : notBegun(errand, failed.errand)
        outcomes[index] = outcome
        over.get(errand)?.resolve(outcome)
        if (this.#signal.aborted) return
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, errands.length) }, work))
    this.#display.clear()
    return outcomes.filter((outcome) => outcome !== undefined)
  }

  async #listTargets(errands: readonly Errand[]): Promise<ReadonlyMap<Repository, ReadonlySet<Tag>>> {
    const counts = new Map<Repository, number>()
    for (const { to } of errands) {
      const target = this.#places.open(to)
      counts.set(target, (counts.get(target) ?? 0) + 1)
    }
    const many = [...counts].filter(([, count]) => count >= WORTH_LISTING)
    const listed = await Promise.all(
      many.map(async ([target, count]) => [target, await this.#tagsOf(target, count)] as const),
    )
    return new Map(listed.flatMap(([target, tags]) => (tags === undefined ? [] : [[target, tags] as const])))
  }

  /** The repository's tags; undefined where listing them takes more than asking for `count` of them, or is refused. */
  async #tagsOf(target: Repository, count: number): Promise<ReadonlySet<Tag> | undefined> {
    const tags = new Set<Tag>()
    try {
      for await (const tag of target.tags({ signal: this.#signal }))
        if (tags.add(tag).size > count * 1000) return undefined
      return tags
    } catch (error) {
      if (error instanceof RegistryError) return undefined
      throw error
    }
  }

  async #one(errand: Errand, options: BatchOptions, targetTags?: ReadonlySet<Tag>): Promise<Outcome> {
    const { from, to, after } = errand
    const { dryRun, plans, wanted } = options
    const sides = { source: this.#places.open(from), target: this.#places.open(to) }
    const tally = new Tally()
    const outcome = { errand, tally, summary: undefined, plan: undefined, error: undefined }
    if (dryRun && after.length > 0) return { ...outcome, summary: 'what is promoted there before' }
    try {
      const request = { source: nameOf(from), target: to.tag, ...wanted }
      const planned = await plan(request, sides.source, sides.target, {
        ...{ signal: this.#signal, exact: dryRun },
        // What others bring there meanwhile is not in the list.
        ...(targetTags !== undefined && { targetTags }),
      })
      tally.planned(planned)
      for (const note of planned.notes) this.#display.note(`${to.tag}: ${note}`)
      if (!dryRun)
        await this.#perform(
          errand,
          planned,
          { ...sides, network: this.#places.network, ...making(this.#places, to) },
          tally,
        )
      const summary = dryRun || planned.moves.length === 0 ? formatPlan(planned) : formatBytesOf(tally)
      return { ...outcome, summary, plan: plans ? jsonPlan(planned) : undefined }
    } catch (error) {
      return { ...outcome, error }
    }
  }

  async #perform(
    errand: Errand,
    planned: Plan,
    sides: Parameters<typeof promote>[1],
    tally: Tally,
  ): Promise<void> {
    try {
      const receipt = await promote(planned, sides, this.#signal, (progress) => {
        tally.saw(progress)
        this.#show(errand, progress)
      })
      tally.done(receipt)
    } finally {
      const { sent, total } = this.#bytes.get(errand) ?? { sent: 0, total: 0 }
      this.#bytes.delete(errand)
      this.#over = { sent: this.#over.sent + sent, total: this.#over.total + total }
    }
  }

  #show(errand: Errand, progress: Progress): void {
    if (progress.kind !== 'bytes') {
      this.#display.show(progress)
      return
    }
    this.#bytes.set(errand, progress)
    const all = [...this.#bytes.values(), this.#over]
    const sum = (key: 'sent' | 'total'): number => all.reduce((total, one) => total + one[key], 0)
    this.#display.show({ kind: 'bytes', sent: sum('sent'), total: sum('total') })
  }
}

/** What a reference names in its repository. */
export function nameOf({ digest, tag }: Reference): NonNullable<Reference['digest'] | Reference['tag']> {
  const name = digest ?? tag
  if (name === undefined) throw new TypeError('a reference has a tag or a digest')
  return name
}

function notBegun(errand: Errand, failed: Errand): Outcome {
  const { registry, repository, tag } = failed.to
  const message = `${registry}/${repository}:${tag}: not promoted, and so it is not promoted from there`
  const error = new PromotionError('CANCELLED', 'source', message)
  return { errand, tally: new Tally(), summary: undefined, plan: undefined, error }
}

function formatBytesOf({ bytes: { sent, mounted } }: Tally): string {
  const parts = [
    sent > 0 ? `copied ${formatBytes(sent)}` : '',
    mounted > 0 ? `mounted ${formatBytes(mounted)}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ') || 'tagged'
}
