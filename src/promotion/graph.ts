import {
  type Abortable,
  type Descriptor,
  type Digest,
  formatReference,
  isIndexType,
  isManifestType,
  type Manifest,
  type Tag,
} from '#oci'
import { on, PromotionError } from './errors.ts'
import { inParallel } from './parallel.ts'
import type { Source } from './request.ts'

/** What belongs to some manifests: all that is below them, and the blobs that any of it needs. */
export interface Graph {
  /** Each once, those below before those above. */
  readonly manifests: readonly Manifest[]
  /** Each once; without foreign layers, which are where their URLs say, and stay there. */
  readonly blobs: readonly Descriptor[]
}

/** How a graph is read. */
export interface GraphOptions extends Abortable {
  /** What need not be looked into, because all of it is where it is to go. */
  readonly known?: (digest: Digest) => boolean
}

const AT_ONCE = 16
const LIMITS = { manifests: 2_000, blobs: 20_000, depth: 16, bytes: 64 * 1024 * 1024 }

/**
 * Reads all manifests below these, level by level: one GET each, and one more for a child of unknown type that turns out to be a blob.
 * Everything that a hostile document can say of others is checked against them here, before anybody writes.
 * @throws PromotionError MANIFEST_UNKNOWN for a child that is missing; MANIFEST_INVALID, SIZE_MISMATCH; PLAN_LIMIT; or a registry's error.
 */
export async function readGraph(
  tops: readonly Manifest[],
  source: Source,
  options: GraphOptions = {},
): Promise<Graph> {
  const found = new Map(tops.map((top) => [top.descriptor.digest, top]))
  const blobs = new Blobs(source)
  for (const { blobs: needed } of tops) blobs.add(needed)
  const asked = new Set<Digest>(found.keys())
  for (let [level, depth] = [tops, 0]; level.length > 0; depth++) {
    if (depth > LIMITS.depth) throw limit(source, `nested more than ${LIMITS.depth} deep`)
    const wanted: Descriptor[] = []
    for (const child of level.flatMap(({ manifests, others }) => [...manifests, ...others])) {
      if (!asked.has(child.digest) && !options.known?.(child.digest)) wanted.push(child)
      asked.add(child.digest)
    }
    if (asked.size > LIMITS.manifests) throw limit(source, `more than ${LIMITS.manifests} manifests`)
    const children = await inParallel(wanted, AT_ONCE, async (child) => {
      const manifest = await findChild(child, source, options)
      if (manifest === undefined) blobs.add([child])
      return manifest
    })
    level = children.filter((child) => child !== undefined)
    for (const manifest of level) {
      found.set(manifest.descriptor.digest, manifest)
      blobs.add(manifest.blobs)
    }
    const bytes = [...found.values()].reduce((sum, manifest) => sum + manifest.bytes.byteLength, 0)
    if (bytes > LIMITS.bytes) throw limit(source, `more than ${LIMITS.bytes} bytes of manifests`)
  }
  return { manifests: byHeight(found), blobs: blobs.all }
}

/**
 * The child of an index; undefined: it is a blob, as registries take it. What an index says of a child that is a manifest must be so.
 * @throws PromotionError
 */
export async function findChild(
  child: Descriptor,
  source: Source,
  options: Abortable,
): Promise<Manifest | undefined> {
  const where = nameOf(source, child.digest)
  if (!isManifestType(child.mediaType)) return findOther(child, source, options)
  const found = await on('source', source.find(child.digest, options))
  if (found === undefined) {
    const { platform } = child
    const which = platform === undefined ? '' : ` for ${platform.os}/${platform.architecture}`
    throw new PromotionError(
      'MANIFEST_UNKNOWN',
      'source',
      `${where}: not found, and the index names it${which}`,
    )
  }
  checkSize(found, child, where)
  if (isIndexType(found.descriptor.mediaType) !== isIndexType(child.mediaType)) {
    const why = `${found.descriptor.mediaType}, and the index says ${child.mediaType}`
    throw new PromotionError('MANIFEST_INVALID', 'source', `${where}: ${why}`)
  }
  return found
}

/** A child whose type says nothing: a manifest if the registry serves one, else a blob. */
async function findOther(
  child: Descriptor,
  source: Source,
  options: Abortable,
): Promise<Manifest | undefined> {
  const find = { ...options, expected: child.mediaType, once: true }
  try {
    const found = await on('source', source.find(child.digest, find))
    if (found !== undefined) checkSize(found, child, nameOf(source, child.digest))
    return found
  } catch (error) {
    // docker-registry looks among the blobs too, and stumbles over one that is no manifest.
    if (error instanceof PromotionError && (await on('source', source.has(child, options)))) return undefined
    throw error
  }
}

function checkSize({ descriptor }: Manifest, child: Descriptor, where: string): void {
  if (descriptor.size === child.size) return
  const why = `${descriptor.size} bytes, and the index says ${child.size}`
  throw new PromotionError('SIZE_MISMATCH', 'source', `${where}: ${why}`)
}

/** Blobs that are needed, each once. */
class Blobs {
  readonly #source: Source
  readonly #all = new Map<Digest, Descriptor>()

  constructor(source: Source) {
    this.#source = source
  }

  get all(): readonly Descriptor[] {
    return [...this.#all.values()]
  }

  add(blobs: readonly Descriptor[]): void {
    for (const blob of blobs) {
      if (blob.foreign) continue
      const { size } = this.#all.get(blob.digest) ?? blob
      if (size !== blob.size) {
        const why = `${size} bytes in one manifest, ${blob.size} in another`
        throw new PromotionError('MANIFEST_INVALID', 'source', `${nameOf(this.#source, blob.digest)}: ${why}`)
      }
      this.#all.set(blob.digest, blob)
    }
    if (this.#all.size > LIMITS.blobs) throw limit(this.#source, `more than ${LIMITS.blobs} blobs`)
  }
}

/**
 * Manifests, those below before those above: one stands on the first level that names it, so one that is also a grandchild of its sibling
 * would come too late. `from`: these and what is below them; all unless said otherwise.
 */
export function byHeight(
  manifests: ReadonlyMap<Digest, Manifest>,
  from: Iterable<Manifest> = manifests.values(),
): Manifest[] {
  const ordered = new Set<Manifest>()
  const visit = (manifest: Manifest): void => {
    if (ordered.has(manifest)) return
    for (const { digest } of [...manifest.manifests, ...manifest.others]) {
      const below = manifests.get(digest)
      if (below !== undefined) visit(below)
    }
    ordered.add(manifest)
  }
  for (const manifest of from) visit(manifest)
  return [...ordered]
}

/** The bytes of blobs. */
export function sizeOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

/** `registry/repository name`, as messages begin. */
export function nameOf({ place }: Pick<Source, 'place'>, name: Tag | Digest): string {
  return `${formatReference({ ...place, tag: undefined, digest: undefined })} ${name}`
}

function limit(source: Source, why: string): PromotionError {
  const place = formatReference({ ...source.place, tag: undefined, digest: undefined })
  return new PromotionError('PLAN_LIMIT', 'source', `${place}: ${why}`)
}
