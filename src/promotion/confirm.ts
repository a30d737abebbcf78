import { type Abortable, type Digest, type Manifest, type RetryPolicy, type Tag, withRetries } from '#oci'
import { on, PromotionError } from './errors.ts'
import { digestLike } from './plan.ts'
import type { Target } from './request.ts'

const MOMENTS: RetryPolicy = { retries: 4, retryBaseMs: 250, retryAfterMaxMs: 0 }

/**
 * Reads the tag back. Registries may need a moment until they answer with what they took, and until then with nothing or with what was there
 * before; anything else is no matter of moments.
 * @throws PromotionError MANIFEST_UNKNOWN, TAG_MOVED, or a registry's error
 */
export function confirmTag(
  { descriptor: { digest } }: Manifest,
  tag: Tag,
  previous: Digest | undefined,
  target: Target,
  options: Abortable,
): Promise<void> {
  const look = async (): Promise<void> => {
    const now = await on('target', target.find(tag, options))
    if (now === undefined) {
      const message = `the tag ${tag} is not there after it was put`
      throw new PromotionError('MANIFEST_UNKNOWN', 'target', message, { retryable: true })
    }
    const found = digestLike(digest, now)
    if (found === digest) return
    const message = `the tag ${tag} names ${found} after ${digest} was put there`
    throw new PromotionError('TAG_MOVED', 'target', message, { retryable: found === previous })
  }
  return withRetries(MOMENTS, look, options)
}
