import {
  type Abortable,
  type Descriptor,
  type Digest,
  formatReference,
  type Manifest,
  type RepositoryName,
  sameRegistry,
  sameRepository,
  type Tag,
} from '#oci'
import { on, PromotionError } from './errors.ts'
import { inParallel } from './parallel.ts'
import type { PromotionRequest, Source, Target } from './request.ts'

/** One step. Every kind but `tag` is addressed by content and safe to repeat. */
export type Move =
  | { readonly kind: 'mount'; readonly blob: Descriptor; readonly from: RepositoryName }
  | { readonly kind: 'copy'; readonly blob: Descriptor }
  | { readonly kind: 'put'; readonly manifest: Manifest }
  | { readonly kind: 'tag'; readonly manifest: Manifest; readonly tag: Tag }

/** All that is to be done, found out without writing anything. */
export interface Plan {
  /** What the source's name means: this, and nothing else, is promoted. */
  readonly manifest: Manifest
  readonly digest: Digest
  readonly tag: Tag | undefined
  /** What the target's tag names now; undefined when there is none. */
  readonly previous: Digest | undefined
  /** In an order in which they can be done: blobs, then manifests from the leaves up, the tag last. Empty: nothing to do. */
  readonly moves: readonly Move[]
  /** Bytes of blobs: to be sent, to be taken over inside the registry, and already there as far as that was looked at. */
  readonly bytes: { readonly copy: number; readonly mount: number; readonly present: number }
}

const AT_ONCE = 16
const MANIFEST_LIMIT = 2_000

/**
 * Resolves the source once, looks at what the target has, and lists the moves: a retag is a plan of one move, nothing to do is a plan of
 * none. Costs one GET each for source and target tag; for another repository one GET per further manifest; for another registry one HEAD
 * per blob.
 * @throws PromotionError MANIFEST_UNKNOWN (side source) when there is no such image; PLAN_LIMIT; or a registry's error.
 */
export async function plan(
  request: PromotionRequest,
  source: Source,
  target: Target,
  options: Abortable = {},
): Promise<Plan> {
  const [manifest, before] = await Promise.all([
    on('source', source.find(request.source, options)),
    request.target && on('target', target.find(request.target, options)),
  ])
  if (manifest === undefined) throw missing(source, request.source)
  const { digest } = manifest.descriptor
  const found = { manifest, digest, tag: request.target, previous: before?.descriptor.digest }
  const there =
    before ?? (request.target === undefined ? await on('target', target.find(digest, options)) : undefined)
  if (there?.descriptor.digest === digest) {
    return { ...found, moves: [], bytes: { copy: 0, mount: 0, present: sizeOf(manifest.blobs) } }
  }
  const last: Move =
    request.target === undefined ? { kind: 'put', manifest } : { kind: 'tag', manifest, tag: request.target }
  if (sameRepository(source.place, target.place)) {
    return { ...found, moves: [last], bytes: { copy: 0, mount: 0, present: sizeOf(manifest.blobs) } }
  }
  const children = await descendants(manifest, source, options)
  const blobs = distinctBlobs([manifest, ...children])
  const puts = children.map((child): Move => ({ kind: 'put', manifest: child }))
  if (sameRegistry(source.place, target.place)) {
    const from = source.place.repository
    const mounts = blobs.map((blob): Move => ({ kind: 'mount', blob, from }))
    return {
      ...found,
      moves: [...mounts, ...puts, last],
      bytes: { copy: 0, mount: sizeOf(blobs), present: 0 },
    }
  }
  const absent = new Set<Descriptor>()
  await inParallel(blobs, AT_ONCE, async (blob) => {
    if (!(await on('target', target.has(blob, options)))) absent.add(blob)
  })
  const copied = blobs.filter((blob) => absent.has(blob))
  const copies = copied.map((blob): Move => ({ kind: 'copy', blob }))
  const copy = sizeOf(copied)
  return {
    ...found,
    moves: [...copies, ...puts, last],
    bytes: { copy, mount: 0, present: sizeOf(blobs) - copy },
  }
}

/** All manifests below an index, each once, children before parents. */
async function descendants(top: Manifest, source: Source, options: Abortable): Promise<Manifest[]> {
  const seen = new Set<Digest>([top.descriptor.digest])
  const levels: Manifest[][] = []
  for (let level = [top]; level.length > 0; ) {
    const wanted: Descriptor[] = []
    for (const child of level.flatMap((parent) => parent.manifests)) {
      if (!seen.has(child.digest)) wanted.push(child)
      seen.add(child.digest)
    }
    if (seen.size > MANIFEST_LIMIT) {
      throw new PromotionError(
        'PLAN_LIMIT',
        'source',
        `${nameOf(source, top.descriptor.digest)}: more than ${MANIFEST_LIMIT} manifests`,
      )
    }
    level = await inParallel(wanted, AT_ONCE, async (child) => {
      const found = await on('source', source.find(child.digest, options))
      if (found === undefined) throw missing(source, child.digest)
      return found
    })
    levels.push(level)
  }
  // A manifest stands on the first level that names it, so one that is also a grandchild of its sibling would come too late.
  return byHeight(levels.flat())
}

function byHeight(manifests: readonly Manifest[]): Manifest[] {
  const known = new Map(manifests.map((manifest) => [manifest.descriptor.digest, manifest]))
  const ordered = new Set<Manifest>()
  const visit = (manifest: Manifest): void => {
    if (ordered.has(manifest)) return
    for (const child of manifest.manifests) {
      const below = known.get(child.digest)
      if (below !== undefined) visit(below)
    }
    ordered.add(manifest)
  }
  for (const manifest of manifests) visit(manifest)
  return [...ordered]
}

/** Foreign layers are where their URLs say, and stay there. */
function distinctBlobs(manifests: readonly Manifest[]): Descriptor[] {
  const blobs = new Map<Digest, Descriptor>()
  for (const blob of manifests.flatMap((manifest) => manifest.blobs))
    if (!blob.foreign) blobs.set(blob.digest, blob)
  return [...blobs.values()]
}

function sizeOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

function missing(source: Source, name: Tag | Digest): PromotionError {
  return new PromotionError('MANIFEST_UNKNOWN', 'source', `${nameOf(source, name)}: not found`)
}

function nameOf({ place }: Source, name: Tag | Digest): string {
  return `${formatReference({ ...place, tag: undefined, digest: undefined })} ${name}`
}
