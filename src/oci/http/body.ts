import { type Chunk, split } from './slabs.ts'

/** What a {@link Body} asks of the connection that fills it. */
export interface Flow {
  /** More chunks are wanted again. */
  resume(): void
  /** The rest is not wanted: the connection is given up unless all had been read. */
  abandon(): void
}

/** Lets bytes pass when it is time, and no more at once than it says. */
export interface Gate {
  readonly most: number
  pass(bytes: number): Promise<unknown>
}

/**
 * The content of a response, chunk by chunk as it comes. The reader sets the pace: the connection stops reading while chunks wait here.
 * Read to the end or cancel it; a body left alone keeps its connection.
 */
export class Body implements AsyncIterable<Chunk> {
  readonly #flow: Flow
  readonly #chunks: Chunk[] = []
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined
  #gate: Gate | undefined
  readonly #closed = Promise.withResolvers<void>()

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /** How many chunks wait to be read. */
  get waiting(): number {
    return this.#chunks.length
  }

  /** Resolves when nothing more is to come of it: it has ended, failed or was cancelled. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** Whether the last byte has come in. */
  get ended(): boolean {
    return this.#ended
  }

  /** From now on chunks are given as the gate lets them pass. */
  passThrough(gate: Gate): void {
    this.#gate = gate
  }

  push(chunk: Chunk): void {
    this.#chunks.push(chunk)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#closed.resolve()
    this.#wake?.()
  }

  fail(error: Error): void {
    if (this.#ended) return
    this.#error ??= error
    this.#closed.resolve()
    this.#wake?.()
  }

  /** The next chunk, undefined at the end. Chunks that came before a failure are given first. */
  async read(): Promise<Chunk | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        const passed = this.#gate === undefined ? chunk : await this.#pass(chunk, this.#gate)
        this.#flow.resume()
        return passed
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  async #pass(chunk: Chunk, gate: Gate): Promise<Chunk> {
    const [piece, rest] = split(chunk, gate.most)
    if (rest !== undefined) this.#chunks.unshift(rest)
    try {
      await gate.pass(piece.bytes.byteLength)
      return piece
    } catch (error) {
      piece.release()
      throw error
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk> {
    try {
      for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) yield chunk
    } finally {
      this.cancel()
    }
  }

  /** Lets go of what is left. Harmless at the end, and twice. */
  cancel(): void {
    for (const chunk of this.#chunks.splice(0)) chunk.release()
    this.#closed.resolve()
    if (!this.#ended && this.#error === undefined) this.#flow.abandon()
  }

  /** All of it, up to `limit` bytes; undefined when there is more, and the rest is let go. */
  async bytes(limit: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const chunk of this) {
      size += chunk.bytes.byteLength
      if (size <= limit) parts.push(Buffer.from(chunk.bytes))
      chunk.release()
      if (size > limit) return undefined
    }
    return Buffer.concat(parts)
  }
}
