import type { BlobStream } from './blobs.ts'
import type { Descriptor } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import type { Abortable } from './http/network.ts'
import type { Session } from './http/session.ts'
import type { RepositoryName } from './reference.ts'

/** An upload that was begun. Used once: after a failure a new one is begun. */
export interface UploadSession {
  readonly location: URL
}

/** Begins an upload. Not tried again here. OCI distribution spec, "POST then PUT". */
export async function beginUpload(session: Session, options: Abortable): Promise<UploadSession> {
  const answer = await post(session, {}, [202], [], options)
  return { location: locationOf(session, answer.headers.get('location')) }
}

/**
 * Asks for the blob to be taken over from another repository of the registry, or found in this one. Not tried again here; a registry that
 * does not do it says so in whatever way. OCI distribution spec, "Mounting a blob from another repository".
 */
export async function mountBlob(
  session: Session,
  blob: Descriptor,
  from: RepositoryName,
  options: Abortable,
): Promise<'mounted' | UploadSession> {
  const scopes = from === session.place.repository ? [] : [`repository:${from}:pull`]
  const answer = await post(session, { mount: blob.digest, from }, [201, 202], scopes, options)
  return answer.status === 201 ? 'mounted' : { location: locationOf(session, answer.headers.get('location')) }
}

/**
 * Sends the blob in one request. Not tried again here. When the stream fails, the request is broken off and nothing is committed.
 * @throws RegistryError, and whatever the stream throws, as it is.
 */
export async function putBlob(
  session: Session,
  blob: Descriptor,
  body: BlobStream,
  upload: UploadSession,
  options: Abortable,
): Promise<void> {
  const url = new URL(upload.location)
  // By hand: the query is the registry's own and goes back as it came.
  url.search = `${url.search}${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(blob.digest)}`
  try {
    const answer = await session.ask(
      {
        method: 'PUT',
        url,
        headers: { 'content-type': 'application/octet-stream' },
        body: { length: body.size, chunks: body.chunks },
        scopes: [session.scope('pull,push')],
        accepts: [201],
        what: `upload of blob ${blob.digest}`,
        fallback: 'BLOB_UPLOAD_INVALID',
        once: true,
      },
      options,
    )
    await answer.body.bytes(64 * 1024)
  } finally {
    body.cancel()
  }
}

/** Gives an upload up that is not used. Best effort: some registries ask for the right to delete, and none needs it. */
export async function cancelUpload(session: Session, upload: UploadSession): Promise<void> {
  try {
    const answer = await session.ask(
      {
        method: 'DELETE',
        url: upload.location,
        scopes: [session.scope('pull,push')],
        accepts: [200, 202, 204, 401, 404],
        what: 'cancelled upload',
        fallback: 'BLOB_UPLOAD_UNKNOWN',
        once: true,
      },
      { signal: AbortSignal.timeout(2_000) },
    )
    answer.body.cancel()
  } catch {
    // It ends by itself after a while.
  }
}

async function post(
  session: Session,
  query: Readonly<Record<string, string>>,
  accepts: readonly number[],
  scopes: readonly string[],
  options: Abortable,
) {
  const answer = await session.ask(
    {
      method: 'POST',
      url: session.url('blobs/uploads/', query),
      body: new Uint8Array(0),
      scopes: [session.scope('pull,push'), ...scopes],
      accepts,
      what: query.mount === undefined ? 'begin of an upload' : `mount of blob ${query.mount}`,
      fallback: 'BLOB_UPLOAD_INVALID',
      once: true,
    },
    options,
  )
  await answer.body.bytes(64 * 1024)
  return answer
}

/**
 * Where the upload goes on: relative or absolute, used as given. It stays with the registry: TLS proxies give back `http://` or lose a
 * port, which is mended; another host gets neither the blob nor the credentials (GHSA-jxpm-75mh-9fp7).
 */
function locationOf(session: Session, location: string | undefined): URL {
  const { base, network } = session
  const given = location === undefined ? null : URL.parse(location, base)
  const url = given && network.locate(given)
  if (url === null || url.hostname !== base.hostname) {
    throw new RegistryError(
      'PROTOCOL',
      `${session.where('begin of an upload')}: no Location, or one on another host`,
    )
  }
  url.protocol = base.protocol
  url.port = base.port
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}
