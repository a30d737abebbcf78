import { RegistryError } from '#oci'

/** One token and until when to use it. */
export interface Lease<T> {
  readonly value: T
  readonly expiresAt: Date
}

/**
 * Keeps what `fetch` gave until `earlyMs` before its end. Those who ask at the same moment share one fetch; a failed one is forgotten.
 * The signal of whoever came first ends the fetch for all who wait for it: each of them then asks anew unless its own signal fired too.
 */
export class Kept<T> {
  readonly #fetch: (signal?: AbortSignal) => Promise<Lease<T>>
  readonly #earlyMs: number
  #lease: Promise<Lease<T>> | undefined

  constructor(fetch: (signal?: AbortSignal) => Promise<Lease<T>>, earlyMs: number) {
    this.#fetch = fetch
    this.#earlyMs = earlyMs
  }

  /** `isRejected` knows a value that was given before and turned out to be no good: if that is what is kept, another one is fetched. */
  async get(signal?: AbortSignal, isRejected: (value: T) => boolean = () => false): Promise<T> {
    const shared = this.#lease
    if (shared !== undefined) {
      const lease = await shared.catch(() => undefined)
      const fresh = lease !== undefined && lease.expiresAt.getTime() - this.#earlyMs > Date.now()
      if (fresh && !isRejected(lease.value)) return lease.value
      if (signal?.aborted) throw new RegistryError('CANCELLED', 'cancelled while waiting for credentials')
      // Somebody who waited as well may have begun anew already.
      if (this.#lease === shared) this.#lease = undefined
      else return this.get(signal, isRejected)
    }
    const fetched = this.#fetch(signal)
    this.#lease = fetched
    try {
      return (await fetched).value
    } catch (error) {
      if (this.#lease === fetched) this.#lease = undefined
      throw error
    }
  }
}
