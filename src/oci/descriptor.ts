import { type Digest, digestOf, isDigest } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Platform } from './platform.ts'

/** What some bytes are, how many, and their digest. OCI image spec, "Content Descriptors". */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  readonly platform?: Platform
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Whether the bytes are to be had at URLs of their own (a "foreign" layer) and need not be in the registry. */
  readonly foreign?: boolean
  /** The bytes themselves, where the descriptor carries them; they hash to the digest. */
  readonly data?: Uint8Array
}

/** The media types that this room asks for and knows the shape of. */
export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  /** Never finished, and still what older signatures and SBOMs are. OCI image spec 1.1.0-rc2, "Artifact Manifest". */
  artifact: 'application/vnd.oci.artifact.manifest.v1+json',
} as const

const MANIFEST_TYPES: ReadonlySet<string> = new Set(Object.values(MEDIA_TYPES))
const FOREIGN = new Set([
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
])

/** Whether the media type is an index or a manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.index || mediaType === MEDIA_TYPES.dockerList
}

/** Whether the media type is one of a manifest that has children of its own. */
export function isManifestType(mediaType: string): boolean {
  return MANIFEST_TYPES.has(mediaType)
}

/**
 * A descriptor from parsed JSON. `where` is for the message.
 * @throws RegistryError MANIFEST_INVALID for a missing or impossible digest, size or media type: they become paths and lengths; and for
 * `data` that is not what the digest says.
 */
export function parseDescriptor(json: unknown, where: string): Descriptor {
  const { mediaType, digest, size, platform, artifactType, annotations, urls, data } = record(json, where)
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(where, 'no valid digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(where, 'no valid size')
  if (typeof mediaType !== 'string' || !/^[\w.+-]+\/[\w.+-]+$/.test(mediaType))
    throw invalid(where, 'no valid mediaType')
  const parsed = parsePlatform(platform)
  return {
    mediaType,
    digest,
    size,
    ...(parsed && { platform: parsed }),
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(annotations !== undefined && { annotations: strings(annotations) }),
    // Any descriptor may name further places; only these layers need not be in the registry as well.
    ...(FOREIGN.has(mediaType) && Array.isArray(urls) && urls.length > 0 && { foreign: true }),
    ...(data !== undefined && { data: parseData(data, digest, size, where) }),
  }
}

function parseData(json: unknown, digest: Digest, size: number, where: string): Uint8Array {
  const bytes = typeof json === 'string' ? Buffer.from(json, 'base64') : undefined
  if (bytes?.byteLength === size && digestOf(bytes, digest) === digest) return bytes
  throw invalid(where, 'its data is not what its digest says')
}

function parsePlatform(json: unknown): Platform | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { os, architecture, variant } = json as Record<string, unknown>
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return { os, architecture, variant: typeof variant === 'string' ? variant : undefined }
}

function strings(json: unknown): Readonly<Record<string, string>> {
  if (typeof json !== 'object' || json === null) return {}
  return Object.fromEntries(
    Object.entries(json).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

function record(json: unknown, where: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>
  throw invalid(where, 'not an object')
}

function invalid(where: string, why: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `${where}: ${why}`)
}
