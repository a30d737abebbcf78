import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryError } from '../errors.ts'

/** How often, and how long apart, something is tried. Times in milliseconds. */
export interface RetryPolicy {
  /** Further tries after the first. */
  readonly retries: number
  /** The first wait; each further one is about twice as long, up to a minute. */
  readonly retryBaseMs: number
  /** The longest wait that a registry may ask for; when it asks for more, that is the failure. */
  readonly retryAfterMaxMs: number
}

/** What an error has to say about trying again, whichever room's it is. */
interface Passing extends Error {
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
}

/**
 * Does it again while it fails in ways that can pass. This is the one place that repeats: what runs inside does not, so that budgets do not
 * multiply.
 * @throws the last error; RegistryError CANCELLED when the signal fires while waiting.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  options: {
    readonly signal?: AbortSignal
    readonly onRetry?: (error: Passing, attempt: number) => void
  } = {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      if (!passes(error) || attempt >= policy.retries || options.signal?.aborted) throw error
      if ((error.retryAfterMs ?? 0) > policy.retryAfterMaxMs) throw error
      options.onRetry?.(error, attempt + 1)
      await pause(error.retryAfterMs ?? backoff(policy, attempt), options.signal)
    }
  }
}

function passes(error: unknown): error is Passing {
  return error instanceof Error && 'retryable' in error && error.retryable === true
}

/** Half of it fixed, half of it chance, so that those who failed together do not come back together. */
function backoff({ retryBaseMs }: RetryPolicy, attempt: number): number {
  const full = Math.min(60_000, retryBaseMs * 2 ** attempt)
  return full / 2 + (Math.random() * full) / 2
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal })
  } catch (cause) {
    throw new RegistryError('CANCELLED', 'cancelled while waiting to try again', { cause })
  }
}

/**
 * `Retry-After` in milliseconds, in either of its forms; undefined when it is neither. RFC 9110, "Retry-After".
 */
export function parseRetryAfter(text: string | undefined, now: number = Date.now()): number | undefined {
  if (text === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
