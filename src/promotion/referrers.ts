import { type Abortable, type Descriptor, type Digest, isIndexType, type Manifest, type Tagged } from '#oci'
import { on, PromotionError } from './errors.ts'
import { byHeight, nameOf, readGraph } from './graph.ts'
import { inParallel } from './parallel.ts'
import type { Source, Target } from './request.ts'

/** What comes along with an image and is not at the target yet. */
export interface Companions {
  /** Those below before those above; each is put by its digest. */
  readonly manifests: readonly Manifest[]
  readonly blobs: readonly Descriptor[]
  /** What goes under cosign's tags. */
  readonly attached: readonly Tagged[]
  /** What is to be listed under its subject's fallback tag, because the target has no API that would do so by itself. */
  readonly lists: readonly List[]
  /** How many referrers and tags these are. */
  readonly count: number
  readonly notes: readonly string[]
}

/** Referrers of one manifest. */
export interface List {
  readonly subject: Digest
  readonly referrers: readonly Manifest[]
  /** The source's own list: where it says exactly the same, its bytes are used. */
  readonly like: Manifest | undefined
}

const AT_ONCE = 16
const LIMITS = { levels: 16, manifests: 2_000 }

/**
 * Finds what belongs to these manifests at the source: their referrers and what cosign's tags hold, with all that is below them, then what
 * belongs to those, until there is no more; and leaves out what the target has.
 * @throws PromotionError PLAN_LIMIT, or a registry's error
 */
export async function findCompanions(
  manifests: readonly Manifest[],
  source: Source,
  target: Target,
  options: Abortable,
): Promise<Companions> {
  const search = new Search(manifests, source, options)
  await search.run()
  return search.without(target)
}

class Search {
  readonly #source: Source
  readonly #options: Abortable
  readonly #own: ReadonlySet<Manifest>
  /** All that was met, the image's own manifests too. */
  readonly #known: Map<Digest, Manifest>
  readonly #about = new Map<Digest, { readonly referrers: Set<Manifest>; like: Manifest | undefined }>()
  readonly #tagged: Tagged[] = []
  readonly #notes: string[] = []

  constructor(manifests: readonly Manifest[], source: Source, options: Abortable) {
    this.#source = source
    this.#options = options
    this.#own = new Set(manifests)
    this.#known = new Map(manifests.map((manifest) => [manifest.descriptor.digest, manifest]))
    // What is about another manifest is to be found from there at the target too.
    for (const manifest of manifests)
      if (manifest.subject !== undefined) this.#note(manifest.subject.digest, manifest)
  }

