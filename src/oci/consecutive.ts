import type { BlobStream } from './blobs.ts'
import { type Chunk, split } from './http/slabs.ts'

/** Gives a blob out piece by piece, in one reading as long as one piece follows the other. */
export class Consecutive {
  readonly #blob: BlobStream
  #reading: AsyncIterator<Chunk> | undefined
  #left: Chunk | undefined
  #at = 0
  /** Whether what was last asked for has not been taken to its end. */
  #taking = false

  constructor(blob: BlobStream) {
    this.#blob = blob
  }

  /** The bytes from `start` to before `end`. Where the last ones did not end there, or were not all taken, they are read anew. */
  async *take(start: number, end: number): AsyncGenerator<Chunk> {
    if (this.#taking || start !== this.#at || this.#reading === undefined) this.#seek(start)
    const reading = this.#reading
    this.#taking = true
    while (this.#at < end) {
      const chunk = this.#left ?? (await this.#next())
      if (reading !== this.#reading) {
        chunk?.release()
        return
      }
      if (chunk === undefined) break
      const [now, later] = split(chunk, end - this.#at)
      this.#left = later
      this.#at += now.bytes.byteLength
      yield now
    }
    this.#taking = false
  }

  async #next(): Promise<Chunk | undefined> {
    const next = await this.#reading?.next()
    return next?.done === false ? next.value : undefined
  }

  #seek(start: number): void {
    this.#left?.release()
    this.#left = undefined
    this.#reading = this.#blob.read(start)[Symbol.asyncIterator]()
    this.#at = start
  }
}
