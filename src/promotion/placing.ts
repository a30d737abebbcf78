import type { Digest, Manifest, Tag } from '#oci'
import { on, PromotionError } from './errors.ts'
import { findChild } from './graph.ts'
import { inParallel } from './parallel.ts'
import type { Plan } from './plan.ts'
import type { Source, Target } from './request.ts'
import type { Transfer } from './transfer.ts'

/** What a performance works with. */
export interface Means {
  readonly source: Source
  readonly target: Target
  readonly transfer: Transfer
  readonly signal: AbortSignal
  /** Blobs, and manifests, at once. */
  readonly concurrency: number
}

/** Puts manifests, with what they need where the target turns out to lack it. */
export class Placing {
  readonly #plan: Plan
  readonly #means: Means
  readonly #listed = new Set<Digest>()

  constructor(plan: Plan, means: Means) {
    this.#plan = plan
    this.#means = means
  }

  /** Whether the registry said, when it was put, that it lists it among the referrers of its subject. */
  isListed({ descriptor }: Manifest): boolean {
    return this.#listed.has(descriptor.digest)
  }

  /**
   * A registry that collects garbage may lose what was there a moment ago, or claim to have what it lost: what the manifest needs is sent
   * once more then, without asking, and the manifest after it.
   * @throws PromotionError
   */
  async put(manifest: Manifest, tag?: Tag): Promise<void> {
    const { digest } = manifest.descriptor
    const { transfer, target } = this.#means
    try {
      await this.#put(manifest, tag)
    } catch (error) {
      const lost = error instanceof PromotionError && error.code === 'MANIFEST_BLOB_UNKNOWN'
      if (lost && manifest.blobs.some((blob) => blob.foreign)) throw foreign(error)
      // In the source's own repository nothing more is to be had.
      if (!lost || !transfer.brings || this.#isPart(manifest)) throw error
      await this.#restore(manifest)
      await this.#put(manifest, tag)
    }
    if (!this.#isPart(manifest)) target.holdings.add(digest)
  }

  async #put(manifest: Manifest, tag: Tag | undefined): Promise<void> {
    const { target, signal } = this.#means
    const { listed } = await on('target', target.putManifest(manifest, tag, { signal }))
    if (listed) this.#listed.add(manifest.descriptor.digest)
  }

  /** Of an index that stays as it is though not all of it was wanted, children are missing on purpose. */
  #isPart(manifest: Manifest): boolean {
    return this.#plan.part !== undefined && manifest === this.#plan.manifest
  }

  async #restore(manifest: Manifest): Promise<void> {
    const { source, transfer, signal, concurrency } = this.#means
    const blobs = manifest.blobs.filter((blob) => !blob.foreign)
    for (const child of [...manifest.manifests, ...manifest.others]) {
      const found = await findChild(child, source, { signal })
      if (found === undefined) blobs.push(child)
      else await this.put(found)
    }
    await inParallel(blobs, concurrency, (blob) => transfer.send(blob))
  }
}

function foreign(cause: PromotionError): PromotionError {
  const message = `${cause.message}: it has foreign layers, which are kept elsewhere, and the registry does not take it without them`
  return new PromotionError(cause.code, cause.side, message, { cause })
}
