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

/** Who may call it off, and who is told of each further try before it is waited for. */
interface Watched {
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: (error: Passing, attempt: number) => void
}

// What has failed as often as it may is not tried again further out either, in whatever it has been wrapped since.
const spent = new WeakSet<Error>()

/** How often one thing may still be tried. Its owner is the one place that repeats it. */
export class Tries {
  readonly #policy: RetryPolicy
  #used = 0

  constructor(policy: RetryPolicy) {
    this.#policy = policy
  }

  /**
   * Resolves when it is time for another try.
   * @throws the error, when it cannot pass or the tries are used up, so that nobody tries again; RegistryError CANCELLED when the signal
   * fires while waiting.
   */
  async again(error: unknown, { signal, onRetry }: Watched = {}): Promise<void> {
    const { retries, retryAfterMaxMs } = this.#policy
    if (!passes(error) || signal?.aborted || (error.retryAfterMs ?? 0) > retryAfterMaxMs) throw error
    if (this.#used >= retries) {
      spent.add(error)
      throw error
    }
    this.#used += 1
    onRetry?.(error, this.#used)
    await pause(error.retryAfterMs || backoff(this.#policy, this.#used), signal)
  }
}

/**
 * Does it again while it fails in ways that can pass. What runs inside may have tries of its own: when those are used up, these are too, so
 * that budgets do not multiply.
 * @throws the last error; RegistryError CANCELLED when the signal fires while waiting.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  options: Watched = {},
): Promise<T> {
  const tries = new Tries(policy)
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      await tries.again(error, options)
    }
  }
}

function passes(error: unknown): error is Passing {
  return error instanceof Error && 'retryable' in error && error.retryable === true && !isSpent(error)
}

function isSpent(error: unknown): boolean {
  return error instanceof Error && (spent.has(error) || isSpent(error.cause))
}

/** Half of it fixed, half of it chance, so that those who failed together do not come back together. */
export function backoff({ retryBaseMs }: RetryPolicy, attempt: number): number {
  const full = Math.min(60_000, retryBaseMs * 2 ** (attempt - 1))
  return full / 2 + (Math.random() * full) / 2
}

/** @throws RegistryError CANCELLED */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    // A timer may be a hair early, and whoever was asked to wait until then is not.
    await sleep(ms + 2, undefined, signal && { signal })
  } catch (cause) {
    throw new RegistryError('CANCELLED', 'cancelled while waiting to try again', { cause })
  }
}

/**
 * How long an answer asks to wait, in milliseconds; undefined when it does not, or in no way that can be read. A date is measured by the
 * sender's own clock where it is told. RFC 9110, "Retry-After", "Date/Time Formats".
 */
export function parseRetryAfter(
  headers: ReadonlyMap<string, string>,
  now: number = Date.now(),
): number | undefined {
  const text = headers.get('retry-after') ?? ''
  if (/^[0-9]{1,12}$/.test(text)) return Number(text) * 1000
  const at = parseHttpDate(text)
  return at === undefined ? undefined : Math.max(0, at - (parseHttpDate(headers.get('date') ?? '') ?? now))
}

function parseHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? [A-Za-z0-9: -]{10,40}$/.test(text)) return undefined
  // The oldest of the three forms does not say that it is in GMT, as all of them are.
  const at = Date.parse(/ GMT$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : at
}
