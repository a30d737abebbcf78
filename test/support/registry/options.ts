import type { Auth } from './auth.ts'
import type { FrontOptions } from './front.ts'
import type { PageRules } from './listing.ts'

/** Everything is off by default: the registry then behaves like docker-registry 2.8.2. */
export interface RegistryOptions extends FrontOptions {
  readonly auth?: Auth
  /** How Location is written. Default `absolute`. */
  readonly location?: 'absolute' | 'relative'
  /** Tags in pages, sorted, honouring `n` and `last`. */
  readonly tagPages?: PageRules
  /** The referrers API; true for all referrers on one page. */
  readonly referrers?: boolean | PageRules
  /** Take indexes of which children are missing. */
  readonly sparse?: boolean
  /** `session`: every mount is answered with an upload session. Default `mount`. */
  readonly mount?: 'mount' | 'session'
  /** Keep digest and size of uploaded blobs, not the bytes; then only sha256 digests are understood. */
  readonly discardBlobs?: boolean
  /** Largest manifest in bytes. Default 4 MiB. */
  readonly manifestLimit?: number
  /** Answer 416 to a chunk that does not start where the session stands. */
  readonly strictRanges?: boolean
  readonly chunkMinLength?: number
}
