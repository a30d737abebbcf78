import {
  type Abortable,
  type Descriptor,
  type Digest,
  digestOf,
  type Manifest,
  type RepositoryName,
  sameRegistry,
  sameRepository,
  type Tag,
} from '#oci'
import { on, PromotionError } from './errors.ts'
import { nameOf, readGraph, sizeOf } from './graph.ts'
import { inParallel } from './parallel.ts'
import { choosePlatforms } from './platforms.ts'
import { type Companions, findCompanions, type List } from './referrers.ts'
import type { PromotionRequest, Source, Target } from './request.ts'

/** One step. Every kind but `tag` can be repeated without harm. */
export type Move =
  | { readonly kind: 'mount'; readonly blob: Descriptor; readonly from: RepositoryName }
  | { readonly kind: 'copy'; readonly blob: Descriptor }
  | { readonly kind: 'put'; readonly manifest: Manifest }
  /** What is about a manifest goes under the tag that names that one. */
  | { readonly kind: 'attach'; readonly manifest: Manifest; readonly tag: Tag }
  /** Referrers are listed under their subject's fallback tag, unless the registry lists them by itself. */
  | ({ readonly kind: 'list' } & List)
  | { readonly kind: 'tag'; readonly manifest: Manifest; readonly tag: Tag }

/** All that is to be done, found out without writing anything. */
export interface Plan {
  /** What the source's name means: this, and nothing else, is promoted. */
  readonly manifest: Manifest
  readonly digest: Digest
  readonly tag: Tag | undefined
  /** What the target's tag names now; undefined when there is none. */
  readonly previous: Digest | undefined
  /** Whether that is the image already, so that the moves, if there are any, are of what belongs to it. */
  readonly done: boolean
  /**
   * In an order in which they can be done: blobs, then manifests from the leaves up, what belongs to the image, the tag last. Empty: nothing
   * to do.
   */
  readonly moves: readonly Move[]
  /**
   * Bytes of blobs: to be sent, to be taken over inside the registry, and already there as far as that was looked at. Unless the plan is
   * exact, `copy` is the most that it can come to.
   */
  readonly bytes: { readonly copy: number; readonly mount: number; readonly present: number }
  /** How many referrers, and tags that hold what is about the image, come along. */
  readonly companions: number
  /** What whoever looks at the plan should know beside its moves. */
  readonly notes: readonly string[]
  /** Where a part of an index is promoted. */
  readonly part?: Part
}

/**
 * A part of an index. Where the target takes the index as it is without the children that are not wanted, it stays as it is, and what is
 * about it comes along; else one is made of those that are, whose digest is another one.
 */
export interface Part {
  /** The index that is made then. */
  readonly index: Manifest
  /** What is done where the index stays as it is. */
  readonly moves: readonly Move[]
  readonly companions: number
}

/** How a plan is made. */
export interface PlanOptions extends Abortable {
  /**
   * Ask the target for each blob, with a HEAD each, so that the plan says what will be sent: for people who look at it. To perform it that is
   * not needed: what is there already is found out by the request that would begin its upload.
   */
  readonly exact?: boolean
  /** The tags that the target has, where somebody listed them: another one is not asked for. */
  readonly targetTags?: ReadonlySet<Tag>
}

const AT_ONCE = 16

/**
 * Resolves the source once, looks at what the target has, and lists the moves: a retag is a plan of one move, nothing to do is a plan of
 * none. Costs one GET each for source and target tag; for another repository one GET per further manifest, and what it takes to know what
 * refers to them.
 * @throws PromotionError MANIFEST_UNKNOWN (side source) when there is no such image; PLATFORM_UNKNOWN; PLAN_LIMIT; or a registry's error.
 */
