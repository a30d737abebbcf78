import { type Descriptor, isIndexType, isManifestType, MEDIA_TYPES, parseDescriptor } from './descriptor.ts'
import { type Digest, digestOf } from './digest.ts'
import { RegistryError } from './errors.ts'
import { fold, parseObject } from './json.ts'

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
  /** Children of an index whose media type says nothing here: manifests or blobs. */
  readonly others: readonly Descriptor[]
  /** What this one is about, if it refers to another manifest. */
  readonly subject: Descriptor | undefined
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** The digest that the registry named beside these bytes, where it is not theirs. */
  readonly claimed?: Digest
}

const KEYS: ReadonlySet<string> = new Set([
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'blobs',
  'subject',
])
const FOLDED: ReadonlySet<string> = new Set([...KEYS].map(fold))
const NEEDS_CONFIG: ReadonlySet<string> = new Set([MEDIA_TYPES.manifest, MEDIA_TYPES.dockerManifest])
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/

/**
 * Reads a manifest's bytes; its digest is computed by the algorithm of `like` (sha256 by default). A type that is not known here is read
 * only if it is the one that was `expected`: by the lists that manifests have, whichever are there.
 * @throws RegistryError MANIFEST_INVALID: no JSON, or JSON that can be read in two ways; both kinds at once (CVE-2021-41190); a media type
 * that is not known here, or contradicts the body; bad children.
 */
export function parseManifest(
  bytes: Uint8Array,
  mediaType: string,
  like?: Digest,
  expected?: string,
): Manifest {
  const digest = digestOf(bytes, like)
  const where = `manifest ${digest}`
  const type = mediaType.split(';', 1)[0]?.trim() ?? ''
  if (SCHEMA_1.test(type))
    throw invalid(where, 'of the old schema 1, which registries take no more: build or push the image anew')
  const json = parseObject(bytes, where)
  if (!isManifestType(type) && type !== expected)
    throw invalid(where, `media type ${JSON.stringify(type.slice(0, 100))} is not supported`)
  checkKind(json, type, where)
  const children = list(isIndexType(type) ? json.manifests : (json.manifests ?? []), `${where}: manifests`)
  const config = json.config == null ? [] : [parseDescriptor(json.config, `${where}: config`)]
  if (NEEDS_CONFIG.has(type) && config.length === 0) throw invalid(where, 'it has no config')
  const layers = ['layers', 'blobs'].flatMap((key) => list(json[key] ?? [], `${where}: ${key}`))
  return {
    descriptor: { mediaType: type, digest, size: bytes.byteLength },
    bytes,
    manifests: children.filter((child) => isManifestType(child.mediaType)),
    blobs: [...config, ...layers],
    others: children.filter((child) => !isManifestType(child.mediaType)),
    subject: json.subject == null ? undefined : parseDescriptor(json.subject, `${where}: subject`),
    artifactType: typeof json.artifactType === 'string' ? json.artifactType : undefined,
    annotations: Object.fromEntries(
      Object.entries(record(json.annotations)).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      ),
    ),
  }
}

/** Holds the document to being one kind of thing, to the type that it was served as, and to keys as the spec spells them. */
function checkKind(json: Record<string, unknown>, type: string, where: string): void {
  if (json.mediaType != null && json.mediaType !== '' && json.mediaType !== type)
    throw invalid(where, 'its mediaType is not the one it was served as')
  const odd = Object.keys(json).find((key) => !KEYS.has(key) && FOLDED.has(fold(key)))
  if (odd !== undefined) throw invalid(where, `the key ${JSON.stringify(odd)} is not spelt as it should be`)
  const ofImage = json.layers != null || json.config != null
  if (isIndexType(type) ? ofImage : isManifestType(type) && json.manifests != null)
    throw invalid(where, 'it is both an image and an index')
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

function list(json: unknown, where: string): Descriptor[] {
  // As Go writes an empty list.
  if (json === null) return []
  if (!Array.isArray(json)) throw invalid(where, 'not a list')
  return json.map((item, index) => parseDescriptor(item, `${where}[${index}]`))
}

function record(json: unknown): Record<string, unknown> {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
}

function invalid(where: string, why: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `${where}: ${why}`)
}
