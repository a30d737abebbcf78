/** Bytes that are only lent: valid until {@link Chunk.release}, which is called exactly once when they have been used. */
export interface Chunk {
  readonly bytes: Uint8Array
  release(): void
}

const SLAB_BYTES = 1024 * 1024
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
