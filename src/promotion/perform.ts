import { type Abortable, DEFAULT_NETWORK, type Manifest, type RetryPolicy, referrersTag } from '#oci'
import { Channel } from './channel.ts'
import { confirmTag } from './confirm.ts'
import { on, PromotionError } from './errors.ts'
import { nameOf } from './graph.ts'
import { listUnderTag } from './listing.ts'
import { inParallel } from './parallel.ts'
import { type Means, Placing } from './placing.ts'
import type { Move, Part, Plan } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Receipt } from './receipt.ts'
import type { List } from './referrers.ts'
import type { Source, Target } from './request.ts'
import { type Phase, Stopwatch } from './stopwatch.ts'
import { type BlobMove, Transfer } from './transfer.ts'

/** How a plan is performed. */
export interface PerformOptions extends Abortable {
  /** Blobs, and manifests, at once. 16 unless said otherwise. */
  readonly concurrency?: number
  /** How often a blob is tried. As the network's own unless said otherwise. */
  readonly retry?: RetryPolicy
  /** Asked right before the tag's PUT. When it throws, nothing is tagged. */
  readonly beforeTag?: () => Promise<void>
  /** What the receipt's phases are measured with. */
  readonly now?: () => Date
}

/** What registries say to an index of which they have not all children. */
const REFUSES_PARTS: ReadonlySet<string> = new Set([
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'BLOB_UNKNOWN',
])

/**
 * Does what the plan says: blobs, then manifests by digest, the leaves first, then what belongs to the image, then the tag, which is read
 * back. Until the tag's PUT the image is not visible; whoever stops listening, or aborts, stops it.
 * @throws PromotionError with code and side; TAG_MOVED when the tag does not name the image when it is read back.
 */
export async function* perform(
  plan: Plan,
  source: Source,
  target: Target,
  options: PerformOptions = {},
): AsyncGenerator<Progress, Receipt> {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const progress = new Channel<Progress>()
  const tell = (event: Progress): void => progress.push(event)
  const { retry = DEFAULT_NETWORK } = options
  const transfer = new Transfer(source, target, { retry, signal, total: plan.bytes.copy }, tell)
  const means = { source, target, transfer, signal, concurrency: options.concurrency ?? 16 }
  const receipt = new Performance(plan, means, options, tell).run().finally(() => progress.close())
  receipt.catch(() => stop.abort())
  try {
    yield* progress
    return await receipt
  } finally {
    stop.abort()
    await receipt.catch(() => {})
  }
}

class Performance {
  readonly #plan: Plan
  readonly #means: Means
  readonly #placing: Placing
  readonly #beforeTag: PerformOptions['beforeTag']
  readonly #watch: Stopwatch
  readonly #tell: (event: Progress) => void

  constructor(
    plan: Plan,
    means: Means,
    { beforeTag, now = () => new Date() }: PerformOptions,
    tell: (event: Progress) => void,
  ) {
    this.#plan = plan
    this.#means = means
    this.#placing = new Placing(plan, means)
    this.#beforeTag = beforeTag
    this.#watch = new Stopwatch(now)
    this.#tell = tell
  }

  async run(): Promise<Receipt> {
    const { moves, digest, tag, previous, bytes, part } = this.#plan
    await this.#bring(moves)
    const manifest =
      part === undefined ? this.#plan.manifest : await this.#watch.time('put', () => this.#chooseIndex(part))
    const ofIndex = part !== undefined && manifest !== part.index ? part : undefined
    if (ofIndex !== undefined) await this.#bring(ofIndex.moves)
    const along = [...moves, ...(ofIndex?.moves ?? [])]
    const attached = along.filter((move) => move.kind === 'attach')
    await this.#each('put', attached, (move) => this.#attach(move))
    const lists = along.filter((move) => move.kind === 'list')
    // A registry takes no list that names what it has not: one that names the image itself comes after its tag.
    const namesImage = ({ referrers }: List) => referrers.includes(manifest)
    const [after, before] = [lists.filter(namesImage), lists.filter((list) => !namesImage(list))]
    await this.#inOrder('put', before, (list) => this.#list(list))
    for (const move of moves) if (move.kind === 'tag') await this.#tag({ ...move, manifest })
    await this.#inOrder('put', after, (list) => this.#list(list))
    const { sent, mounted, present } = this.#means.transfer.bytes
    return {
      digest: this.#plan.done ? (previous ?? digest) : manifest.descriptor.digest,
      ...{ tag, previous },
      bytes: { sent, mounted, present: bytes.present + present },
      companions: this.#plan.companions + (ofIndex?.companions ?? 0),
      phases: this.#watch.phases,
    }
  }

