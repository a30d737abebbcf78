import type { BlobStream } from './blobs.ts'
import { Consecutive } from './consecutive.ts'
import type { Descriptor } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import { withParameter } from './http/location.ts'
import type { Abortable } from './http/network.ts'
import { parseUploadRange } from './http/ranges.ts'
import { Tries } from './http/retry.ts'
import type { Session } from './http/session.ts'
import { along, follow, standing, type UploadSession } from './uploads.ts'

const CHUNK_BYTES = 16 * 1024 * 1024
const SMALLEST_CHUNK = 256 * 1024
/** What a registry may ask for at least: a larger wish is not heard. */
const LEAST_CHUNK_LIMIT = 1024 * 1024 * 1024

/**
 * Sends a blob in chunks, none of which is held in memory: what must be sent again is read again at the source. How far the upload has come is
 * what the registry says, not what was sent. OCI distribution spec, "Pushing a blob in chunks".
 * @throws RegistryError BLOB_UPLOAD_INVALID when the registry does not take any more of it.
 */
export async function pushChunks(
  session: Session,
  blob: Descriptor,
  body: BlobStream,
  upload: UploadSession,
  options: Abortable,
): Promise<void> {
  const source = new Consecutive(body)
  const least = Math.max(SMALLEST_CHUNK, Math.min(upload.leastChunk, LEAST_CHUNK_LIMIT))
  let length = Math.max(session.network.options.chunkBytes ?? CHUNK_BYTES, upload.leastChunk && least)
  let tries = new Tries(session.network.options)
  for (let at = 0; at < body.size; ) {
    const start = at
    const end = Math.min(start + length, body.size)
    try {
      at = await patch(session, upload, source, start, end, options)
      tries = new Tries(session.network.options)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const unfit = error.status === 413 || error.status === 416
      if (!unfit) await tries.again(error, options)
      const stands = await standing(session, upload, end, options)
      if (stands === undefined || stands > end) throw error
      at = stands
      // Where it stands as we think, what does not fit is the length.
      if (unfit && stands === start) {
        if (length <= least) throw error
        length = Math.max(least, Math.ceil(length / 2))
      }
    }
  }
  const request = along(session, upload, 'PUT', {
    path: withParameter(upload.location.path, 'digest', blob.digest),
    body: new Uint8Array(0),
    accepts: [200, 201, 202, 204],
    what: `upload of blob ${blob.digest}`,
  })
  const answer = await session.ask(request, options)
  await answer.body.bytes(64 * 1024)
}

/** Sends the bytes from `start` to before `end`, and answers with how many the registry has then. */
async function patch(
  session: Session,
  upload: UploadSession,
  source: Consecutive,
  start: number,
  end: number,
  options: Abortable,
): Promise<number> {
  const request = along(session, upload, 'PATCH', {
    headers: { 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}` },
    body: { length: end - start, open: () => source.take(start, end) },
    accepts: [200, 201, 202, 204, 413, 416],
    what: `chunk ${start}-${end - 1} of an upload`,
    once: true,
  })
  const answer = await session.ask(request, options)
  follow(session, upload, request, answer)
  if (answer.status >= 400) throw await session.refusal(request, answer)
  await answer.body.bytes(64 * 1024)
  const taken = parseUploadRange(answer.headers.get('range'), end) ?? end
  if (taken > start && taken <= end) return taken
  throw new RegistryError(
    'BLOB_UPLOAD_INVALID',
    `${session.where(request.what)}: the registry says that it has ${taken} bytes`,
    { retryable: true },
  )
}
