import type { Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import { Body } from './body.ts'
import { type DialOptions, dial, type Endpoint, formatEndpoint } from './dial.ts'
import { Intake } from './intake.ts'
import { broken, Outlet, type WireRequest } from './outlet.ts'
import type { Head } from './parser.ts'
import { type Limits, Patience } from './patience.ts'

/** How a connection is made, and what it waits for. */
export interface ConnectionLimits extends DialOptions, Limits {}

/** The answer's head at once, its body as it comes. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Body
}

interface Exchange {
  readonly body: Body
  readonly head: PromiseWithResolvers<Head>
  readonly patience: Patience
  /** Whether the whole request has left. */
  sent: boolean
  /** Stops listening for the signal. */
  readonly deafen: () => void
}

/**
 * How much is read at once, and how much of it may wait. A kernel gives a connection the room that its reader seems to need, many megabytes
 * for one that reads much, seldom; so much is read only for who has kept up with it for a while.
 */
const APPETITE = {
  small: { bytes: 64 * 1024, waiting: 1, patienceMs: 12 },
  large: { bytes: Number.POSITIVE_INFINITY, waiting: 2, patienceMs: 100 },
} as const
const KEPT_UP_BYTES = 12 * 1024 * 1024
const KEPT_MS = 4_000

/** One strict HTTP/1.1 connection, one exchange at a time. */
export class Connection {
  readonly #where: string
  readonly #onIdle: (connection: Connection) => void
  readonly #limits: Limits
  readonly #intake = new Intake()
  #socket: Socket | undefined
  #outlet: Outlet | undefined
  #exchange: Exchange | undefined
  #paused = false
  #pausedAtMs = 0
  /** Read without the reader being long in taking it. */
  #keptUp = 0
  #received = false
  #closed = false
  #restingSince = 0
  #restedMs = 0

  private constructor(
    endpoint: Endpoint,
    limits: ConnectionLimits,
    onIdle: (connection: Connection) => void,
  ) {
    this.#where = formatEndpoint(endpoint)
    this.#onIdle = onIdle
    this.#limits = limits
  }

