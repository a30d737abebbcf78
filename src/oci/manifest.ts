import { type Descriptor, isIndexType, isManifestType, parseDescriptor } from './descriptor.ts'
import { type Digest, digestOf } from './digest.ts'
import { RegistryError } from './errors.ts'

/**
 * A manifest or index: the very bytes that a registry gave, and what they say. The bytes are what is hashed and what is sent on;
 * the views are derived from them and never written back. OCI image spec, "Image Manifest", "Image Index".
 */
export interface Manifest {
  /** Digest and size are computed from `bytes`. */
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  /** Children that are manifests themselves, in order: those of an index. */
  readonly manifests: readonly Descriptor[]
  /** The blobs this one needs: config first, then layers. Foreign ones are marked. */
  readonly blobs: readonly Descriptor[]
  /** What this one is about, if it refers to another manifest. */
  readonly subject: Descriptor | undefined
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * Reads a manifest's bytes; its digest is computed by the algorithm of `like` (sha256 by default). A child of an index that is no known manifest type counts as a blob, as registries take it.
 * @throws RegistryError MANIFEST_INVALID: no JSON, both kinds at once (CVE-2021-41190), a media type that contradicts the body, bad children.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, like?: Digest): Manifest {
  const digest = digestOf(bytes, like)
  const where = `manifest ${digest}`
  const json = parseObject(bytes, where)
  const type = mediaType.split(';', 1)[0]?.trim() ?? ''
  if (!isManifestType(type))
    throw invalid(where, `media type ${JSON.stringify(type.slice(0, 100))} is not supported`)
  if (json.mediaType !== undefined && json.mediaType !== type)
    throw invalid(where, 'its mediaType is not the one it was served as')
  const isIndex = isIndexType(type)
  if (isIndex ? json.layers !== undefined || json.config !== undefined : json.manifests !== undefined) {
    throw invalid(where, 'it is both an image and an index')
  }
  const children = isIndex ? list(json.manifests, where, 'manifests') : []
  const layers = isIndex ? [] : list(json.layers ?? [], where, 'layers')
  const config = isIndex ? [] : [parseDescriptor(json.config, `${where}: config`)]
  const annotations = record(json.annotations)
  return {
    descriptor: { mediaType: type, digest, size: bytes.byteLength },
    bytes,
    manifests: children.filter((child) => isManifestType(child.mediaType)),
    blobs: [...config, ...layers, ...children.filter((child) => !isManifestType(child.mediaType))],
    subject: json.subject == null ? undefined : parseDescriptor(json.subject, `${where}: subject`),
    artifactType: typeof json.artifactType === 'string' ? json.artifactType : undefined,
    annotations: Object.fromEntries(
      Object.entries(annotations).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
  }
}

/** The media type that the bytes claim for themselves, where a registry served them without a usable one. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  try {
    const { mediaType } = parseObject(bytes, '')
    return typeof mediaType === 'string' ? mediaType : undefined
  } catch {
    return undefined
  }
}

function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new RegistryError('MANIFEST_INVALID', `${where}: not JSON`, { cause })
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>
  throw invalid(where, 'not an object')
}

function list(json: unknown, where: string, key: string): Descriptor[] {
  if (!Array.isArray(json)) throw invalid(where, `${key} is not a list`)
  return json.map((item, index) => parseDescriptor(item, `${where}: ${key}[${index}]`))
}

function record(json: unknown): Record<string, unknown> {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
}

function invalid(where: string, why: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `${where}: ${why}`)
}
