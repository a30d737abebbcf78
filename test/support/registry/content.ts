import { createCipheriv, createHash } from 'node:crypto'

export const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`
export const sha512 = (bytes: Uint8Array): string =>
  `sha512:${createHash('sha512').update(bytes).digest('hex')}`

/** Bytes behind a digest. `open` yields those from `start` up to but not including `end`. */
export interface Content {
  readonly digest: string
  readonly size: number
  readonly open: (start: number, end: number) => AsyncIterable<Uint8Array>
}

/** Content that was counted and thrown away: it can be found, mounted and referred to, but not read. */
export interface Discarded {
  readonly digest: string
  readonly size: number
  readonly open?: undefined
}

export function contentOf(bytes: Uint8Array, digest = sha256(bytes)): Content {
  return {
    digest,
    size: bytes.length,
    async *open(start, end) {
      yield bytes.subarray(start, end)
    },
  }
}

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** `size` incompressible bytes that are always the same for one seed. */
export function randomBytesFrom(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

const blockSize = 1024 * 1024

/**
 * A blob of any size that is never held in memory: a 1 MiB block of random bytes, again and again, each
 * time stamped with its number. Finding the digest hashes the whole of it once (about a second a GiB).
 */
export function generatedBlob(seed: string, size: number): Content {
  const block = randomBytesFrom(seed, blockSize)
  async function* open(start: number, end: number): AsyncGenerator<Uint8Array> {
    yield* slices(block, start, Math.min(end, size))
  }
  const hash = createHash('sha256')
  for (const slice of slices(block, 0, size)) hash.update(slice)
  return { digest: `sha256:${hash.digest('hex')}`, size, open }
}

// The stamp is a slice of its own, so that the block itself can be sent without a copy.
function* slices(block: Buffer, start: number, end: number): Generator<Buffer> {
  let at = start
  while (at < end) {
    const within = at % blockSize
    const left = end - at
    if (within < 8) {
      const stamp = Buffer.alloc(8)
      stamp.writeBigUInt64BE(BigInt(Math.floor(at / blockSize)))
      const slice = stamp.subarray(within, Math.min(8, within + left))
      at += slice.length
      yield slice
    } else {
      const slice = block.subarray(within, Math.min(blockSize, within + left))
      at += slice.length
      yield slice
    }
  }
}
