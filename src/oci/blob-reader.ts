import type { BlobStream } from './blobs.ts'
import type { Descriptor } from './descriptor.ts'
import { type Digest, Digester } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Body } from './http/body.ts'
import type { Answer } from './http/connection.ts'
import type { Abortable } from './http/network.ts'
import { parseContentRange } from './http/ranges.ts'
import { Tries } from './http/retry.ts'
import type { Session } from './http/session.ts'
import { type Chunk, without } from './http/slabs.ts'

/** After this much more of a blob has come, what broke before is forgotten. */
const PROGRESS_BYTES = 1024 * 1024
const LEAST_SPACING = 256 * 1024
const MOST_MARKS = 128

/**
 * Reads one blob, over as many answers as it takes. What breaks off is continued by Range where the next answer proves that it continues it,
 * and else read from the start, what had come before being passed over. All tries that this takes come out of one budget.
 */
export class BlobReader implements BlobStream {
  readonly #session: Session
  readonly #blob: Descriptor
  readonly #options: Abortable
  readonly #where: string
  #tries: Tries
  /** Where the budget was last whole. */
  #freshAt = 0
  #ranges = true
  #body: Body | undefined
  /** Bytes of the body that are still to be passed over. */
  #surplus = 0
  /** Stands where the next byte of the body belongs. */
  #digester: Digester
  /** The hash as it stood at earlier places, to go back to. */
  #marks: Digester[] = []
  /** What the hash must come to again at places that were read before. */
  #proofs: { readonly at: number; readonly digest: Digest }[] = []
  /** Counts the readings and what ends them: there is one at a time. */
  #reading = 0

  constructor(session: Session, blob: Descriptor, options: Abortable) {
    this.#session = session
    this.#blob = blob
    this.#options = options
    this.#where = session.where(`blob ${blob.digest}`)
    this.#tries = new Tries(session.network.options)
    this.#digester = new Digester(blob.digest)
  }

  get size(): number {
    return this.#blob.size
  }

  /** Asks for the blob, so that it is known whether it is there. @throws RegistryError BLOB_UNKNOWN, SIZE_MISMATCH */
  async open(): Promise<this> {
    while (this.#body === undefined) {
      try {
        this.#body = await this.#ask()
      } catch (error) {
        await this.#recover(error)
      }
    }
    return this
  }

