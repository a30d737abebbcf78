import { type Answer, bare, refuse, specError } from './answer.ts'
import { findBlob, validDigest } from './blobs.ts'
import type { Exchange } from './exchange.ts'
import type { Storage } from './storage.ts'
import type { Session, Uploads } from './uploads.ts'

export interface UploadRules {
  /** `session`: a mount is never done, an upload is opened instead. */
  readonly mount: 'mount' | 'session'
  /** Refuse a chunk whose Content-Range does not start where the session stands (416). */
  readonly strictRanges: boolean
  /** Sent as OCI-Chunk-Min-Length when an upload is opened. */
  readonly chunkMinLength: number | undefined
}

type Locate = (path: string) => string

export async function beginUpload(
  storage: Storage,
  uploads: Uploads,
  exchange: Exchange,
  name: string,
  rules: UploadRules,
  locate: Locate,
): Promise<Answer> {
  const { query } = exchange.record
  const mount = query.get('mount')
  const from = query.get('from')
  if (mount !== null && from !== null && rules.mount === 'mount') {
    const blob = await findBlob(storage.find(from), mount)
    if (blob !== undefined) {
      storage.repository(name).blobs.set(blob.digest, blob)
      return created(name, blob.digest, locate)
    }
  }
  const session = uploads.begin(name)
  const least: Record<string, string> =
    rules.chunkMinLength === undefined ? {} : { 'oci-chunk-min-length': `${rules.chunkMinLength}` }
  return bare(202, { ...where(uploads, session, locate), ...least })
}

export async function upload(
  storage: Storage,
  uploads: Uploads,
  exchange: Exchange,
  name: string,
  id: string,
  rules: UploadRules,
  locate: Locate,
): Promise<Answer> {
  const { method, query } = exchange.record
  const session = uploads.find(name, id, query.get('_state'))
  if (session === 'unsigned') return refuse(404, [specError('BLOB_UPLOAD_INVALID', {})])
  if (session === 'invalid') return refuse(404, [specError('BLOB_UPLOAD_INVALID')])
  if (session === 'unknown') return refuse(404, [specError('BLOB_UPLOAD_UNKNOWN', {})])
  switch (method) {
    case 'GET':
    case 'HEAD':
      return bare(204, where(uploads, session, locate))
    case 'DELETE':
      uploads.end(session)
      return bare(204, { 'docker-upload-uuid': session.id })
    case 'PATCH': {
      const type = exchange.header('content-type') ?? 'application/octet-stream'
      if (type !== 'application/octet-stream') return refuse(500, [specError('UNKNOWN', {})])
      const start = /^(?:bytes[ =])?(\d+)-/.exec(exchange.header('content-range') ?? '')?.[1]
      if (rules.strictRanges && start !== undefined && Number(start) !== session.size) {
        return bare(416, where(uploads, session, locate))
      }
      await receive(exchange, session)
      return bare(202, where(uploads, session, locate))
    }
    case 'PUT':
      return finish(storage, uploads, exchange, session, locate)
    default:
      return bare(405, { allow: 'DELETE, GET, HEAD, PATCH, PUT' })
  }
}

async function finish(
  storage: Storage,
  uploads: Uploads,
  exchange: Exchange,
  session: Session,
  locate: Locate,
): Promise<Answer> {
  const digest = exchange.record.query.get('digest')
  if (digest === null || digest === '') return refuse(400, [specError('DIGEST_INVALID', 'digest missing')])
  if (!validDigest(digest)) return refuse(400, [specError('DIGEST_INVALID', 'digest parsing failed')])
  await receive(exchange, session)
  const content = session.content(digest)
  if (content === undefined) return refuse(400, [specError('DIGEST_INVALID', { Digest: digest, Reason: {} })])
  uploads.end(session)
  storage.repository(session.repository).blobs.set(content.digest, content)
  return created(session.repository, content.digest, locate)
}

async function receive(exchange: Exchange, session: Session): Promise<void> {
  for await (const chunk of exchange.body()) session.append(chunk)
}

function created(name: string, digest: string, locate: Locate): Answer {
  return bare(201, { 'docker-content-digest': digest, location: locate(`/v2/${name}/blobs/${digest}`) })
}

function where(uploads: Uploads, session: Session, locate: Locate): Record<string, string> {
  return {
    'docker-upload-uuid': session.id,
    location: locate(uploads.path(session)),
    range: `0-${Math.max(0, session.size - 1)}`,
  }
}
