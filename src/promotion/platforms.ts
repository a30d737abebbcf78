import {
  type Abortable,
  type Descriptor,
  type Digest,
  formatPlatform,
  isFor,
  isIndexType,
  type Manifest,
  type Platform,
  withChildren,
} from '#oci'
import { on, PromotionError } from './errors.ts'
import { nameOf } from './graph.ts'
import type { Source } from './request.ts'

const CONFIG_BYTES = 4 * 1024 * 1024

/**
 * The index with nothing but the children for these platforms, and the attestations that are about them; undefined where that is all of it,
 * or where the image is of one platform alone and that was asked for. What has no platform, an index in the index for one, is for none.
 * @throws PromotionError PLATFORM_UNKNOWN when the image is not there for one that was asked for.
 */
export async function choosePlatforms(
  manifest: Manifest,
  platforms: readonly Platform[],
  source: Source,
  options: Abortable,
): Promise<Manifest | undefined> {
  if (!isIndexType(manifest.descriptor.mediaType)) {
    const platform = await platformOf(manifest, source, options)
    checkAll(platforms, platform === undefined ? [] : [platform], manifest, source)
    return undefined
  }
  const children = [...manifest.manifests, ...manifest.others]
  const known = children.flatMap(({ platform }) => platform ?? [])
  checkAll(platforms, known, manifest, source)
  const chosen = new Set<Digest>(
    children
      .filter(({ platform }) => platform !== undefined && platforms.some((asked) => isFor(platform, asked)))
      .map(({ digest }) => digest),
  )
  for (const child of children) if (chosen.has(attestedBy(child) as Digest)) chosen.add(child.digest)
  return children.every(({ digest }) => chosen.has(digest)) ? undefined : withChildren(manifest, chosen)
}

/** What an attestation in an index is about. BuildKit, "Attestation storage". */
function attestedBy({ annotations = {} }: Descriptor): string | undefined {
  return annotations['vnd.docker.reference.digest']
}

function checkAll(
  asked: readonly Platform[],
  known: readonly Platform[],
  { descriptor }: Manifest,
  source: Source,
): void {
  for (const platform of asked) {
    if (known.some((one) => isFor(one, platform))) continue
    const names = new Set(known.filter(({ os }) => os !== 'unknown').map(formatPlatform))
    const why =
      names.size === 0 ? 'it says of no platform that it is for it' : `it is for ${[...names].join(', ')}`
    const where = nameOf(source, descriptor.digest)
    throw new PromotionError(
      'PLATFORM_UNKNOWN',
      'source',
      `${where}: not for ${formatPlatform(platform)}; ${why}`,
    )
  }
}

/** The platform of an image by itself, which its config says; undefined where that says nothing, or is no config of an image. */
async function platformOf(
  { blobs }: Manifest,
  source: Source,
  { signal }: Abortable,
): Promise<Platform | undefined> {
  const [config] = blobs
  if (config === undefined || !config.mediaType.endsWith('+json') || config.size > CONFIG_BYTES)
    return undefined
  const body = await on('source', source.blob(config, signal === undefined ? {} : { signal }))
  const text = new TextDecoder()
  let json = ''
  for await (const chunk of body.read()) {
    json += text.decode(chunk.bytes, { stream: true })
    chunk.release()
  }
  try {
    const { os, architecture, variant } = JSON.parse(json)
    if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
    return { os, architecture, variant: typeof variant === 'string' ? variant : undefined }
  } catch {
    return undefined
  }
}