  /** Blobs, then manifests by their digest. */
  async #bring(moves: readonly Move[]): Promise<void> {
    await this.#each('copy', moves.filter(isBlobMove), (move) => this.#means.transfer.move(move))
    const { manifest, part } = this.#plan
    const puts = moves
      .filter((move) => move.kind === 'put')
      .filter((move) => part === undefined || move.manifest !== manifest)
    // Leaves need nothing but their blobs; what stands above them comes in the plan's order.
    await this.#each('put', puts.filter(isLeaf), (move) => this.#put(move))
    const above = puts.filter((move) => !isLeaf(move))
    await this.#inOrder('put', above, (move) => this.#put(move))
  }

  /** The index as it is, if the target takes it without the children that it lacks; else the one that is made of those that are wanted. */
  async #chooseIndex({ index }: Part): Promise<Manifest> {
    const { manifest } = this.#plan
    const { target, signal } = this.#means
    try {
      await on('target', target.putManifest(manifest, undefined, { signal }))
      return manifest
    } catch (error) {
      const refused = error instanceof PromotionError && REFUSES_PARTS.has(error.code)
      if (!refused) throw error
      const { digest } = index.descriptor
      await this.#placing.put(index)
      const text = `the target takes no index of which children are missing: one was made of those that are wanted, ${digest} instead of ${manifest.descriptor.digest}; what is about the index as a whole, signatures too, does not come along`
      this.#tell({ kind: 'note', text })
      return index
    }
  }

  /** Several at once, in the time of a phase; nothing takes none. */
  async #each<T>(phase: Phase, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const { concurrency } = this.#means
    if (items.length > 0) await this.#watch.time(phase, () => inParallel(items, concurrency, work))
  }

  async #inOrder<T>(phase: Phase, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    for (const item of items) await this.#watch.time(phase, () => work(item))
  }

  async #put(move: Move & { readonly kind: 'put' }): Promise<void> {
    await this.#placing.put(move.manifest)
    this.#tell({ kind: 'moved', move, as: 'put' })
  }

  async #attach(move: Move & { readonly kind: 'attach' }): Promise<void> {
    await this.#placing.put(move.manifest, move.tag)
    this.#tell({ kind: 'moved', move, as: 'put' })
  }

  /** Where the registry said, when they were put, that it lists them itself, there is nothing to do. */
  async #list(move: Move & { readonly kind: 'list' }): Promise<void> {
    const { target, signal } = this.#means
    const referrers = move.referrers.filter((one) => !this.#placing.isListed(one))
    if (referrers.length === 0) return
    if (await listUnderTag({ ...move, referrers }, target, { signal }))
      this.#tell({ kind: 'moved', move, as: 'put' })
    else {
      const what = nameOf(target, referrersTag(move.subject))
      const text = `${what}: is no list of referrers and stays; the referrers of ${move.subject} are there, and not listed`
      this.#tell({ kind: 'note', text })
    }
  }

  async #tag(move: Move & { readonly kind: 'tag' }): Promise<void> {
    const { target, signal } = this.#means
    await this.#watch.time('tag', async () => {
      await this.#beforeTag?.()
      await this.#placing.put(move.manifest, move.tag).catch((error) => {
        throw this.#keepsTag(error) ? keptTag(error) : error
      })
    })
    const { previous } = this.#plan
    await this.#watch.time('verify', () => confirmTag(move.manifest, move.tag, previous, target, { signal }))
    this.#tell({ kind: 'moved', move, as: 'tagged' })
  }

  /** Some registries say no more than "denied" about a tag that they keep; credentials that wrote all else are not what is wrong. */
  #keepsTag(error: unknown): error is PromotionError {
    const { previous, moves } = this.#plan
    return (
      error instanceof PromotionError && error.code === 'DENIED' && previous !== undefined && moves.length > 1
    )
  }
}

function keptTag(cause: PromotionError): PromotionError {
  return new PromotionError('TAG_IMMUTABLE', cause.side, cause.message, { cause })
}

function isBlobMove(move: Move): move is BlobMove {
  return move.kind === 'mount' || move.kind === 'copy'
}

function isLeaf({ manifest }: { readonly manifest: Manifest }): boolean {
  return manifest.manifests.length + manifest.others.length === 0
}