  async run(): Promise<void> {
    for (let [level, depth] = [[...this.#own], 0]; level.length > 0; depth++) {
      if (depth === LIMITS.levels)
        throw this.#limit(`referrers of referrers, more than ${LIMITS.levels} deep`)
      const found = await inParallel(level, AT_ONCE, ({ descriptor }) => this.#belonging(descriptor.digest))
      const fresh = found.flat().filter(({ descriptor }) => !this.#known.has(descriptor.digest))
      const unique = new Map(fresh.map((manifest) => [manifest.descriptor.digest, manifest]))
      const graph = await readGraph([...unique.values()], this.#source, this.#options)
      level = graph.manifests.filter(({ descriptor }) => !this.#known.has(descriptor.digest))
      for (const manifest of level) {
        this.#known.set(manifest.descriptor.digest, manifest)
        if (manifest.subject !== undefined) this.#note(manifest.subject.digest, manifest)
      }
      if (this.#known.size > LIMITS.manifests)
        throw this.#limit(`more than ${LIMITS.manifests} manifests with their referrers`)
    }
  }

  /** The referrers of one manifest, and what its tags hold. */
  async #belonging(subject: Digest): Promise<readonly Manifest[]> {
    const [{ referrers, index }, tagged] = await Promise.all([
      on('source', this.#source.referrers(subject, this.#options)),
      on('source', this.#source.tagged(subject, this.#options)),
    ])
    const found = await inParallel(referrers, AT_ONCE, (one) => this.#referrer(one, subject))
    const valid = found.filter((manifest) => manifest !== undefined)
    for (const manifest of valid) this.#note(subject, manifest)
    const about = this.#about.get(subject)
    if (about !== undefined) about.like = index
    this.#tagged.push(...tagged)
    return [...valid, ...tagged.map(({ manifest }) => manifest)]
  }

  async #referrer({ digest }: Descriptor, subject: Digest): Promise<Manifest | undefined> {
    const manifest = this.#known.get(digest) ?? (await on('source', this.#source.find(digest, this.#options)))
    if (manifest?.subject?.digest === subject) return manifest
    const why = manifest === undefined ? 'and is not there' : 'and is about something else'
    this.#notes.push(`${nameOf(this.#source, digest)}: listed as a referrer of ${subject}, ${why}: left out`)
    return undefined
  }

  #note(subject: Digest, referrer: Manifest): void {
    const about = this.#about.get(subject) ?? { referrers: new Set(), like: undefined }
    this.#about.set(subject, about)
    about.referrers.add(referrer)
  }

  async without(target: Target): Promise<Companions> {
    const lists: List[] = []
    const wanted = new Set<Manifest>()
    await inParallel([...this.#about], AT_ONCE, async ([subject, { referrers, like }]) => {
      const there = await on('target', target.referrers(subject, { ...this.#options, look: false }))
      const digests = new Set(there.referrers.map(({ digest }) => digest))
      const missing = [...referrers].filter(({ descriptor }) => !digests.has(descriptor.digest))
      for (const manifest of missing) wanted.add(manifest)
      if (missing.length > 0 && !there.api) lists.push({ subject, referrers: missing, like })
    })
    const referrers = [...wanted].filter((manifest) => !this.#own.has(manifest)).length
    const attached = await this.#toAttach(target)
    for (const { manifest } of attached) wanted.add(manifest)
    const manifests = byHeight(this.#known, wanted).filter((manifest) => !this.#own.has(manifest))
    const blobs = manifests.flatMap((manifest) => [
      ...manifest.blobs.filter((blob) => !blob.foreign),
      ...manifest.others.filter(({ digest }) => !this.#known.has(digest)),
    ])
    const unique = new Map(blobs.map((blob) => [blob.digest, blob]))
    return {
      manifests,
      blobs: [...unique.values()],
      attached,
      lists,
      count: referrers + attached.length,
      notes: this.#notes,
    }
  }

  /** Never so that something is lost: where the target's tag holds more than the source's, or something else, it stays. */
  async #toAttach(target: Target): Promise<readonly Tagged[]> {
    const attached = await inParallel(this.#tagged, AT_ONCE, async (tagged) => {
      const { tag, manifest } = tagged
      const there = await on('target', target.find(tag, this.#options))
      if (there === undefined || (!covers(there, manifest) && covers(manifest, there))) return tagged
      if (!covers(there, manifest))
        this.#notes.push(`${nameOf(target, tag)}: holds what the source's does not, and stays as it is`)
      return undefined
    })
    return attached.filter((one) => one !== undefined)
  }

  #limit(why: string): PromotionError {
    const { place } = this.#source
    return new PromotionError('PLAN_LIMIT', 'source', `${place.registry}/${place.repository}: ${why}`)
  }
}

/** Whether all that the second holds is in the first: signatures and attestations are layers, each with its annotations. */
function covers(first: Manifest, second: Manifest): boolean {
  if (first.descriptor.digest === second.descriptor.digest) return true
  if (isIndexType(first.descriptor.mediaType) || isIndexType(second.descriptor.mediaType)) return false
  const held = new Set(first.blobs.slice(1).map(contentOf))
  return second.blobs.slice(1).every((blob) => held.has(contentOf(blob)))
}

function contentOf({ digest, annotations = {} }: Descriptor): string {
  return JSON.stringify([digest, Object.entries(annotations).sort()])
}
