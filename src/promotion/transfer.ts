import type { BlobStream, Chunk, Descriptor, RetryPolicy } from '#oci'
import { sameRepository, type UploadSession, withRetries } from '#oci'
import { on, type PromotionError, sided } from './errors.ts'
import type { Move } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Source, Target } from './request.ts'

/** A move of a blob. */
export type BlobMove = Move & { readonly kind: 'mount' | 'copy' }

/** What became of a blob. */
type Arrival = 'mounted' | 'copied' | 'present'

const TELL_MS = 100

/** Brings blobs from one repository to the other, each tried again as a whole, and counts their bytes. */
export class Transfer {
  readonly #source: Source
  readonly #target: Target
  readonly #retry: RetryPolicy
  readonly #signal: AbortSignal
  readonly #tell: (event: Progress) => void
  #total: number
  #sent = 0
  #mounted = 0
  #present = 0
  #toldAt = 0
  #timer: NodeJS.Timeout | undefined
  /** Those whose bytes have grown since they were told of. */
  readonly #grown = new Set<() => void>()

  /** `total`: bytes expected to be sent. */
  constructor(
    source: Source,
    target: Target,
    options: { readonly retry: RetryPolicy; readonly signal: AbortSignal; readonly total: number },
    tell: (event: Progress) => void,
  ) {
    this.#source = source
    this.#target = target
    this.#retry = options.retry
    this.#signal = options.signal
    this.#total = options.total
    this.#tell = tell
  }

  /** Whether there is anything to bring: not where source and target are one repository. */
  get brings(): boolean {
    return !sameRepository(this.#source.place, this.#target.place)
  }

  /** Bytes of blobs that have come through so far, and of those that were found to be there. */
  get bytes(): { readonly sent: number; readonly mounted: number; readonly present: number } {
    return { sent: this.#sent, mounted: this.#mounted, present: this.#present }
  }

  /**
   * Sees to it that the blob is there. One that another promotion is bringing there is waited for.
   * @throws PromotionError when the retries are used up.
   */
  async move(move: BlobMove): Promise<void> {
    const { blob } = move
    const { holdings } = this.#target
    const signal = this.#signal
    const bring = () => this.#persist(blob, (attempt) => this.#bring(move, attempt))
    const as = await on('target', holdings.once(blob.digest, bring, { signal }))
    if (as === 'mounted') this.#mounted += blob.size
    if (as === 'present') this.#present += blob.size
    if (as !== 'copied' && move.kind === 'copy') this.#total -= blob.size
    if (as === 'copied' && move.kind === 'mount') this.#total += blob.size
    this.#tellBytes()
    this.#tell({ kind: 'moved', move, as })
  }

  /** Sends the blob, whatever is known or said about it being there. */
  async send(blob: Descriptor): Promise<void> {
    this.#target.holdings.remove(blob.digest)
    this.#total += blob.size
    await this.#persist(blob, () => this.#copy(blob, this.#target.begin({ signal: this.#signal })))
    this.#tellBytes()
    this.#tell({ kind: 'moved', move: { kind: 'copy', blob }, as: 'copied' })
  }

  #persist<T>({ digest }: Descriptor, work: (attempt: number) => Promise<T>): Promise<T> {
    return withRetries(this.#retry, work, {
      signal: this.#signal,
      onRetry: (error, attempt) => {
        const { code, side } = error as PromotionError
        this.#tell({ kind: 'retry', digest, code, side, attempt })
      },
    })
  }

  async #bring(move: BlobMove, attempt: number): Promise<Arrival> {
    const { blob } = move
    const options = { signal: this.#signal }
    const { holdings } = this.#target
    if (attempt > 0) {
      // The last try may have been answered to nobody.
      if (await on('target', this.#target.has(blob, { ...options, once: true }))) return 'present'
      return this.#copy(blob, this.#target.begin(options))
    }
    const from = move.kind === 'mount' ? move.from : holdings.elsewhere(blob.digest)
    const offer = await on('target', this.#target.offer(blob, from, options))
    return typeof offer === 'string' ? offer : this.#copy(blob, Promise.resolve(offer))
  }

  /** Both sides are asked at once; when one fails, what the other began is given up. */
  async #copy(blob: Descriptor, upload: Promise<UploadSession>): Promise<'copied'> {
    const options = { signal: this.#signal }
    const [body, begun] = await Promise.allSettled([
      blob.data === undefined ? on('source', this.#source.blob(blob, options)) : carried(blob.data),
      on('target', upload),
    ])
    if (body.status === 'rejected') {
      if (begun.status === 'fulfilled') await this.#target.cancel(begun.value)
      throw body.reason
    }
    if (begun.status === 'rejected') {
      body.value.cancel()
      throw begun.reason
    }
    const counted = this.#counted(blob, body.value)
    try {
      await on('target', this.#target.putBlob(blob, counted.stream, begun.value, options))
    } catch (error) {
      this.#sent -= counted.sent()
      throw error
    } finally {
      this.#grown.delete(counted.tell)
    }
    return 'copied'
  }

  /** Bytes count when they have left for the target; those that are read again, or of a try that failed, are taken back. */
  #counted(
    { digest, size }: Descriptor,
    body: BlobStream,
  ): { readonly stream: BlobStream; readonly sent: () => number; readonly tell: () => void } {
    let sent = 0
    let readings = 0
    const tell = () => this.#tell({ kind: 'blob', digest, sent, size })
    const count = (chunk: Chunk, reading: number): Chunk => ({
      bytes: chunk.bytes,
      release: () => {
        const counts = reading === readings ? chunk.bytes.byteLength : 0
        sent += counts
        this.#sent += counts
        this.#grown.add(tell)
        this.#tellSoon()
        chunk.release()
      },
    })
    const read = (from = 0): AsyncIterable<Chunk> => {
      this.#sent -= sent - from
      sent = from
      readings += 1
      return chunks(from, readings)
    }
    async function* chunks(from: number, reading: number): AsyncGenerator<Chunk> {
      try {
        for await (const chunk of body.read(from)) yield count(chunk, reading)
      } catch (error) {
        throw sided('source', error)
      }
    }
    return { stream: { size: body.size, read, cancel: () => body.cancel() }, sent: () => sent, tell }
  }

  /** Now, or as soon as it was not told for a while: nothing more may come of a blob for long. */
  #tellSoon(): void {
    if (this.#timer !== undefined) return
    const waitMs = this.#toldAt + TELL_MS - Date.now()
    if (waitMs <= 0) this.#tellGrown()
    else this.#timer = setTimeout(() => this.#tellGrown(), waitMs).unref()
  }

  #tellGrown(): void {
    this.#timer = undefined
    if (this.#grown.size === 0) return
    for (const tell of this.#grown) tell()
    this.#grown.clear()
    this.#tellBytes()
  }

  #tellBytes(): void {
    this.#toldAt = Date.now()
    this.#tell({ kind: 'bytes', sent: this.#sent, total: Math.max(this.#total, this.#sent) })
  }
}

/** What its descriptor carries need not be fetched. */
async function carried(bytes: Uint8Array): Promise<BlobStream> {
  async function* read(from = 0): AsyncGenerator<Chunk> {
    if (bytes.byteLength > from) yield { bytes: bytes.subarray(from), release: () => {} }
  }
  return { size: bytes.byteLength, read, cancel: () => {} }
}
