import { RegistryError } from '../errors.ts'
import { type Answer, Connection, type ConnectionLimits } from './connection.ts'
import type { Endpoint } from './dial.ts'
import type { Multiplexed } from './multiplexed.ts'
import type { WireRequest } from './outlet.ts'

const RESTED_MS = 500

/** One server, and the connections to it: kept and used again. */
export class Origin {
  readonly endpoint: Endpoint
  readonly #limits: ConnectionLimits
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  /** The one connection to a server that speaks HTTP/2 and nothing else. */
  #multiplexed: Promise<Multiplexed> | undefined

  constructor(endpoint: Endpoint, limits: ConnectionLimits) {
    this.endpoint = endpoint
    this.#limits = limits
  }

  /** Whether there is no connection to it. */
  get unused(): boolean {
    return this.#all.size === 0 && this.#multiplexed === undefined
  }

  /**
   * Makes the request on a connection that is free or new, and once more on a new one where a kept one turns out to have died meanwhile.
   * @throws RegistryError as `Connection.exchange` does.
   */
  async exchange(request: WireRequest, signal: AbortSignal | undefined): Promise<Answer> {
    if (this.#multiplexed !== undefined) return this.#share(request, signal)
    const repeatable = request.body === undefined || request.body instanceof Uint8Array
    for (;;) {
      const kept = this.#takeKept()
      const connection = kept ?? (await this.#open(signal))
      if (connection === undefined) return this.#share(request, signal)
      try {
        return await connection.exchange(request, signal)
      } catch (error) {
        const died =
          error instanceof RegistryError && error.code === 'REGISTRY_UNAVAILABLE' && !connection.received
        // One that was in use a moment ago has not died of rest: what was asked of it was heard, perhaps.
        const rested = request.method !== 'POST' || connection.restedMs > RESTED_MS
        if (kept === undefined || !repeatable || !died || !rested) throw error
      } finally {
        if (connection.closed) this.#all.delete(connection)
      }
    }
  }

  close(): void {
    for (const connection of [...this.#all]) connection.close()
    this.#multiplexed?.then(
      (multiplexed) => multiplexed.close(),
      () => {},
    )
  }

  #takeKept(): Connection | undefined {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop())
      if (!kept.closed) return kept
    return undefined
  }

  /** Undefined: the server speaks HTTP/2 and nothing else. */
  async #open(signal: AbortSignal | undefined): Promise<Connection | undefined> {
    const onIdle = (connection: Connection): void => {
      connection.rest()
      this.#idle.push(connection)
    }
    const opening = Connection.open(this.endpoint, this.#limits, onIdle, signal)
    const connection = await opening.catch((error) => {
      if (!wantsHttp2(error)) throw error
      return undefined
    })
    if (connection === undefined) return undefined
    for (const old of this.#all) if (old.closed) this.#all.delete(old)
    this.#all.add(connection)
    return connection
  }

  async #share(request: WireRequest, signal: AbortSignal | undefined): Promise<Answer> {
    // Loaded when it is needed, which is hardly ever.
    this.#multiplexed ??= import('./multiplexed.ts').then(({ Multiplexed }) =>
      Multiplexed.open(this.endpoint, this.#limits),
    )
    const opening = this.#multiplexed
    const shared = await opening.catch((error) => {
      if (this.#multiplexed === opening) this.#multiplexed = undefined
      throw error
    })
    if (!shared.closed) return shared.exchange(request, signal)
    if (this.#multiplexed === opening) this.#multiplexed = undefined
    return this.#share(request, signal)
  }
}

function wantsHttp2(error: unknown): boolean {
  const cause: unknown = error instanceof RegistryError ? error.cause : undefined
  return (cause as NodeJS.ErrnoException)?.code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'
}
