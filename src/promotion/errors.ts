import { RegistryError, type RegistryErrorCode } from '#oci'

/** The two sides of a promotion. */
export type Side = 'source' | 'target'

/** A registry's codes, and what only a promotion can find out. */
export type PromotionErrorCode =
  | RegistryErrorCode
  | 'TAG_MOVED' // the target's tag does not name what it was expected to
  | 'PLATFORM_UNKNOWN' // the image is not there for a platform that was asked for
  | 'PLAN_LIMIT' // more manifests than a promotion is meant for

/** The one error of this room: what went wrong, on which side, and whether another try could help. */
export class PromotionError extends Error {
  override readonly name = 'PromotionError'
  readonly code: PromotionErrorCode
  readonly side: Side
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(
    code: PromotionErrorCode,
    side: Side,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.side = side
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Waits for what one side does, and says which side it was when that fails. What has a side already keeps it. */
export async function on<T>(side: Side, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw sided(side, error)
  }
}

/** The error, with its side if it came from a registry. */
export function sided(side: Side, error: unknown): unknown {
  if (!(error instanceof RegistryError)) return error
  const { code, message, retryable, retryAfterMs } = error
  return new PromotionError(code, side, message, { retryable, retryAfterMs, cause: error })
}
