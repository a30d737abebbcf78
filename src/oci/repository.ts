import { type BlobStream, getBlob, headBlob } from './blobs.ts'
import { Companions, type Referrers, type Tagged } from './companions.ts'
import { ANONYMOUS, type Keychain } from './credentials.ts'
import type { Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { Holdings } from './holdings.ts'
import type { Abortable, Network } from './http/network.ts'
import { Session } from './http/session.ts'
import type { Manifest } from './manifest.ts'
import { type FindOptions, getManifest, headManifest, putManifest } from './manifests.ts'
import { type Offer, offerBlob } from './offer.ts'
import { pushBlob } from './push.ts'
import type { Reference, RepositoryName, Tag } from './reference.ts'
import { type ListOptions, listTags } from './tags.ts'
import { beginUpload, cancelUpload, type UploadSession } from './uploads.ts'

/**
 * One repository of one registry. Every request is tried again within the network's budget, and a blob that is read is continued where it
 * broke off. An upload that breaks off is not begun again here: the one who copies repeats it as a whole. Every method throws RegistryError.
 */
export class Repository {
  readonly place: Reference
  /** What it has as far as this process knows. */
  readonly holdings: Holdings
  readonly #session: Session
  readonly #read: readonly string[]
  readonly #companions: Companions

  constructor(session: Session, access: 'pull' | 'push') {
    this.#session = session
    this.place = session.place
    this.holdings = new Holdings(session.network, session.place)
    this.#read = [session.scope(access === 'push' ? 'pull,push' : 'pull')]
    this.#companions = new Companions(session, this.#read)
  }

  /** What it cost so far: requests sent, tokens and challenges not counted. */
  get traffic(): { readonly requests: number } {
    return { requests: this.#session.requests }
  }

  /** The digest that the registry says the name stands for, in one HEAD: for showing, not for promoting. Undefined when there is none. */
  resolve(name: Tag | Digest, options: Abortable = {}): Promise<Digest | undefined> {
    return headManifest(this.#session, name, this.#read, options)
  }

  /** The manifest of that name with its computed digest, in one GET; undefined when there is none. */
  find(name: Tag | Digest, options: FindOptions = {}): Promise<Manifest | undefined> {
    return getManifest(this.#session, name, this.#read, options)
  }

  /** Whether the blob is there in its whole length, in one HEAD. `once`: not to be tried again here. */
  has(blob: Descriptor, options: Abortable & { readonly once?: boolean } = {}): Promise<boolean> {
    return headBlob(this.#session, blob, this.#read, options)
  }

  /** The blob's bytes, verified while they flow, the last chunk held back until they are. */
  blob(blob: Descriptor, options: Abortable = {}): Promise<BlobStream> {
    return getBlob(this.#session, blob, options)
  }

  /**
   * Offers the blob: it is there already, or was taken over from another repository of this registry, or is to be sent in the upload that
   * was begun. One request where the registry plays along; the mount is tried once and made up for where it is refused.
   */
  offer(blob: Descriptor, from?: RepositoryName, options: Abortable = {}): Promise<Offer> {
    return offerBlob(this.#session, blob, from, this.#read, options)
  }

  /** Sends the blob, in an upload that was begun or in a new one; it is cancelled when the sending fails. */
  async putBlob(
    blob: Descriptor,
    body: BlobStream,
    upload?: UploadSession,
    options: Abortable = {},
  ): Promise<void> {
    const begun =
      upload ??
      (await this.begin(options).catch((error) => {
        body.cancel()
        throw error
      }))
    await pushBlob(this.#session, blob, body, begun, options)
  }

  /** Begins an upload. */
  begin(options: Abortable = {}): Promise<UploadSession> {
    return beginUpload(this.#session, options)
  }

  /** Gives up an upload that will not be used. Never fails. */
  cancel(upload: UploadSession): Promise<void> {
    return cancelUpload(this.#session, upload)
  }

  /**
   * Puts the manifest's very bytes, under the tag or by digest alone. TAG_IMMUTABLE when the registry keeps the tag where it is. Answers
   * whether the registry itself lists it among the referrers of its subject.
   */
  putManifest(manifest: Manifest, tag?: Tag, options: Abortable = {}): Promise<{ readonly listed: boolean }> {
    return putManifest(this.#session, manifest, tag, options)
  }

  /** What refers to the manifest, by the registry's API or the fallback tag. `look`: as at {@link Companions}; false: ask for the tag. */
  referrers(subject: Digest, options: Abortable & { readonly look?: boolean } = {}): Promise<Referrers> {
    return this.#companions.referrers(subject, options)
  }

  /** What stands under cosign's tags for the manifest. */
  tagged(subject: Digest, options: Abortable = {}): Promise<readonly Tagged[]> {
    return this.#companions.tagged(subject, options)
  }

  /** All tags, in the registry's order, page by page. `there`: the repository is to exist, else that is NAME_UNKNOWN. */
  tags(options: ListOptions = {}): AsyncIterable<Tag> {
    return listTags(this.#session, options)
  }
}

/**
 * Opens a repository; nothing is sent yet. Tag and digest of `place` play no part. `access` is what tokens are asked for from the first
 * request on: `push` for a target, so that one token serves all.
 */
export function openRepository(
  network: Network,
  place: Reference,
  keychain: Keychain = ANONYMOUS,
  access: 'pull' | 'push' = 'pull',
): Repository {
  return new Repository(new Session(network, place, keychain), access)
}
