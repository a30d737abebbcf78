import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { OpenRecord } from './ledger.ts'

/** Thrown to leave an exchange whose connection is gone, by our hand or the client's. */
export class Gone extends Error {}

export type Flow = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

// What docker-registry's HTTP server reads of a body that nobody wanted, before it closes the connection.
const unwantedBytes = 256 * 1024
const lingerMs = 500

/** One request and its answer, on the wire. */
export class Exchange {
  readonly record: OpenRecord
  /** What faults do to the body on its way in and out. */
  readonly incoming: Flow[] = []
  readonly outgoing: Flow[] = []
  /** End the body by closing the connection instead of by its length. */
  closeDelimited = false
  /** Settles when the exchange is over: the answer was sent, or the connection broke. */
  readonly closed: Promise<void>
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #continue: boolean
  #read = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    record: OpenRecord,
    expectsContinue: boolean,
  ) {
    this.#request = request
    this.#response = response
    this.closed = new Promise((resolve) => response.once('close', () => resolve()))
    this.record = record
    this.#continue = expectsContinue
  }

  header(name: string): string | undefined {
    return this.record.headers[name]
  }

  /** The request body, once; leaving the loop early leaves the connection whole. */
  body(): AsyncIterable<Uint8Array> {
    let bytes = this.#arriving()
    for (const flow of this.incoming) bytes = flow(bytes)
    return bytes
  }

  async *#arriving(): AsyncIterable<Uint8Array> {
    this.#read = true
    if (this.#continue) this.#response.writeContinue()
    this.#continue = false
    try {
      for await (const chunk of this.#request.iterator({ destroyOnReturn: false })) {
        this.record.bytesIn += chunk.length
        yield chunk
      }
    } catch {
      throw new Gone()
    }
    if (!this.#request.complete) throw new Gone()
  }

  /** The request body as one buffer, at most one byte more than `limit`. */
  async bytes(limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.body()) {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) break
    }
    return Buffer.concat(chunks).subarray(0, limit + 1)
  }

  async discardBody(): Promise<void> {
    if (this.#read) return
    for await (const _ of this.body());
  }

  /** Ends the connection: in an orderly way after what was written, or with a reset. */
  async destroy(how: 'end' | 'reset'): Promise<never> {
    const { socket } = this.#request
    const closed = new Promise((resolve) => socket.once('close', resolve))
    if (socket.destroyed) throw new Gone()
    if (how === 'reset') socket.resetAndDestroy()
    else socket.destroySoon()
    await closed
    throw new Gone()
  }

  async send(answer: Answer): Promise<void> {
    const response = this.#response
    const close = await this.#refusesRest()
    const headers = { ...answer.headers, ...(close ? { connection: 'close' } : {}) }
    if (this.closeDelimited) response.useChunkedEncodingByDefault = false
    response.writeHead(answer.status, headers)
    response.flushHeaders()
    this.record.status = answer.status
    if (this.record.method !== 'HEAD' && answer.body !== undefined) await this.#sendBody(answer.body)
    const promised = Number(answer.headers['content-length'] ?? 0)
    if (this.record.method !== 'HEAD' && this.record.bytesOut < promised) await this.destroy('end')
    if (close) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    const finished = new Promise<void>((resolve) => response.end(() => resolve()))
    await Promise.race([finished, this.closed])
  }

  async #sendBody(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    let bytes: AsyncIterable<Uint8Array> = body instanceof Uint8Array ? once(body) : body
    for (const flow of this.outgoing) bytes = flow(bytes)
    for await (const chunk of bytes) {
      if (chunk.length === 0) continue
      if (this.#request.socket.destroyed) throw new Gone()
      this.record.bytesOut += chunk.length
      if (!this.#response.write(chunk)) {
        await Promise.race([new Promise((resolve) => this.#response.once('drain', resolve)), this.closed])
      }
    }
  }

  // True when more of the request is to come than a server cares to read: the answer then closes.
  async #refusesRest(): Promise<boolean> {
    const request = this.#request
    if (request.complete && request.readableLength === 0) return false
    if (this.#continue) return true
    const announced = Number(request.headers['content-length'] ?? Number.NaN)
    if (announced - this.record.bytesIn > unwantedBytes) return true
    const limit = this.record.bytesIn + unwantedBytes
    for await (const _ of this.#arriving()) if (this.record.bytesIn > limit) return true
    return false
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
