import type { Digest } from './digest.ts'
import { RegistryError } from './errors.ts'
import { unlessAborted } from './http/flight.ts'
import type { Abortable, Network } from './http/network.ts'
import type { Peers } from './peers.ts'
import type { Reference, RepositoryName, Tag } from './reference.ts'

const KEPT = 20_000
const TRUSTED_MS = 10 * 60_000

/** What is known of one network's registries. */
interface Memory {
  /** By registry and digest: who has it, and since when that is known. The oldest is forgotten first. */
  readonly holders: Map<string, Map<RepositoryName, number>>
  readonly flights: Map<string, Promise<unknown>>
  readonly turns: Map<string, Promise<unknown>>
}

const memories = new WeakMap<Network, Memory>()

/**
 * What a repository holds as far as this process put or found it there, and what is on its way into it: shared by all who use one network.
 * What is known is trusted for ten minutes: registries collect what nothing names, and whoever hears that something is missing says so here.
 */
export class Holdings {
  readonly #memory: Memory
  readonly #peers: Peers | undefined
  readonly #registry: string
  readonly #repository: RepositoryName
  readonly #now: () => number

  constructor(network: Network, { scheme, registry, repository }: Reference, now: () => number = Date.now) {
    const memory = memories.get(network) ?? { holders: new Map(), flights: new Map(), turns: new Map() }
    memories.set(network, memory)
    this.#memory = memory
    this.#peers = network.options.peers
    this.#registry = `${scheme}://${registry}`
    this.#repository = repository
    this.#now = now
  }

  has(digest: Digest): boolean {
    return this.#fresh(this.#holders(digest)?.get(this.#repository))
  }

  /** Another repository of this registry that has it; whether it may be mounted from there is the registry's to say. */
  elsewhere(digest: Digest): RepositoryName | undefined {
    for (const [repository, at] of this.#holders(digest) ?? [])
      if (repository !== this.#repository && this.#fresh(at)) return repository
    return undefined
  }

  add(digest: Digest): void {
    const { holders } = this.#memory
    const key = this.#key(digest)
    const known = holders.get(key) ?? new Map<RepositoryName, number>()
    // Behind all others, since it was heard of last.
    holders.delete(key)
    holders.set(key, known.set(this.#repository, this.#now()))
    const [oldest] = holders.keys()
    if (holders.size > KEPT && oldest !== undefined) holders.delete(oldest)
  }

  /** It is not there, whatever was known. */
  remove(digest: Digest): void {
    this.#holders(digest)?.delete(this.#repository)
  }

  /**
   * Does the work that brings it here, unless it is here already; whoever asks while another one brings it, in this process or a peer, waits for
   * that, and does the work itself when the other fails: work that looks whether it is there finds what a peer has brought. `'present'`: nothing was left to do.
   * @throws what the work throws; RegistryError CANCELLED while waiting.
   */
  async once<T>(digest: Digest, work: () => Promise<T>, { signal }: Abortable): Promise<T | 'present'> {
    const { flights } = this.#memory
    const key = `${this.#key(digest)} ${this.#repository}`
    for (let other = flights.get(key); other !== undefined; other = flights.get(key)) {
      await unlessAborted(ended(other), signal)
      if (flights.get(key) === other) flights.delete(key)
    }
    if (this.has(digest)) return 'present'
    const flight = this.#withoutPeers(key, work, signal)
    flights.set(key, flight)
    try {
      const result = await flight
      this.add(digest)
      return result
    } finally {
      if (flights.get(key) === flight) flights.delete(key)
    }
  }

  /**
   * Does the work when nobody else in this process, or a peer, does any on the same tag: reading it, and writing it changed, takes turns.
   * @throws what the work throws; RegistryError CANCELLED while waiting.
   */
  async alone<T>(tag: Tag, work: () => Promise<T>, { signal }: Abortable = {}): Promise<T> {
    const { turns } = this.#memory
    const key = `${this.#registry}/${this.#repository}:${tag}`
    const before = turns.get(key) ?? Promise.resolve()
    const mine = unlessAborted(before, signal).then(() => this.#withoutPeers(key, work, signal))
    // Whoever waits no longer lets nobody past those before.
    const turn = Promise.allSettled([before, mine])
    turns.set(key, turn)
    turn.then(() => {
      if (turns.get(key) === turn) turns.delete(key)
    })
    return mine
  }

  async #withoutPeers<T>(name: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#peers === undefined) return work()
    const leave = await this.#peers.alone(name, signal).catch((cause) => {
      throw new RegistryError('CANCELLED', 'cancelled', { cause })
    })
    try {
      return await work()
    } finally {
      leave()
    }
  }

  #holders(digest: Digest): Map<RepositoryName, number> | undefined {
    return this.#memory.holders.get(this.#key(digest))
  }

  #fresh(at: number | undefined): boolean {
    return at !== undefined && this.#now() - at < TRUSTED_MS
  }

  #key(digest: Digest): string {
    return `${this.#registry} ${digest}`
  }
}

/** Well or not. */
async function ended(flight: Promise<unknown>): Promise<void> {
  await flight.catch(() => {})
}
