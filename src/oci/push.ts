import type { BlobStream } from './blobs.ts'
import type { Descriptor } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import { withParameter } from './http/location.ts'
import type { Abortable } from './http/network.ts'
import { Tries } from './http/retry.ts'
import type { Session } from './http/session.ts'
import { along, beginAnew, cancelUpload, standing, type UploadSession } from './uploads.ts'

/**
 * Sends a blob: in one request where the registry takes that, else in chunks. What is refused for the moment is sent again where the upload
 * still stands as it did; what breaks the upload off is an error, and whoever copies begins anew. When the stream fails, the request is
 * broken off and nothing is committed. An upload that failed is cancelled.
 * @throws RegistryError, and whatever the stream throws, as it is.
 */
export async function pushBlob(
  session: Session,
  blob: Descriptor,
  body: BlobStream,
  upload: UploadSession,
  options: Abortable,
): Promise<void> {
  const { chunkBytes = Number.POSITIVE_INFINITY } = session.network.options
  const push = body.size > chunkBytes ? pushInChunks : pushWhole
  try {
    await push(session, blob, body, upload, options)
  } catch (error) {
    await cancelUpload(session, upload)
    throw lost(error)
      ? new RegistryError(error.code, error.message, { retryable: true, cause: error })
      : error
  } finally {
    body.cancel()
  }
}

/** Loaded when it is needed, which is seldom. */
const pushInChunks: typeof pushWhole = async (...all) => (await import('./push-chunks.ts')).pushChunks(...all)

/** An upload that is not known any more may be begun anew. */
function lost(error: unknown): error is RegistryError {
  return error instanceof RegistryError && (error.status === 404 || error.status === 410)
}

/** OCI distribution spec, "Pushing a blob monolithically". */
async function pushWhole(
  session: Session,
  blob: Descriptor,
  body: BlobStream,
  upload: UploadSession,
  options: Abortable,
): Promise<void> {
  const tries = new Tries(session.network.options)
  for (;;) {
    try {
      const request = along(session, upload, 'PUT', {
        path: withParameter(upload.location.path, 'digest', blob.digest),
        headers: { 'content-type': 'application/octet-stream' },
        body: { length: body.size, open: () => body.read() },
        accepts: [200, 201, 202, 204],
        what: `upload of blob ${blob.digest}`,
        once: true,
      })
      const answer = await session.ask(request, options)
      await answer.body.bytes(64 * 1024)
      return
    } catch (error) {
      // Without an answer there is no knowing what has become of the upload.
      if (!(error instanceof RegistryError) || error.status === undefined) throw error
      const tooLarge = error.status === 413 || error.status === 416
      if (!tooLarge) await tries.again(error, options)
      const untouched = (await standing(session, upload, 0, options)) === 0
      if (!tooLarge && !untouched) throw error
      if (!untouched) await beginAnew(session, upload, options)
      if (tooLarge) return pushInChunks(session, blob, body, upload, options)
    }
  }
}
