import { RegistryError } from '../errors.ts'
import type { Body } from './body.ts'
import { ChunkedParser, type Head, HeadParser } from './parser.ts'
import { type Slab, takeSlab } from './slabs.ts'

const SMALL_BYTES = 32 * 1024
const GATHER_BYTES = 128 * 1024
const GATHER_MS = 5

/**
 * The reading half of a connection: where its bytes are read into, and what they mean. Small answers pass through a small buffer and are
 * copied; the bytes of large ones go into shared slabs, from where they are hashed and sent on without being copied.
 */
export class Intake {
  readonly #small: Uint8Array = Buffer.allocUnsafeSlow(SMALL_BYTES)
  #slab: Slab | undefined
  #start = 0
  #flushing = false
  #parser: HeadParser | undefined
  #chunked: ChunkedParser | undefined
  #body: Body | undefined
  #left = 0
  #head: Head | undefined

  /** The current answer's head, once it is whole. */
  get head(): Head | undefined {
    return this.#head
  }

  /** Expects the answer to a request; its content goes to `body`. */
  begin(method: string, body: Body): void {
    this.#parser = new HeadParser(method)
    this.#chunked = undefined
    this.#head = undefined
    this.#body = body
  }

  /**
   * Takes what was read into the last {@link Intake.nextBuffer}.
   * @throws RegistryError PROTOCOL when it is not HTTP, or more than was asked for.
   */
  take(bytes: Uint8Array): void {
    if (this.#body === undefined || this.#body.ended) throw surplus()
    if (this.#head !== undefined) this.#content(bytes, this.#slab)
    else this.#answer(bytes)
  }

  #answer(bytes: Uint8Array): void {
    const parsed = this.#parser?.push(bytes)
    if (parsed === undefined) return
    const { framing } = parsed.head
    this.#head = parsed.head
    this.#left =
      framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : Number.POSITIVE_INFINITY
    if (framing.kind === 'chunked') this.#chunked = new ChunkedParser()
    this.#content(parsed.rest, undefined)
  }

  /** The other side has ended: that is the end of a body without length, and of no other. */
  end(): void {
    if (this.#head?.framing.kind === 'close') this.#finish()
  }

  /** Where the next bytes are to be read into, at most so many at once. */
  nextBuffer(most: number): Uint8Array {
    const slab = this.#slab
    const large = this.#head !== undefined && this.#left > SMALL_BYTES
    const gathering = this.#start < (slab?.fill ?? 0)
    if (slab !== undefined && (large || gathering) && slab.bytes.byteLength - slab.fill >= GATHER_BYTES) {
      return slab.bytes.subarray(slab.fill, slab.fill + most)
    }
    this.drop()
    if (large) this.#slab = takeSlab()
    return this.#slab?.bytes.subarray(0, most) ?? this.#small
  }

  /** Hands on what was gathered so far. */
  flush(): void {
    const slab = this.#slab
    if (slab === undefined || slab.fill === this.#start) return
    this.#body?.push(slab.chunk(slab.bytes.subarray(this.#start, slab.fill)))
    this.#start = slab.fill
  }

  /** Lets go of the slab that is being read into. */
  drop(): void {
    this.#slab?.release()
    this.#slab = undefined
    this.#start = 0
  }

  /** `slab`: what the bytes are in; without one they are in memory that will be read into again, and are copied. */
  #content(bytes: Uint8Array, slab: Slab | undefined): void {
    if (this.#chunked !== undefined) this.#dechunk(this.#chunked, bytes, slab)
    else {
      if (bytes.byteLength > this.#left) throw surplus()
      this.#left -= bytes.byteLength
      if (slab === undefined) this.#give(bytes, undefined)
      else this.#gather(slab, bytes.byteLength)
    }
    if (this.#left === 0) this.#finish()
  }

  #dechunk(chunked: ChunkedParser, bytes: Uint8Array, slab: Slab | undefined): void {
    const { pieces, used } = chunked.push(bytes)
    for (const piece of pieces) this.#give(piece, slab)
    if (slab !== undefined) {
      slab.fill += bytes.byteLength
      this.#start = slab.fill
    }
    if (used < bytes.byteLength) throw surplus()
    if (chunked.done) this.#left = 0
  }

  #give(bytes: Uint8Array, slab: Slab | undefined): void {
    if (bytes.byteLength === 0) return
    this.#body?.push(
      slab === undefined ? { bytes: Buffer.from(bytes), release: () => {} } : slab.chunk(bytes),
    )
  }

  /** TLS hands over 16 KiB at a time: small reads are gathered, until there is enough or they have waited for it. */
  #gather(slab: Slab, count: number): void {
    slab.fill += count
    if (slab.fill - this.#start >= GATHER_BYTES || slab.bytes.byteLength - slab.fill < GATHER_BYTES) {
      this.flush()
    } else if (!this.#flushing) {
      this.#flushing = true
      setTimeout(() => {
        this.#flushing = false
        this.flush()
      }, GATHER_MS)
    }
  }

  #finish(): void {
    this.flush()
    this.#body?.end()
  }
}

function surplus(): RegistryError {
  return new RegistryError('PROTOCOL', 'the answer is not valid HTTP: there is more than was asked for')
}
