import type { Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Abortable } from './http/network.ts'
import type { Session } from './http/session.ts'
import type { Manifest } from './manifest.ts'
import { getManifest } from './manifests.ts'
import type { Tag } from './reference.ts'
import { cosignTags, isDigestTag, isReferrersIndex, listReferrers, referrersTag } from './referrers.ts'
import { listTags } from './tags.ts'

/** What refers to a manifest, as far as its repository says so. */
export interface Referrers {
  /** Whether each is about this manifest is for its own `subject` to say. */
  readonly referrers: readonly Descriptor[]
  /** Whether the registry has an API for them; else they stand under the fallback tag. */
  readonly api: boolean
  /** What the fallback tag names, whatever it is, where there is no API. */
  readonly index: Manifest | undefined
}

/** A manifest under a tag that names what it is about. */
export interface Tagged {
  readonly tag: Tag
  readonly manifest: Manifest
}

const TAG_LIMIT = 5_000

/**
 * Looks in one repository for what belongs to its manifests beside what they name. Whether the registry has a referrers API is found out
 * once; where it has none, and for cosign's tags, the repository's tags are listed once, so that only for those that exist anything is
 * asked. Where there are too many, or they may not be listed, each is asked for.
 */
export class Companions {
  readonly #session: Session
  readonly #scopes: readonly string[]
  #hasApi: Promise<boolean> | undefined
  #tags: Promise<ReadonlySet<Tag> | undefined> | undefined

  constructor(session: Session, scopes: readonly string[]) {
    this.#session = session
    this.#scopes = scopes
  }

  /** `look`: list the repository's tags rather than ask for the fallback tag. */
  async referrers(subject: Digest, options: Abortable & { readonly look?: boolean }): Promise<Referrers> {
    const listed = await this.#byApi(subject, options)
    if (listed !== undefined) return { referrers: listed, api: true, index: undefined }
    const [index] = await this.#find([referrersTag(subject)], options.look !== false, options)
    const valid = index !== undefined && isReferrersIndex(index.manifest, subject)
    const referrers = valid ? [...index.manifest.manifests, ...index.manifest.others] : []
    return { referrers, api: false, index: index?.manifest }
  }

  async tagged(subject: Digest, options: Abortable): Promise<readonly Tagged[]> {
    return this.#find(cosignTags(subject), true, options)
  }

  async #byApi(subject: Digest, options: Abortable): Promise<readonly Descriptor[] | undefined> {
    const list = () => listReferrers(this.#session, subject, this.#scopes, options)
    if (this.#hasApi !== undefined) return (await this.#hasApi) ? list() : undefined
    const first = list()
    this.#hasApi = first.then((found) => found !== undefined)
    this.#hasApi.catch(() => {
      this.#hasApi = undefined
    })
    return first
  }

  async #find(tags: readonly Tag[], look: boolean, options: Abortable): Promise<readonly Tagged[]> {
    const there = look ? await this.#digestTags(options) : undefined
    const wanted = there === undefined ? tags : tags.filter((tag) => there.has(tag))
    const found = await Promise.all(
      wanted.map(async (tag) => {
        const manifest = await getManifest(this.#session, tag, this.#scopes, options)
        return manifest && { tag, manifest }
      }),
    )
    return found.filter((one) => one !== undefined)
  }

  #digestTags(options: Abortable): Promise<ReadonlySet<Tag> | undefined> {
    this.#tags ??= this.#listDigestTags(options).catch((error) => {
      this.#tags = undefined
      throw error
    })
    return this.#tags
  }

  async #listDigestTags(options: Abortable): Promise<ReadonlySet<Tag> | undefined> {
    const found = new Set<Tag>()
    let seen = 0
    try {
      for await (const tag of listTags(this.#session, options)) {
        if (++seen > TAG_LIMIT) return undefined
        if (isDigestTag(tag)) found.add(tag)
      }
    } catch (error) {
      const refused =
        error instanceof RegistryError && ['DENIED', 'UNAUTHORIZED', 'UNSUPPORTED'].includes(error.code)
      if (refused) return undefined
      throw error
    }
    return found
  }
}
