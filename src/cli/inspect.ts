import {
  type Descriptor,
  formatPlatform,
  formatReference,
  type Manifest,
  type Platform,
  type Reference,
  RegistryError,
} from '#oci'
import { formatBytes } from '#promotion'
import type { Invocation } from './command.ts'
import { line } from './print-result.ts'
import { openOne, readReference } from './sides.ts'

/** A child of an index, or the image itself; `manifest` is undefined where the registry does not have the child. */
interface Part {
  readonly descriptor: Descriptor
  readonly platform: Platform | undefined
  readonly manifest: Manifest | undefined
}

/** `inspect REFERENCE`: one GET, and one for each child of an index. */
export async function inspect(invocation: Invocation): Promise<number> {
  const { operands, options, stdout, signal } = invocation
  const reference = readReference(operands[0] ?? '')
  const { repository, network } = await openOne(invocation, reference)
  try {
    const name = reference.digest ?? reference.tag
    const top = name && (await repository.find(name, { signal }))
    if (!top) throw new RegistryError('MANIFEST_UNKNOWN', `${formatReference(reference)}: not found`)
    const parts = await Promise.all(
      top.manifests.map(async (child): Promise<Part> => {
        const manifest = await repository.find(child.digest, { signal })
        return { descriptor: child, platform: child.platform, manifest }
      }),
    )
    const subject = { reference, top, parts }
    stdout.write(options.has('json') ? line(jsonImage(subject)) : formatImage(subject))
    return 0
  } catch (error) {
    if (options.has('json')) {
      const { describeError } = await import('./print-error.ts')
      stdout.write(line({ status: 'failed', error: describeError(error) }))
    }
    throw error
  } finally {
    await network.close()
  }
}

interface Subject {
  readonly reference: Reference
  readonly top: Manifest
  readonly parts: readonly Part[]
}

function jsonImage({ reference, top, parts }: Subject): object {
  const { digest, mediaType, size } = top.descriptor
  return {
    status: 'done',
    reference: formatReference(reference),
    digest,
    mediaType,
    size,
    artifactType: top.artifactType,
    subject: top.subject?.digest,
    annotations: top.annotations,
    bytes: totalBytes(top, parts),
    blobs: [...top.blobs, ...top.others].map(jsonBlob),
    manifests: parts.map(({ descriptor, platform, manifest }) => ({
      platform: platform && formatPlatform(platform),
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      size: descriptor.size,
      annotations: descriptor.annotations ?? {},
      ...(manifest === undefined
        ? { missing: true }
        : { bytes: bytesOf(manifest.blobs), blobs: manifest.blobs.map(jsonBlob) }),
    })),
  }
}

function jsonBlob({ digest, mediaType, size, foreign }: Descriptor): object {
  return { digest, mediaType, size, ...(foreign && { foreign }) }
}

function formatImage({ reference, top, parts }: Subject): string {
  const { digest, mediaType, size } = top.descriptor
  const rows = [
    ['reference', formatReference(reference)],
    ['digest', digest],
    ['media type', mediaType],
    ['manifest', formatBytes(size)],
    ['content', formatBytes(totalBytes(top, parts))],
    ...(top.artifactType === undefined ? [] : [['artifact', top.artifactType]]),
    ...(top.subject === undefined ? [] : [['subject', top.subject.digest]]),
    ...Object.entries(top.annotations).map(([key, value]) => ['annotation', `${key} = ${value}`]),
  ]
  const lines = [
    ...rows.map(([name = '', value = '']) => `${name.padEnd(11)} ${printable(value)}`),
    ...[...top.blobs, ...top.others].map(formatBlob),
    ...parts.flatMap(formatPart),
  ]
  return `${lines.join('\n')}\n`
}

function formatPart({ descriptor, platform, manifest }: Part): readonly string[] {
  const name = platform === undefined ? descriptor.mediaType : formatPlatform(platform)
  const bytes = manifest === undefined ? 'missing' : formatBytes(bytesOf(manifest.blobs))
  return [
    '',
    `${printable(name)}  ${descriptor.digest}  ${bytes}`,
    ...Object.entries(descriptor.annotations ?? {}).map(
      ([key, value]) => `  annotation  ${printable(`${key} = ${value}`)}`,
    ),
    ...(manifest?.blobs ?? []).map((blob) => `  ${formatBlob(blob)}`),
  ]
}

function formatBlob({ digest, mediaType, size, foreign }: Descriptor): string {
  return `${digest}  ${formatBytes(size).padStart(9)}  ${mediaType}${foreign ? '  (foreign: not in the registry)' : ''}`
}

/** Of distinct blobs, wherever they are used. */
function totalBytes(top: Manifest, parts: readonly Part[]): number {
  return bytesOf([...top.blobs, ...top.others, ...parts.flatMap(({ manifest }) => manifest?.blobs ?? [])])
}

function bytesOf(blobs: readonly Descriptor[]): number {
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

// An image's words are not to move the cursor of whoever looks at it.
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ')
