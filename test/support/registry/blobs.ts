import { type Answer, bare, refuse, specError, text } from './answer.ts'
import { type Content, collect, type Discarded, sha512 } from './content.ts'
import type { Exchange } from './exchange.ts'
import type { Repository } from './storage.ts'

type Range = { readonly start: number; readonly end: number } | 'whole' | 'malformed' | 'outside'

export const validDigest = (digest: string): boolean =>
  /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/.test(digest)

export async function getBlob(
  repository: Repository | undefined,
  exchange: Exchange,
  digest: string,
): Promise<Answer> {
  if (!validDigest(digest)) return refuse(400, [specError('DIGEST_INVALID', {})])
  const blob = await findBlob(repository, digest)
  if (blob === undefined) return refuse(404, [specError('BLOB_UNKNOWN', digest)])
  const headers = {
    'cache-control': 'max-age=31536000',
    'docker-content-digest': blob.digest,
    etag: `"${blob.digest}"`,
  }
  if (exchange.header('if-none-match') === headers.etag) return bare(304, headers)
  const range = parseRange(exchange.header('range'), blob.size)
  if (range === 'malformed' || range === 'outside') {
    // Promises as many bytes as the blob has and sends one line: docker-registry's own mistake.
    const line = text(416, range === 'outside' ? 'invalid range: failed to overlap' : 'invalid range')
    const place: Record<string, string> =
      range === 'outside' ? { 'content-range': `bytes */${blob.size}` } : {}
    const wrong = { ...line.headers, ...headers, ...place, 'content-length': `${blob.size}` }
    const fits = line.body instanceof Uint8Array && line.body.length <= blob.size
    return fits ? { ...line, headers: wrong } : { status: 416, headers: wrong, body: new Uint8Array() }
  }
  if (blob.open === undefined) {
    if (exchange.record.method !== 'HEAD') {
      return refuse(500, [specError('UNKNOWN', undefined, 'the content of this blob was discarded')])
    }
  }
  const { start, end } = range === 'whole' ? { start: 0, end: blob.size } : range
  const partial: Record<string, string> =
    range === 'whole' ? {} : { 'content-range': `bytes ${start}-${end - 1}/${blob.size}` }
  return {
    status: range === 'whole' ? 200 : 206,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': `${end - start}`,
      'content-type': 'application/octet-stream',
      ...headers,
      ...partial,
    },
    ...(blob.open === undefined ? {} : { body: blob.open(start, end) }),
  }
}

/** A blob is known by its sha256; docker-registry finds it under its sha512 too. */
export async function findBlob(
  repository: Repository | undefined,
  digest: string,
): Promise<Content | Discarded | undefined> {
  if (repository === undefined || !digest.startsWith('sha512:')) return repository?.blobs.get(digest)
  for (const blob of repository.blobs.values()) {
    if (blob.open === undefined || blob.size > 64 * 1024 * 1024) continue
    if (sha512(await collect(blob.open(0, blob.size))) === digest) return blob
  }
  return undefined
}

function parseRange(header: string | undefined, size: number): Range {
  if (header === undefined) return 'whole'
  const found = /^bytes=(\d*)-(\d*)$/.exec(header)
  if (found === null || (found[1] === '' && found[2] === '')) return 'malformed'
  const [, first, last] = found
  if (first === '') {
    const start = Math.max(0, size - Number(last))
    return { start, end: size }
  }
  const start = Number(first)
  if (start >= size) return 'outside'
  const end = last === '' ? size : Math.min(size, Number(last) + 1)
  return end <= start ? 'malformed' : { start, end }
}