  async *read(from = 0): AsyncGenerator<Chunk> {
    this.#seek(from)
    this.#reading += 1
    const reading = this.#reading
    let held: Chunk | undefined
    try {
      for (let chunk = await this.#next(reading); chunk !== undefined; chunk = await this.#next(reading)) {
        const before = held
        held = without(chunk, from - (this.#digester.size - chunk.bytes.byteLength))
        if (before !== undefined) yield before
      }
      const digest = new Digester(this.#digester).digest()
      if (digest !== this.#blob.digest)
        throw new RegistryError('DIGEST_MISMATCH', `${this.#where}: its bytes hash to ${digest}`)
      const last = held
      held = undefined
      if (last !== undefined) yield last
    } finally {
      held?.release()
    }
  }

  cancel(): void {
    this.#reading += 1
    this.#body?.cancel()
    this.#body = undefined
  }

  /** Goes back to where the hash can go on from and `from` is still to come. */
  #seek(from: number): void {
    const at = this.#digester.size
    if (from > at) throw new RangeError(`${this.#where}: read up to ${at} so far, and not to ${from}`)
    // The first reading goes on with what was opened. For any other the last one may have taken what is not known here.
    if (this.#reading === 0) return
    this.cancel()
    // What goes out a second time must be the same: some of what went out first may have been kept.
    const proof = { at, digest: new Digester(this.#digester).digest() }
    this.#proofs = from === 0 ? [] : [...this.#proofs, proof].toSorted((a, b) => a.at - b.at)
    this.#marks = this.#marks.filter(({ size }) => size <= from)
    this.#digester = new Digester(this.#marks.at(-1) ?? this.#blob.digest)
    this.#surplus = 0
  }

  /** The next chunk, hashed; undefined after the last one. */
  async #next(reading: number): Promise<Chunk | undefined> {
    for (;;) {
      let body = this.#body
      try {
        body ??= await this.#ask()
        if (reading === this.#reading) this.#body = body
        const read = reading === this.#reading ? await body.read() : undefined
        if (reading !== this.#reading) {
          read?.release()
          throw new RegistryError('CANCELLED', `${this.#where}: not read any further`)
        }
        if (read === undefined && this.#digester.size < this.size)
          throw this.#otherSize(`${this.#digester.size}`, true)
        if (read === undefined) return undefined
        const chunk = without(read, this.#surplus)
        this.#surplus = Math.max(0, this.#surplus - read.bytes.byteLength)
        if (chunk === undefined) continue
        this.#hash(chunk)
        return chunk
      } catch (error) {
        body?.cancel()
        if (reading !== this.#reading) throw error
        this.#body = undefined
        // All bytes are there, whatever became of the end of the answer: the hash decides.
        if (this.#digester.size === this.size && error instanceof RegistryError && error.retryable)
          return undefined
        await this.#recover(error)
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#digester.size - this.#freshAt >= PROGRESS_BYTES) {
      this.#tries = new Tries(this.#session.network.options)
      this.#freshAt = this.#digester.size
    }
    await this.#tries.again(error, this.#options)
  }

  /** Asks for what is still to come. OCI distribution spec, "Pulling blobs"; RFC 9110, "Range Requests". */
  async #ask(): Promise<Body> {
    const at = this.#digester.size
    const partly = this.#ranges && at > 0
    const answer = await this.#session.ask(
      {
        method: 'GET',
        url: this.#session.url(`blobs/${this.#blob.digest}`),
        headers: partly ? { range: `bytes=${at}-` } : {},
        scopes: [this.#session.scope('pull')],
        accepts: partly ? [200, 206, 416] : [200],
        what: `blob ${this.#blob.digest}`,
        fallback: 'BLOB_UNKNOWN',
        download: true,
        once: true,
      },
      this.#options,
    )
    const { status, headers, body } = answer
    const length = headers.get('content-length')
    if (status === 206 && this.#continues(answer, at)) return body
    if (status === 200 && (length === undefined || Number(length) === this.size)) {
      this.#surplus = at
      return body
    }
    body.cancel()
    if (status === 200) throw this.#otherSize(length ?? '', false)
    this.#ranges = false
    return this.#ask()
  }

  #continues({ headers }: Answer, at: number): boolean {
    const range = parseContentRange(headers.get('content-range'))
    const length = Number(headers.get('content-length') ?? this.size - at)
    return (
      range?.start === at &&
      range.end === this.size - 1 &&
      (range.total ?? this.size) === this.size &&
      length === this.size - at
    )
  }

  #hash(chunk: Chunk): void {
    const { size } = this.#digester
    let { bytes } = chunk
    if (size + bytes.byteLength > this.size) {
      chunk.release()
      throw this.#otherSize(`more than ${this.size}`, false)
    }
    if (size - (this.#marks.at(-1)?.size ?? 0) >= Math.max(LEAST_SPACING, this.size / MOST_MARKS))
      this.#marks.push(new Digester(this.#digester))
    for (let proof = this.#proofs[0]; proof !== undefined; proof = this.#proofs[0]) {
      const before = bytes.subarray(0, proof.at - this.#digester.size)
      if (this.#digester.size + before.byteLength < proof.at) break
      this.#digester.update(before)
      bytes = bytes.subarray(before.byteLength)
      if (new Digester(this.#digester).digest() !== proof.digest) {
        chunk.release()
        throw new RegistryError('DIGEST_MISMATCH', `${this.#where}: it was read twice and is not the same`)
      }
      this.#proofs.shift()
    }
    this.#digester.update(bytes)
  }

  #otherSize(found: string, retryable: boolean): RegistryError {
    return new RegistryError('SIZE_MISMATCH', `${this.#where}: ${found} bytes instead of ${this.size}`, {
      retryable,
    })
  }
}
