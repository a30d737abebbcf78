/** Bytes that are only lent: valid until {@link Chunk.release}, which is called exactly once when they have been used. */
export interface Chunk {
  readonly bytes: Uint8Array
  release(): void
}

/** The chunk without its first bytes; undefined when nothing is left of it, and it is released then. */
export function without(chunk: Chunk, count: number): Chunk | undefined {
  if (count <= 0) return chunk
  if (count < chunk.bytes.byteLength)
    return { bytes: chunk.bytes.subarray(count), release: () => chunk.release() }
  chunk.release()
  return undefined
}

/** Two chunks out of one, the first of `count` bytes, each released by itself; one, if that is all. */
export function split(chunk: Chunk, count: number): readonly [Chunk, Chunk | undefined] {
  if (count >= chunk.bytes.byteLength) return [chunk, undefined]
  let held = 2
  const half = (bytes: Uint8Array): Chunk => {
    let lent = true
    return {
      bytes,
      release: () => {
        if (lent) held -= 1
        if (lent && held === 0) chunk.release()
        lent = false
      },
    }
  }
  return [half(chunk.bytes.subarray(0, count)), half(chunk.bytes.subarray(count))]
}

const SLAB_BYTES = 512 * 1024
const SLABS = 16

/**
 * One large buffer that blob bytes are read into. Several chunks may be views of it; it goes back to the pool when the last of them,
 * and the reader, has let go.
 */
export class Slab {
  readonly bytes: Uint8Array = Buffer.allocUnsafeSlow(SLAB_BYTES)
  /** Where the next byte read goes. */
  fill = 0
  #holders = 0

  constructor() {
    made += 1
  }

  hold(): this {
    this.#holders += 1
    return this
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) free.push(this)
  }

  /** A chunk of what was read from `start` to `end`. */
  chunk(bytes: Uint8Array): Chunk {
    this.hold()
    let lent = true
    return {
      bytes,
      release: () => {
        if (lent) this.release()
        lent = false
      },
    }
  }
}

// Shared by every connection of the process, so that memory does not grow with the number of copies. Reads of this size into memory
// that stays are what makes a copy cheap: sockets left to themselves read 64 KiB into fresh memory each time.
const free: Slab[] = []
let made = 0

/** An empty slab, held once; undefined when all are in use: the reader then goes on through its own small buffer, more slowly. */
export function takeSlab(): Slab | undefined {
  const slab = free.pop() ?? (made < SLABS ? new Slab() : undefined)
  if (slab === undefined) return undefined
  slab.fill = 0
  return slab.hold()
}