export async function plan(
  request: PromotionRequest,
  source: Source,
  target: Target,
  options: PlanOptions = {},
): Promise<Plan> {
  const { referrers = 'with-copy', platforms = [] } = request
  const abortable = options.signal === undefined ? {} : { signal: options.signal }
  const isThere = request.target !== undefined && options.targetTags?.has(request.target) !== false
  const [manifest, before] = await Promise.all([
    on('source', source.find(request.source, abortable)),
    isThere ? on('target', target.find(request.target, abortable)) : undefined,
  ])
  if (manifest === undefined)
    throw new PromotionError('MANIFEST_UNKNOWN', 'source', `${nameOf(source, request.source)}: not found`)
  const { digest } = manifest.descriptor
  const found = {
    ...{ manifest, digest, tag: request.target },
    previous: before && digestLike(digest, before),
    notes: manifest.claimed === undefined ? [] : [claimedNote(source, manifest, manifest.claimed)],
  }
  const there =
    before ?? (request.target === undefined ? await on('target', target.find(digest, abortable)) : undefined)
  const inside = sameRepository(source.place, target.place)
  const part =
    platforms.length === 0 || inside
      ? undefined
      : await choosePlatforms(manifest, platforms, source, abortable)
  const done = there !== undefined && (await isDone(there, manifest, part, target, abortable))
  const last: Move =
    request.target === undefined ? { kind: 'put', manifest } : { kind: 'tag', manifest, tag: request.target }
  const whole = part === undefined && !done && target.holdings.has(digest)
  // Where the image is, so is what belongs to it, or it has been said that it stays behind.
  if (inside || whole || (done && referrers !== 'always')) {
    const bytes = { copy: 0, mount: 0, present: sizeOf(manifest.blobs) }
    return { ...found, done, moves: done ? [] : [last], bytes, companions: 0 }
  }
  // What the tag names now has its blobs, or it would not be there.
  for (const blob of before?.blobs ?? []) if (!blob.foreign) target.holdings.add(blob.digest)
  const known = (child: Digest): boolean => !done && target.holdings.has(child)
  const graph = await readGraph([part ?? manifest], source, { ...abortable, known })
  const own = graph.manifests.filter((one) => one !== part)
  const along = (tops: readonly Manifest[]): Promise<Companions> =>
    referrers === 'never' ? Promise.resolve(NOBODY) : findCompanions(tops, source, target, abortable)
  const ours = await along(own)
  // What is about the index as a whole comes along where the index stays as it is.
  const ofIndex = part === undefined ? undefined : await along([manifest])
  const blobs = await sort([...(done ? [] : graph.blobs), ...ours.blobs], target, options)
  const puts = done ? [] : own.filter((one) => one !== manifest)
  const partial = part !== undefined && !done
  return {
    ...found,
    done,
    moves: [
      ...blobs.absent.map((blob): Move => bringing(blob, source, target)),
      ...[...puts, ...ours.manifests].map((one): Move => ({ kind: 'put', manifest: one })),
      ...withSubjects(ours),
      ...(done ? [] : [last]),
    ],
    bytes: bytesOf(blobs, source, target),
    companions: ours.count,
    notes: [
      ...found.notes,
      ...ours.notes,
      ...(ofIndex?.notes ?? []),
      ...(partial ? [partNote(manifest, part)] : []),
    ],
    ...(partial && { part: { index: part, ...wholeOnly(ofIndex, source, target) } }),
  }
}

/** Whether what is there is what is to be there: the image, or of an index the part that is wanted, as it is or made anew. */
async function isDone(
  there: Manifest,
  manifest: Manifest,
  part: Manifest | undefined,
  target: Target,
  options: Abortable,
): Promise<boolean> {
  const is = ({ descriptor: { digest } }: Manifest): boolean => digestLike(digest, there) === digest
  if (part === undefined || is(part)) return is(part ?? manifest)
  if (!is(manifest)) return false
  const children = await inParallel(part.manifests, AT_ONCE, ({ digest }) =>
    on('target', target.find(digest, options)),
  )
  return children.every((child) => child !== undefined)
}

function wholeOnly(companions: Companions = NOBODY, source: Source, target: Target) {
  const blobs = companions.blobs.map((blob): Move => bringing(blob, source, target))
  const puts = companions.manifests.map((one): Move => ({ kind: 'put', manifest: one }))
  return { moves: [...blobs, ...puts, ...withSubjects(companions)], companions: companions.count }
}

/** What is put where it is found from what it is about. */
function withSubjects({ attached, lists }: Companions): readonly Move[] {
  return [
    ...attached.map((one): Move => ({ kind: 'attach', ...one })),
    ...lists.map((one): Move => ({ kind: 'list', ...one })),
  ]
}

const NOBODY: Companions = { manifests: [], blobs: [], attached: [], lists: [], count: 0, notes: [] }

function bringing(blob: Descriptor, source: Source, target: Target): Move {
  return sameRegistry(source.place, target.place)
    ? { kind: 'mount', blob, from: source.place.repository }
    : { kind: 'copy', blob }
}

interface Sorted {
  readonly present: readonly Descriptor[]
  readonly absent: readonly Descriptor[]
}

/** Which blobs the target has, as far as that is known, or is to be asked. */
async function sort(all: readonly Descriptor[], target: Target, options: PlanOptions): Promise<Sorted> {
  const blobs = [...new Map(all.map((blob) => [blob.digest, blob])).values()]
  const there = await inParallel(blobs, AT_ONCE, async (blob) => {
    if (target.holdings.has(blob.digest)) return true
    return options.exact === true && (await on('target', target.has(blob, options)))
  })
  return { present: blobs.filter((_, at) => there[at]), absent: blobs.filter((_, at) => !there[at]) }
}

function bytesOf({ present, absent }: Sorted, source: Source, target: Target): Plan['bytes'] {
  const size = sizeOf(absent)
  const mounts = sameRegistry(source.place, target.place)
  return { copy: mounts ? 0 : size, mount: mounts ? size : 0, present: sizeOf(present) }
}

/** The manifest's digest by the algorithm of another, so that the two can be compared. */
export function digestLike(like: Digest, { bytes }: Manifest): Digest {
  return digestOf(bytes, like)
}

function partNote(whole: Manifest, { manifests, others, descriptor: { digest } }: Manifest): string {
  const count = (index: Manifest): number => index.manifests.length + index.others.length
  return `${manifests.length + others.length} of ${count(whole)} children: the index stays as it is where the target takes it so; else one is made of them, ${digest}`
}

function claimedNote(source: Source, { descriptor }: Manifest, claimed: Digest): string {
  return `${nameOf(source, descriptor.digest)}: the registry calls it ${claimed} in its header, and its bytes are what counts`
}
