import type {
  Abortable,
  BlobStream,
  Descriptor,
  Digest,
  FindOptions,
  Holdings,
  Manifest,
  Offer,
  Platform,
  Reference,
  Referrers,
  RepositoryName,
  Tag,
  Tagged,
  UploadSession,
} from '#oci'

/** What is to be promoted, in the words of the two repositories that `plan` is given beside it. */
export interface PromotionRequest {
  /** The name in the source repository; a digest once it has been resolved, so that exactly this is promoted. */
  readonly source: Tag | Digest
  /** The tag to set at the target; undefined: the image is put there by its digest alone. */
  readonly target: Tag | undefined
  /**
   * What belongs to the image beside what it names: its referrers, at every level, and what cosign's tags hold. `with-copy`, unless said
   * otherwise: it comes along when the image is copied. `always`: it is looked for also when the tag is there already. `never`: it stays.
   */
  readonly referrers?: 'with-copy' | 'always' | 'never'
  /** Of an index, what is for these alone; none: all of it. In the source's own repository all of it is there and stays so. */
  readonly platforms?: readonly Platform[]
}

/** What a promotion needs of the repository that it reads. */
export interface Source {
  readonly place: Reference
  /** Absence is an answer. The digest is computed from the bytes. */
  find(name: Tag | Digest, options?: FindOptions): Promise<Manifest | undefined>
  has(blob: Descriptor, options?: Abortable): Promise<boolean>
  referrers(subject: Digest, options?: Abortable & { readonly look?: boolean }): Promise<Referrers>
  /** What stands under cosign's tags for it. */
  tagged(subject: Digest, options?: Abortable): Promise<readonly Tagged[]>
  /** Verified while it flows. */
  blob(blob: Descriptor, options?: Abortable): Promise<BlobStream>
}

/** What a promotion needs of the repository that it writes. */
export interface Target {
  readonly place: Reference
  /** What is known to be there, and on its way there, in this process. */
  readonly holdings: Holdings
  find(name: Tag | Digest, options?: FindOptions): Promise<Manifest | undefined>
  /** `look: false`: ask for the fallback tag rather than list the tags. */
  referrers(subject: Digest, options?: Abortable & { readonly look?: boolean }): Promise<Referrers>
  /** `once`: not tried again by itself. */
  has(blob: Descriptor, options?: Abortable & { readonly once?: boolean }): Promise<boolean>
  /** Whether it is there, without or after a mount; else an upload is begun, which is to be used or cancelled. */
  offer(blob: Descriptor, from?: RepositoryName, options?: Abortable): Promise<Offer>
  begin(options?: Abortable): Promise<UploadSession>
  cancel(upload: UploadSession): Promise<void>
  putBlob(blob: Descriptor, body: BlobStream, upload: UploadSession, options?: Abortable): Promise<void>
  /** Whether the registry itself lists it among the referrers of its subject. */
  putManifest(manifest: Manifest, tag?: Tag, options?: Abortable): Promise<{ readonly listed: boolean }>
}
