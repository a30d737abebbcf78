import { type Answer, bare, json, refuse, type SpecError, specError } from './answer.ts'
import { type Content, collect, type Discarded, sha256, sha512 } from './content.ts'
import type { Exchange } from './exchange.ts'
import { mediaTypes } from './media-type.ts'
import type { Repository, Storage, StoredManifest } from './storage.ts'

const isDigest = (reference: string): boolean =>
  /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(reference)

// A reference with a colon that is no digest is looked up as a tag's file name, and that fails in the driver.
const impossible = (reference: string): boolean => reference.includes(':') && !isDigest(reference)

export async function getManifest(
  storage: Storage,
  exchange: Exchange,
  name: string,
  reference: string,
): Promise<Answer> {
  if (impossible(reference)) return refuse(500, [specError('UNKNOWN', {})])
  const repository = storage.find(name)
  const byTag = !reference.includes(':')
  let found = storage.getManifest(name, reference)
  if (found === undefined && !byTag) {
    const blob = repository?.blobs.get(reference)
    if (blob !== undefined) {
      found = await asManifest(blob)
      if (found === undefined) return refuse(500, [specError('UNKNOWN', { Offset: 1 })])
    }
  }
  if (found === undefined) {
    const detail = byTag ? { Tag: reference } : { Name: name, Revision: reference }
    return refuse(404, [specError('MANIFEST_UNKNOWN', detail)])
  }
  return negotiate(exchange, repository, found, byTag)
}

// Manifests are looked for among the blobs too: an index may have a child that was pushed as one.
async function asManifest(blob: Content | Discarded): Promise<StoredManifest | undefined> {
  if (blob.open === undefined || blob.size > 4 * 1024 * 1024) return undefined
  const bytes = await collect(blob.open(0, blob.size))
  const value = parseObject(bytes)
  if (value === undefined) return undefined
  const mediaType =
    typeof value.mediaType === 'string'
      ? value.mediaType
      : 'manifests' in value
        ? mediaTypes.ociIndex
        : mediaTypes.ociManifest
  return { digest: blob.digest, mediaType, bytes }
}

function negotiate(
  exchange: Exchange,
  repository: Repository | undefined,
  found: StoredManifest,
  byTag: boolean,
): Answer {
  const accept = (exchange.header('accept') ?? '').split(',').map((type) => type.split(';')[0]?.trim())
  const match = exchange.header('if-none-match')
  if (match === `"${found.digest}"` || match === found.digest) return bare(304)
  const accepted = accept.includes(found.mediaType)
  if (found.mediaType === mediaTypes.ociManifest && !accepted) return unacceptable('manifest')
  if (found.mediaType === mediaTypes.ociIndex && !accepted) return unacceptable('index')
  if (accepted || !byTag) return serve(found)
  if (found.mediaType === mediaTypes.dockerList) {
    const child = amd64Of(found, repository)
    if (child === undefined) return refuse(404, [specError('MANIFEST_UNKNOWN')])
    return accept.includes(mediaTypes.dockerManifest) ? serve(child) : asSchema1(exchange, child)
  }
  return found.mediaType === mediaTypes.dockerManifest ? asSchema1(exchange, found) : serve(found)
}

function unacceptable(what: 'manifest' | 'index'): Answer {
  const plural = what === 'index' ? 'indexes' : 'manifests'
  const message = `OCI ${what} found, but accept header does not support OCI ${plural}`
  return refuse(404, [specError('MANIFEST_UNKNOWN', undefined, message)])
}

function serve({ bytes, digest, mediaType }: StoredManifest): Answer {
  const headers = {
    'content-type': mediaType,
    'content-length': `${bytes.length}`,
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  }
  return { status: 200, headers, body: bytes }
}

function amd64Of(list: StoredManifest, repository: Repository | undefined): StoredManifest | undefined {
  const value = parseObject(list.bytes)
  const entries = Array.isArray(value?.manifests) ? value.manifests : []
  for (const { digest, platform } of entries) {
    if (platform?.os === 'linux' && platform?.architecture === 'amd64')
      return repository?.manifests.get(digest)
  }
  return undefined
}

// The old format under another digest, as docker-registry answers those who do not name the new one. Unsigned.
function asSchema1(exchange: Exchange, { bytes }: StoredManifest): Answer {
  const layers = parseObject(bytes)?.layers
  const fsLayers = Array.isArray(layers) ? layers.map(({ digest }) => ({ blobSum: digest })).reverse() : []
  if (fsLayers.length === 0) return refuse(400, [specError('MANIFEST_INVALID', { Offset: 1 })])
  const [, , ...path] = exchange.record.path.split('/')
  const name = path.slice(0, -2).join('/')
  const schema1 = { schemaVersion: 1, name, tag: path.at(-1), architecture: 'amd64', fsLayers }
  const body = Buffer.from(JSON.stringify(schema1))
  return json(200, schema1, {
    'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
    'docker-content-digest': sha256(body),
    etag: `"${sha256(body)}"`,
  })
}

