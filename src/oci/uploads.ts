import type { Descriptor } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import type { Answer } from './http/connection.ts'
import type { Location } from './http/location.ts'
import type { Abortable } from './http/network.ts'
import { parseUploadRange } from './http/ranges.ts'
import type { RegistryRequest, Session } from './http/session.ts'
import type { RepositoryName } from './reference.ts'

/** An upload that was begun. Used once: after a failure a new one is begun. */
export interface UploadSession {
  /** Where it goes on: as the last answer said. */
  location: Location
  /** The least that the registry takes in one chunk, as far as it says so. */
  readonly leastChunk: number
}

const ANSWER_BYTES = 64 * 1024

/** Begins an upload. OCI distribution spec, "POST then PUT". */
export async function beginUpload(session: Session, options: Abortable): Promise<UploadSession> {
  const request = beginning(session, {}, [])
  return sessionOf(session, request, await session.ask(request, options))
}

/**
 * Asks for the blob to be taken over from another repository of the registry, or found in this one. Tried again only where a
 * neighbour's blob is worth the patience that is asked for. A registry that does not do it says so in whatever way. OCI distribution spec, "Mounting a blob from another repository".
 */
export async function mountBlob(
  session: Session,
  blob: Descriptor,
  from: RepositoryName,
  options: Abortable,
): Promise<'mounted' | UploadSession> {
  const own = from === session.place.repository
  const scopes = own ? [] : [`repository:${from}:pull`]
  const request = { ...beginning(session, { mount: blob.digest, from }, scopes), optional: true, once: own }
  const answer = await session.ask(request, options)
  if (answer.status !== 201) return sessionOf(session, request, answer)
  await answer.body.bytes(ANSWER_BYTES)
  return 'mounted'
}

/** Begins the upload anew, in the place of what it was. */
export async function beginAnew(session: Session, upload: UploadSession, options: Abortable): Promise<void> {
  Object.assign(upload, await beginUpload(session, options))
}

/**
 * How many bytes the registry has of the upload, which then goes on where the answer says; undefined when it does not know the upload any
 * more, or does not say. OCI distribution spec, "Pushing a blob in chunks".
 */
export async function standing(
  session: Session,
  upload: UploadSession,
  expected: number,
  options: Abortable,
): Promise<number | undefined> {
  const request = along(session, upload, 'GET', { accepts: [200, 202, 204, 400, 404, 405, 410] })
  const answer = await session.ask(request, options)
  await answer.body.bytes(ANSWER_BYTES)
  if (answer.status >= 400) return undefined
  follow(session, upload, request, answer)
  return parseUploadRange(answer.headers.get('range'), expected)
}

/** Gives an upload up that is not used. Best effort: some registries ask for the right to delete, and none needs it. */
export async function cancelUpload(session: Session, upload: UploadSession): Promise<void> {
  try {
    const accepts = [200, 202, 204, 401, 403, 404, 405]
    const request = along(session, upload, 'DELETE', { accepts, what: 'cancelled upload', once: true })
    const answer = await session.ask(request, { signal: AbortSignal.timeout(2_000) })
    answer.body.cancel()
  } catch {
    // It ends by itself after a while.
  }
}

/** A request within the upload, to be completed. */
export function along(
  session: Session,
  { location }: UploadSession,
  method: string,
  more: Partial<RegistryRequest>,
): RegistryRequest {
  return {
    ...{ method, url: location.url, path: location.path },
    scopes: [session.scope('pull,push')],
    accepts: [],
    what: 'upload',
    fallback: 'BLOB_UPLOAD_INVALID',
    ...more,
  }
}

/** The upload goes on where this answer says, if it says anything. */
export function follow(
  session: Session,
  upload: UploadSession,
  request: RegistryRequest,
  answer: Answer,
): void {
  const given = answer.headers.get('location')
  if (given !== undefined) upload.location = locationOf(session, request, given)
}

function beginning(
  session: Session,
  query: Readonly<Record<string, string>>,
  scopes: readonly string[],
): RegistryRequest {
  return {
    method: 'POST',
    url: session.url('blobs/uploads/', query),
    body: new Uint8Array(0),
    scopes: [session.scope('pull,push'), ...scopes],
    accepts: query.mount === undefined ? [202] : [201, 202],
    what: query.mount === undefined ? 'begin of an upload' : `mount of blob ${query.mount}`,
    fallback: 'BLOB_UPLOAD_INVALID',
  }
}

async function sessionOf(session: Session, request: RegistryRequest, answer: Answer): Promise<UploadSession> {
  await answer.body.bytes(ANSWER_BYTES)
  const least = answer.headers.get('oci-chunk-min-length') ?? ''
  return {
    location: locationOf(session, request, answer.headers.get('location')),
    leastChunk: /^[0-9]{1,15}$/.test(least) ? Number(least) : 0,
  }
}

/** Where the upload goes on. It stays with the registry: another host gets neither the blob nor the credentials (GHSA-jxpm-75mh-9fp7). */
function locationOf(session: Session, request: RegistryRequest, given: string | undefined): Location {
  const location = session.within(given, request.url)
  if (location !== undefined) return location
  throw new RegistryError('PROTOCOL', `${session.where(request.what)}: no Location, or one on another host`)
}
