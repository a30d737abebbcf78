/** What a registry can say, in the spec's own words. OCI distribution spec, "Error Codes". */
export type SpecCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'

/** What we found out ourselves. */
export type OwnCode =
  | 'DIGEST_MISMATCH' // bytes that do not hash to what they were asked for by
  | 'SIZE_MISMATCH' // a blob of another length than its descriptor says
  | 'MANIFEST_TOO_LARGE'
  | 'STALLED' // no byte, or too few, for too long
  | 'REGISTRY_UNAVAILABLE' // not reached, broken off, or 5xx until the retries were used up
  | 'RATE_LIMITED'
  | 'TAG_IMMUTABLE'
  | 'BLOCKED_ADDRESS' // an address that this process must not dial
  | 'PROTOCOL' // an answer that the spec does not allow
  | 'CANCELLED'

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
