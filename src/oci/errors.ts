/** What a registry can say, in the spec's own words. OCI distribution spec, "Error Codes". */
export type SpecCode =
  | 'BLOB_UNKNOWN' // the registry does not have a blob that it was asked for
  | 'BLOB_UPLOAD_INVALID' // an upload was refused, or its session has ended
  | 'BLOB_UPLOAD_UNKNOWN' // the registry does not know the upload any more
  | 'DIGEST_INVALID' // a digest that is none, or the registry computed another one
  | 'MANIFEST_BLOB_UNKNOWN' // a manifest names something that the registry does not have
  | 'MANIFEST_INVALID' // a manifest that cannot be read, or that the registry does not take
  | 'MANIFEST_UNKNOWN' // there is no image of that name; some registries also say so to those who may not see it
  | 'NAME_INVALID' // not the name of a registry, a repository or an image
  | 'NAME_UNKNOWN' // there is no such repository
  | 'SIZE_INVALID' // the registry counted another length
  | 'TAG_INVALID' // not a tag
  | 'UNAUTHORIZED' // credentials are missing, or were not accepted
  | 'DENIED' // the credentials are good, and do not allow this
  | 'UNSUPPORTED' // the registry does not do this

/** What we found out ourselves. */
export type OwnCode =
  | 'DIGEST_MISMATCH' // bytes that do not hash to what they were asked for by
  | 'SIZE_MISMATCH' // a blob of another length than its descriptor says
  | 'MANIFEST_TOO_LARGE' // a manifest larger than TAGBOAT_MANIFEST_BYTES
  | 'STALLED' // no byte, or too few, for too long
  | 'REGISTRY_UNAVAILABLE' // not reached, broken off, or 5xx until the retries were used up
  | 'RATE_LIMITED' // too many requests, and the wait that the registry asks for is longer than TAGBOAT_RETRY_AFTER_MAX_MS
  | 'TAG_IMMUTABLE' // the registry keeps the tag where it is
  | 'BLOCKED_ADDRESS' // an address that this process must not dial
  | 'PROTOCOL' // an answer that the spec does not allow
  | 'CANCELLED' // called off

/** Every code of this room. */
export type RegistryErrorCode = SpecCode | OwnCode

/**
 * The one error of this room. `message` reads *where: what (why)* and holds no secret and no query string.
 * `retryable`: whether the same request, later, could succeed.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  readonly retryable: boolean
  /** When the registry asked to come back, in milliseconds from the answer. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: { status?: number; retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}
