import type { Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import { Body } from './body.ts'
import { type DialOptions, dial, type Endpoint, formatEndpoint } from './dial.ts'
import { Intake } from './intake.ts'
import type { Head } from './parser.ts'
import type { Chunk } from './slabs.ts'

/** What a connection waits for, and how long. All in milliseconds. */
export interface ConnectionLimits extends DialOptions {
  readonly headersTimeoutMs: number
  readonly idleTimeoutMs: number
}

/** A body that is streamed: its chunks are released as they leave. */
export interface StreamedBody {
  /** In bytes; exactly as many are sent, or the connection is broken off. */
  readonly length: number
  readonly chunks: AsyncIterable<Chunk>
}

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | StreamedBody
}

/** The answer's head at once, its body as it comes. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Body
}

interface Exchange {
  readonly body: Body
  readonly head: PromiseWithResolvers<Head>
  /** Whether the whole request has left. */
  sent: boolean
  /** Stops listening for the signal. */
  readonly deafen: () => void
}

const WAITING_CHUNKS = 2
const KEPT_MS = 4_000

/** One strict HTTP/1.1 connection, one exchange at a time. */
export class Connection {
  readonly #where: string
  readonly #limits: ConnectionLimits
  readonly #onIdle: (connection: Connection) => void
  readonly #intake = new Intake()
  #socket: Socket | undefined
  #exchange: Exchange | undefined
  #paused = false
  #received = false
  #writing = 0
  #closed = false

  private constructor(
    endpoint: Endpoint,
    limits: ConnectionLimits,
    onIdle: (connection: Connection) => void,
  ) {
    this.#where = formatEndpoint(endpoint)
    this.#limits = limits
    this.#onIdle = onIdle
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
      buffer: () => connection.#intake.nextBuffer(),
      callback: (count: number, buffer: Uint8Array) => connection.#onRead(buffer.subarray(0, count)),
    }
    const socket = await dial(endpoint, limits, onread, signal)
    connection.#socket = socket
    socket.on('error', (error) => connection.#fail(connection.#broken(error.message, error)))
    socket.on('timeout', () => connection.#onTimeout())
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

  /**
   * Sends a request and resolves when the answer's head is there. An answer that comes before the request is all sent ends the sending.
   * @throws RegistryError STALLED, REGISTRY_UNAVAILABLE, PROTOCOL, CANCELLED; and whatever the streamed body throws, as it is.
   */
  async exchange(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    const abort = () =>
      this.#fail(new RegistryError('CANCELLED', `${this.#where}: cancelled`, { cause: signal?.reason }))
    const exchange: Exchange = {
      body: new Body({ resume: () => this.#resume(), abandon: () => this.close() }),
      head: Promise.withResolvers<Head>(),
      sent: false,
      deafen: () => signal?.removeEventListener('abort', abort),
    }
    exchange.head.promise.catch(() => {})
    this.#exchange = exchange
    this.#intake.begin(request.method, exchange.body)
    this.#received = false
    this.#socket?.ref()
    this.#socket?.setTimeout(this.#limits.idleTimeoutMs)
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
    this.#socket?.setTimeout(KEPT_MS)
    this.#socket?.unref()
  }

  async #send(exchange: Exchange, request: WireRequest): Promise<void> {
    const { body } = request
    try {
      const head = Buffer.from(formatHead(request, this.#where), 'latin1')
      if (body === undefined || body instanceof Uint8Array) {
        await this.#write(body === undefined ? head : Buffer.concat([head, body]))
      } else {
        await this.#write(head)
        await this.#stream(body)
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
    exchange.sent = true
    if (this.#exchange === exchange && this.#intake.head === undefined) {
      this.#socket?.setTimeout(this.#limits.headersTimeoutMs)
    }
    this.#settle(exchange)
  }

  /** Two writes are under way at most: one leaves while the next is read and hashed. */
  async #stream(body: StreamedBody): Promise<void> {
    let before: Promise<void> = Promise.resolve()
    let length = 0
    for await (const chunk of body.chunks) {
      if (this.#intake.head !== undefined) {
        chunk.release()
        break
      }
      length += chunk.bytes.byteLength
      const now = this.#write(chunk.bytes).finally(() => chunk.release())
      now.catch(() => {})
      await before
      before = now
    }
    await before
    if (this.#intake.head === undefined && length !== body.length) {
      throw this.#broken('the body to send ended early')
    }
  }

  #write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket
    if (socket === undefined || this.#closed) return Promise.reject(this.#broken('it is closed'))
    return new Promise((resolve, reject) => {
      this.#writing += 1
      socket.write(bytes, (error) => {
        this.#writing -= 1
        if (error) reject(this.#broken(error.message, error))
        else resolve()
      })
    })
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
    if (exchange === undefined) return true
    if (before === undefined && this.#intake.head !== undefined) {
      this.#socket?.setTimeout(this.#limits.idleTimeoutMs)
      exchange.head.resolve(this.#intake.head)
    }
    this.#settle(exchange)
    this.#paused = exchange.body.waiting >= WAITING_CHUNKS && !exchange.body.ended
    return !this.#paused
  }

  #resume(): void {
    if (!this.#paused || this.#closed) return
    this.#paused = false
    this.#socket?.resume()
  }

  /** Free for the next request once the answer is in and the request is out; of no more use if the answer overtook the request. */
  #settle(exchange: Exchange): void {
    if (this.#exchange !== exchange || !exchange.body.ended) return
    exchange.deafen()
    this.#exchange = undefined
    if (exchange.sent && this.#intake.head?.keepAlive && !this.#closed) this.#onIdle(this)
    else this.close()
  }

  #onEnd(): void {
    this.#intake.end()
    if (this.#exchange !== undefined) this.#settle(this.#exchange)
    this.#fail(this.#broken('the other side closed it'))
  }

  #onTimeout(): void {
    const exchange = this.#exchange
    // Silence that we asked for, or that the sender of the body owes, is not the other side's.
    const owed = exchange?.sent === false && this.#intake.head === undefined && this.#writing === 0
    if (exchange === undefined) this.close()
    else if (this.#paused || owed) this.#socket?.setTimeout(this.#limits.idleTimeoutMs)
    else {
      this.#fail(
        new RegistryError('STALLED', `${this.#where}: nothing came for too long`, { retryable: true }),
      )
    }
  }

  #fail(error: Error): void {
    if (this.#closed) return
    this.#closed = true
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#intake.flush()
    exchange?.deafen()
    exchange?.head.reject(error)
    exchange?.body.fail(error)
    this.#intake.drop()
    this.#socket?.destroy()
  }

  #broken(why: string, cause?: unknown): RegistryError {
    return new RegistryError('REGISTRY_UNAVAILABLE', `${this.#where}: the connection broke (${why})`, {
      retryable: true,
      cause,
    })
  }
}

function formatHead({ method, path, headers, body }: WireRequest, where: string): string {
  const length = body instanceof Uint8Array ? body.byteLength : body?.length
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(length === undefined ? [] : [`content-length: ${length}`]),
  ]
  if (lines.some((line) => /[^\t\x20-\x7e\x80-\xff]/.test(line))) {
    throw new RegistryError('PROTOCOL', `${where}: the request has characters that HTTP does not allow`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}
