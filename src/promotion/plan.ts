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
}

/** How a plan is made. */
export interface PlanOptions extends Abortable {
  /**
   * Ask the target for each blob, with a HEAD each, so that the plan says what will be sent: for people who look at it. To perform it that is
   * not needed: what is there already is found out by the request that would begin its upload.
   */
  readonly exact?: boolean
}

const AT_ONCE = 16

/**
 * Resolves the source once, looks at what the target has, and lists the moves: a retag is a plan of one move, nothing to do is a plan of
 * none. Costs one GET each for source and target tag; for another repository one GET per further manifest, and what it takes to know what
 * refers to them.
 * @throws PromotionError MANIFEST_UNKNOWN (side source) when there is no such image; PLAN_LIMIT; or a registry's error.
 */
export async function plan(
  request: PromotionRequest,
  source: Source,
  target: Target,
  options: PlanOptions = {},
): Promise<Plan> {
  const { referrers = 'with-copy' } = request
  const abortable = options.signal === undefined ? {} : { signal: options.signal }
  const [manifest, before] = await Promise.all([
    on('source', source.find(request.source, abortable)),
    request.target && on('target', target.find(request.target, abortable)),
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
  const done = there !== undefined && digestLike(digest, there) === digest
  const last: Move =
    request.target === undefined ? { kind: 'put', manifest } : { kind: 'tag', manifest, tag: request.target }
  // Where the image is, so is what belongs to it, or it has been said that it stays behind.
  const inside = sameRepository(source.place, target.place)
  if (inside || (done && referrers !== 'always') || (!done && target.holdings.has(digest))) {
    const bytes = { copy: 0, mount: 0, present: sizeOf(manifest.blobs) }
    return { ...found, moves: done ? [] : [last], bytes, companions: 0 }
  }
  // What the tag names now has its blobs, or it would not be there.
  for (const blob of before?.blobs ?? []) if (!blob.foreign) target.holdings.add(blob.digest)
  const known = (child: Digest): boolean => !done && target.holdings.has(child)
  const graph = await readGraph([manifest], source, { ...abortable, known })
  const along =
    referrers === 'never' ? NOBODY : await findCompanions(graph.manifests, source, target, abortable)
  const blobs = await sort([...(done ? [] : graph.blobs), ...along.blobs], target, options)
  const puts = [...(done ? [] : graph.manifests), ...along.manifests].filter((one) => one !== manifest)
  const attaches = along.attached.map((one): Move => ({ kind: 'attach', ...one }))
  return {
    ...found,
    moves: [
      ...blobs.absent.map((blob): Move => bringing(blob, source, target)),
      ...puts.map((one): Move => ({ kind: 'put', manifest: one })),
      ...attaches,
      ...along.lists.map((one): Move => ({ kind: 'list', ...one })),
      ...(done ? [] : [last]),
    ],
    bytes: bytesOf(blobs, source, target),
    companions: along.attached.length + along.referrers,
    notes: [...found.notes, ...along.notes],
  }
}

const NOBODY: Companions = { manifests: [], blobs: [], attached: [], lists: [], referrers: 0, notes: [] }

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

function claimedNote(source: Source, { descriptor }: Manifest, claimed: Digest): string {
  return `${nameOf(source, descriptor.digest)}: the registry calls it ${claimed} in its header, and its bytes are what counts`
}
