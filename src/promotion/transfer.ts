import {
  type BlobStream,
  type Chunk,
  type Descriptor,
  type RetryPolicy,
  sameRepository,
  type UploadSession,
  withRetries,
} from '#oci'
import { on, type PromotionError, sided } from './errors.ts'
import type { Move } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Source, Target } from './request.ts'

/** A move of a blob. */
export type BlobMove = Move & { readonly kind: 'mount' | 'copy' }

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
  #toldAt = 0

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

  /** Bytes of blobs that have come through so far. */
  get bytes(): { readonly sent: number; readonly mounted: number } {
    return { sent: this.#sent, mounted: this.#mounted }
  }

  /** @throws PromotionError when the retries are used up. */
  async move(move: BlobMove): Promise<void> {
    const { digest, size } = move.blob
    const as = await withRetries(this.#retry, (attempt) => this.#try(move, attempt === 0), {
      signal: this.#signal,
      onRetry: (error, attempt) => {
        const { code, side } = error as PromotionError
        this.#tell({ kind: 'retry', digest, code, side, attempt })
      },
    })
    if (as === 'mounted') this.#mounted += size
    this.#tellBytes()
    this.#tell({ kind: 'moved', move, as })
  }

  async #try(move: BlobMove, first: boolean): Promise<'mounted' | 'copied'> {
    const { blob } = move
    const options = { signal: this.#signal }
    if (move.kind === 'copy' || !first) {
      await this.#copy(blob, this.#target.begin(options))
      return 'copied'
    }
    const begun = await on('target', this.#target.mount(blob, move.from, options))
    if (begun === 'mounted') return 'mounted'
    this.#total += blob.size
    await this.#copy(blob, Promise.resolve(begun))
    return 'copied'
  }

  /** Both sides are asked at once; when one fails, what the other began is given up. */
  async #copy(blob: Descriptor, upload: Promise<UploadSession>): Promise<void> {
    const options = { signal: this.#signal }
    const [body, begun] = await Promise.allSettled([
      on('source', this.#source.blob(blob, options)),
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
    const counted = this.#counted(body.value)
    try {
      await on('target', this.#target.putBlob(blob, counted.stream, begun.value, options))
    } catch (error) {
      this.#sent -= counted.sent()
      throw error
    }
  }

  /** Bytes count when they have left for the target; those of a try that failed are taken back. */
  #counted(body: BlobStream): { readonly stream: BlobStream; readonly sent: () => number } {
    let sent = 0
    const count = (chunk: Chunk): Chunk => ({
      bytes: chunk.bytes,
      release: () => {
        sent += chunk.bytes.byteLength
        this.#sent += chunk.bytes.byteLength
        if (Date.now() - this.#toldAt >= TELL_MS) this.#tellBytes()
        chunk.release()
      },
    })
    async function* chunks(): AsyncGenerator<Chunk> {
      try {
        for await (const chunk of body.chunks) yield count(chunk)
      } catch (error) {
        throw sided('source', error)
      }
    }
    return { stream: { size: body.size, chunks: chunks(), cancel: () => body.cancel() }, sent: () => sent }
  }

  #tellBytes(): void {
    this.#toldAt = Date.now()
    this.#tell({ kind: 'bytes', sent: this.#sent, total: Math.max(this.#total, this.#sent) })
  }
}
