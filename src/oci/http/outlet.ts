import type { Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import type { Patience } from './patience.ts'
import type { Chunk } from './slabs.ts'

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
  /** How long its answer may take, where that is not as long as usual. */
  readonly answerWithinMs?: number
}

/** What is written at once: small enough for the end of a write to tell a slow reader from one that stands still. */
const WRITE_BYTES = 256 * 1024

/** The writing half of a connection. */
export class Outlet {
  readonly #socket: Socket
  readonly #where: string
  #patience: Patience | undefined
  #writing = 0
  #answered: () => boolean = () => false

  constructor(socket: Socket, where: string) {
    this.#socket = socket
    this.#where = where
  }

  /**
   * Sends a request. One that was answered before all of it was sent is not sent any further: false, and nothing may follow it.
   * @throws RegistryError REGISTRY_UNAVAILABLE, PROTOCOL; and whatever the streamed body throws, as it is.
   */
  async send(request: WireRequest, patience: Patience, answered: () => boolean): Promise<boolean> {
    const { body } = request
    this.#patience = patience
    this.#answered = answered
    const head = Buffer.from(formatHead(request, this.#where), 'latin1')
    if (body === undefined || body instanceof Uint8Array) {
      await this.#write(body === undefined ? head : Buffer.concat([head, body]))
      return true
    }
    await this.#write(head)
    const whole = (await this.#stream(body)) === body.length
    if (!answered() && !whole) throw broken(this.#where, 'the body to send ended early')
    return whole
  }

  /** The bytes that were sent. Two writes are under way at most: one leaves while the next is read and hashed. */
  async #stream(body: StreamedBody): Promise<number> {
    let before: Promise<void> = Promise.resolve()
    let length = 0
    // The head alone may be enough for an answer.
    await turn()
    for await (const chunk of body.chunks) {
      const { bytes } = chunk
      let last = before
      try {
        for (let at = 0; at < bytes.byteLength && !this.#answered(); at += WRITE_BYTES) {
          await turn()
          if (this.#answered()) break
          const piece = bytes.subarray(at, at + WRITE_BYTES)
          length += piece.byteLength
          last = this.#write(piece)
          last.catch(() => {})
          await before
          before = last
        }
      } finally {
        last.finally(() => chunk.release()).catch(() => {})
      }
      if (this.#answered()) break
    }
    await before
    return length
  }

  #took(count: number): void {
    this.#patience?.moved(count)
    // Whoever provides the body has the next turn.
    if (this.#writing === 0) this.#patience?.pause()
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#writing === 0) this.#patience?.bytes()
      this.#writing += 1
      this.#socket.write(bytes, (error) => {
        this.#writing -= 1
        if (error) return reject(broken(this.#where, error.message, error))
        if (!this.#answered()) this.#took(bytes.byteLength)
        resolve()
      })
    })
  }
}

/**
 * Lets what has come be read before more is written: whoever answers early and hangs up makes the next write fail, and with it the socket,
 * answer and all.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The connection is of no more use. */
export function broken(where: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_UNAVAILABLE', `${where}: the connection broke (${why})`, {
    retryable: true,
    cause,
  })
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