export interface ManifestRules {
  /** Largest body in bytes. */
  readonly limit: number
  /** Answer `OCI-Subject` when a manifest has a subject. */
  readonly referrers: boolean
  /** Take an index though children of it are missing. */
  readonly sparse: boolean
}

export async function putManifest(
  storage: Storage,
  exchange: Exchange,
  name: string,
  reference: string,
  rules: ManifestRules,
  locate: (path: string) => string,
): Promise<Answer> {
  const bytes = await exchange.bytes(rules.limit)
  if (bytes.length > rules.limit) {
    return refuse(400, [specError('MANIFEST_INVALID', 'http: request body too large')])
  }
  const mediaType = exchange.header('content-type')?.split(';')[0]?.trim() ?? ''
  const value = parseObject(bytes)
  if (value === undefined || !isWellFormed(mediaType, value))
    return refuse(400, [specError('MANIFEST_INVALID', {})])
  const named = reference.startsWith('sha512:') ? sha512(bytes) : sha256(bytes)
  if (impossible(reference)) return refuse(500, [specError('UNKNOWN', {})])
  // Only sha256 names a manifest here: a right sha512 is refused like a wrong one.
  if (reference.includes(':') && (named !== reference || reference.startsWith('sha512:'))) {
    return refuse(400, [specError('DIGEST_INVALID')])
  }
  if (value.schemaVersion !== 2) return refuse(500, [specError('UNKNOWN', {})])
  const isIndex = mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList
  const errors = rules.sparse && isIndex ? [] : missing(storage.repository(name), mediaType, value)
  if (errors.length > 0) return refuse(errors.some(({ code }) => code === 'UNKNOWN') ? 500 : 400, errors)
  const digest = sha256(bytes)
  storage.putManifest(name, digest, bytes, mediaType)
  if (reference !== digest) storage.putManifest(name, reference, bytes, mediaType)
  const subject = (value.subject as { digest?: unknown } | undefined)?.digest
  return bare(201, {
    'docker-content-digest': digest,
    location: locate(`/v2/${name}/manifests/${digest}`),
    ...(rules.referrers && typeof subject === 'string' ? { 'oci-subject': subject } : {}),
  })
}

function isWellFormed(mediaType: string, value: Readonly<Record<string, unknown>>): boolean {
  const said = value.mediaType
  switch (mediaType) {
    case mediaTypes.ociManifest:
      return (said === undefined || said === '' || said === mediaType) && !('manifests' in value)
    case mediaTypes.ociIndex:
      return (
        (said === undefined || said === '' || said === mediaType) &&
        !('layers' in value) &&
        !('config' in value)
      )
    case mediaTypes.dockerManifest:
      return said === mediaType && !('manifests' in value)
    case mediaTypes.dockerList:
      return said === mediaType
    default:
      return false
  }
}

const foreign =
  /^application\/vnd\.(docker\.image\.rootfs\.foreign\.diff\.tar\.gzip|oci\.image\.layer\.nondistributable\.v1\.tar(\+gzip|\+zstd)?)$/

function missing(
  repository: Repository,
  mediaType: string,
  value: Readonly<Record<string, unknown>>,
): SpecError[] {
  const isIndex = mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList
  const children = isIndex ? listOf(value.manifests) : [objectOf(value.config), ...listOf(value.layers)]
  return children.flatMap((child) => {
    const digest = typeof child.digest === 'string' ? child.digest : ''
    const unknown = specError('MANIFEST_BLOB_UNKNOWN', digest)
    if (!isIndex && foreign.test(`${child.mediaType}`)) {
      const docker = mediaType === mediaTypes.dockerManifest
      // The default configuration allows no host at all, and Docker's own foreign layers must name one.
      if (docker || listOf(child.urls).length > 0) {
        return [specError('UNKNOWN'), specError('UNKNOWN', {}), unknown]
      }
    }
    if (!isDigest(digest)) return [specError('DIGEST_INVALID'), unknown]
    const there = repository.blobs.has(digest) || (isIndex && repository.manifests.has(digest))
    return there ? [] : [unknown]
  })
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const listOf = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.map(objectOf) : []

export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? objectOf(value) : undefined
  } catch {
    return undefined
  }
}

export function deleteManifest(repository: Repository | undefined, reference: string): Answer {
  if (!isDigest(reference)) return refuse(400, [specError('DIGEST_INVALID')])
  if (repository?.manifests.delete(reference) !== true) return refuse(404, [specError('MANIFEST_UNKNOWN')])
  for (const [tag, digest] of repository.tags) if (digest === reference) repository.tags.delete(tag)
  return bare(202)
}
