import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { RegistryError } from '../errors.ts'
import { Body } from './body.ts'
import type { Answer, ConnectionLimits } from './connection.ts'
import { dial, type Endpoint, formatEndpoint } from './dial.ts'
import { broken, type WireRequest } from './outlet.ts'
import { Patience } from './patience.ts'

const WAITING_CHUNKS = 4
const SESSION_MEGABYTES = 64

/** One HTTP/2 connection, for servers that speak nothing else: many exchanges at once, through memory of its own and not as fast. */
export class Multiplexed {
  readonly #where: string
  readonly #limits: ConnectionLimits
  readonly #session: ClientHttp2Session

  private constructor(where: string, limits: ConnectionLimits, session: ClientHttp2Session) {
    this.#where = where
    this.#limits = limits
    this.#session = session
  }

  /** @throws RegistryError as `dial` does. */
  static async open(
    endpoint: Endpoint,
    limits: ConnectionLimits,
    signal?: AbortSignal,
  ): Promise<Multiplexed> {
    const socket = await dial({ ...endpoint, protocol: 'h2' }, limits, undefined, signal)
    const where = formatEndpoint(endpoint)
    const session = connect(`https://${where}`, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEGABYTES,
    })
    session.on('error', () => {})
    session.on('goaway', () => session.close())
    session.unref()
    return new Multiplexed(where, limits, session)
  }

  get closed(): boolean {
    return this.#session.closed || this.#session.destroyed
  }

  close(): void {
    this.#session.destroy()
  }

  /**
   * Sends a request and resolves when the answer's head is there.
   * @throws RegistryError STALLED, REGISTRY_UNAVAILABLE, CANCELLED; and whatever the streamed body throws, as it is.
   */
  async exchange(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    const { host, ...headers } = request.headers
    const { method, path, body } = request
    const length = body instanceof Uint8Array ? body.byteLength : body?.length
    const stream = this.#session.request(
      {
        ...headers,
        ...{ ':method': method, ':path': path, ':scheme': 'https', ':authority': host },
        ...(length !== undefined && { 'content-length': length }),
      },
      { endStream: length === undefined },
    )
    const exchange = new Exchange(stream, this.#where, this.#limits)
    const abort = () =>
      exchange.fail(new RegistryError('CANCELLED', `${this.#where}: cancelled`, { cause: signal?.reason }))
    signal?.addEventListener('abort', abort, { once: true })
    stream.once('close', () => signal?.removeEventListener('abort', abort))
    if (signal?.aborted) abort()
    this.#session.ref()
    stream.once('close', () => this.#session.unref())
    const sent = exchange.send(request)
    return Promise.race([exchange.head, sent.then(() => exchange.head)])
  }
}

/** One request and its answer, on a stream of their own. */
class Exchange {
  readonly #stream: ClientHttp2Stream
  readonly #where: string
  readonly #patience: Patience
  readonly #body: Body
  readonly #head = Promise.withResolvers<Answer>()
  #answered = false

  constructor(stream: ClientHttp2Stream, where: string, limits: ConnectionLimits) {
    this.#stream = stream
    this.#where = where
    this.#patience = new Patience(limits, (why) =>
      this.fail(new RegistryError('STALLED', `${where}: ${why}`, { retryable: true })),
    )
    this.#body = new Body({
      resume: () => this.#resume(),
      abandon: () => stream.close(constants.NGHTTP2_CANCEL),
    })
    this.#head.promise.catch(() => {})
    stream.once('response', (headers) => this.#answer(headers))
    stream.on('data', (bytes: Buffer) => this.#take(bytes))
    stream.once('end', () => this.#end())
    stream.once('error', (error) => this.fail(broken(where, error.message, error)))
    stream.once('close', () => this.fail(broken(where, 'the other side closed it')))
  }

  get head(): Promise<Answer> {
    return this.#head.promise
  }

  async send({ body, answerWithinMs }: WireRequest): Promise<void> {
    try {
      if (body instanceof Uint8Array) this.#stream.end(body)
      else if (body !== undefined) {
        let length = 0
        for await (const chunk of body.chunks) {
          length += chunk.bytes.byteLength
          await this.#write(chunk.bytes).finally(() => chunk.release())
          if (this.#answered) return
        }
        if (length !== body.length) throw broken(this.#where, 'the body to send ended early')
        this.#stream.end()
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
    if (!this.#answered) this.#patience.answer(answerWithinMs)
  }

  fail(error: Error): void {
    this.#patience.end()
    this.#head.reject(error)
    this.#body.fail(error)
    this.#stream.close(constants.NGHTTP2_CANCEL)
  }

  #answer(headers: Readonly<Record<string, unknown>>): void {
    this.#answered = true
    this.#patience.bytes()
    const plain = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
    this.#head.resolve({
      status: Number(headers[':status']),
      headers: new Map(
        plain.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
      ),
      body: this.#body,
    })
  }

  #take(bytes: Buffer): void {
    this.#patience.moved(bytes.byteLength)
    this.#body.push({ bytes, release: () => {} })
    if (this.#body.waiting < WAITING_CHUNKS) return
    this.#stream.pause()
    this.#patience.pause()
  }

  #resume(): void {
    if (!this.#stream.isPaused()) return
    this.#patience.bytes()
    this.#stream.resume()
  }

  #end(): void {
    // A stream that was broken off ends, too.
    const whole =
      this.#stream.rstCode === constants.NGHTTP2_NO_ERROR && this.#stream.session?.destroyed === false
    if (!whole) this.fail(broken(this.#where, 'it was broken off'))
    this.#patience.end()
    this.#body.end()
  }

  #write(bytes: Uint8Array): Promise<void> {
    this.#patience.bytes()
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error) return reject(broken(this.#where, error.message, error))
        this.#patience.moved(bytes.byteLength)
        this.#patience.pause()
        resolve()
      })
    })
  }
}