  /**
   * Connects. `onIdle` is called whenever the connection could take another request.
   * @throws RegistryError as `dial` does.
   */
  static async open(
    endpoint: Endpoint,
    limits: ConnectionLimits,
    onIdle: (connection: Connection) => void,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(endpoint, limits, onIdle)
    const onread = {
      buffer: () => connection.#intake.nextBuffer(connection.#appetite.bytes),
      callback: (count: number, buffer: Uint8Array) => connection.#onRead(buffer.subarray(0, count)),
    }
    const socket = await dial(endpoint, limits, onread, signal)
    connection.#socket = socket
    connection.#outlet = new Outlet(socket, connection.#where)
    socket.on('error', (error) => connection.#fail(broken(connection.#where, error.message, error)))
    socket.on('timeout', () => connection.close())
    socket.on('end', () => connection.#onEnd())
    socket.on('close', () => connection.#onEnd())
    socket.resume()
    return connection
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether any byte of an answer to the current or last request has come. */
  get received(): boolean {
    return this.#received
  }

  /** How long it had been parked before the current or last request. */
  get restedMs(): number {
    return this.#restedMs
  }

  /**
   * Sends a request and resolves when the answer's head is there. An answer that comes before the request is all sent ends the sending.
   * @throws RegistryError STALLED, REGISTRY_UNAVAILABLE, PROTOCOL, CANCELLED; and whatever the streamed body throws, as it is.
   */
  async exchange(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    const abort = () =>
      this.#fail(new RegistryError('CANCELLED', `${this.#where}: cancelled`, { cause: signal?.reason }))
    const exchange: Exchange = {
      body: new Body({ resume: () => this.#resume(exchange), abandon: () => this.close() }),
      head: Promise.withResolvers<Head>(),
      patience: new Patience(this.#limits, (why) =>
        this.#fail(new RegistryError('STALLED', `${this.#where}: ${why}`, { retryable: true })),
      ),
      sent: false,
      deafen: () => signal?.removeEventListener('abort', abort),
    }
    exchange.head.promise.catch(() => {})
    this.#exchange = exchange
    this.#intake.begin(request.method, exchange.body)
    this.#received = false
    this.#restedMs = performance.now() - this.#restingSince
    this.#socket?.ref()
    this.#socket?.setTimeout(0)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    await Promise.race([this.#send(exchange, request), exchange.head.promise])
    const { status, headers } = await exchange.head.promise
    return { status, headers, body: exchange.body }
  }

  /** Ends it now, whatever it is doing. */
  close(): void {
    this.#fail(new RegistryError('CANCELLED', `${this.#where}: closed`))
  }

  /** Parks it: it keeps no process alive, and closes itself before the server is likely to. */
  rest(): void {
    this.#restingSince = performance.now()
    this.#socket?.setTimeout(KEPT_MS)
    this.#socket?.unref()
  }

  async #send(exchange: Exchange, request: WireRequest): Promise<void> {
    try {
      if (this.#outlet === undefined || this.#closed) throw broken(this.#where, 'it is closed')
      exchange.sent = await this.#outlet.send(
        request,
        exchange.patience,
        () => this.#intake.head !== undefined,
      )
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
    if (this.#exchange !== exchange) return
    if (this.#intake.head === undefined) exchange.patience.answer(request.answerWithinMs)
    this.#settle(exchange)
  }

  #onRead(bytes: Uint8Array): boolean {
    const exchange = this.#exchange
    const before = this.#intake.head
    this.#received = true
    try {
      this.#intake.take(bytes)
    } catch (error) {
      const { code, message } = error as RegistryError
      this.#fail(new RegistryError(code, `${this.#where}: ${message}`, { cause: error }))
      return false
    }
    if (exchange === undefined || this.#intake.head === undefined) return true
    if (before === undefined) {
      exchange.patience.bytes()
      exchange.head.resolve(this.#intake.head)
    } else exchange.patience.moved(bytes.byteLength)
    this.#settle(exchange)
    this.#keptUp += bytes.byteLength
    // Once stopped it is stopped until it is resumed, though TLS hands over what it had decrypted by then.
    const full = exchange.body.waiting >= this.#appetite.waiting && !exchange.body.ended
    if (full && !this.#paused) {
      this.#paused = true
      this.#pausedAtMs = performance.now()
    }
    if (this.#paused) exchange.patience.pause()
    return !this.#paused
  }

  get #appetite(): (typeof APPETITE)['small' | 'large'] {
    return APPETITE[this.#keptUp < KEPT_UP_BYTES ? 'small' : 'large']
  }

  /** `exchange`: whose reader it is that wants more. */
  #resume(exchange: Exchange): void {
    if (!this.#paused || this.#exchange !== exchange) return
    this.#paused = false
    if (performance.now() - this.#pausedAtMs > this.#appetite.patienceMs) this.#keptUp = 0
    exchange.patience.bytes()
    this.#socket?.resume()
  }

  /** Free for the next request once the answer is in and the request is out; of no more use if the answer overtook the request. */
  #settle(exchange: Exchange): void {
    if (this.#exchange !== exchange || !exchange.body.ended) return
    exchange.deafen()
    // The end may come after reading was stopped, and the next answer is to be read as well.
    this.#resume(exchange)
    exchange.patience.end()
    this.#exchange = undefined
    if (exchange.sent && this.#intake.head?.keepAlive && !this.#closed) this.#onIdle(this)
    else this.close()
  }

  #onEnd(): void {
    this.#intake.end()
    if (this.#exchange !== undefined) this.#settle(this.#exchange)
    this.#fail(broken(this.#where, 'the other side closed it'))
  }

  #fail(error: Error): void {
    if (this.#closed) return
    this.#closed = true
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#intake.flush()
    exchange?.patience.end()
    exchange?.deafen()
    exchange?.head.reject(error)
    exchange?.body.fail(error)
    this.#intake.drop()
    this.#socket?.destroy()
  }
}
