import { authorization, type BasicCredentials } from './client.ts'
import { mediaTypes, randomBytesFrom, sha256 } from './registry.ts'

/** A content with the name that others use for it. */
export interface Part {
  readonly mediaType: string
  readonly digest: string
  readonly bytes: Buffer
}

/** Everything that makes up an image or artifact: what a registry must hold after a promotion. */
export interface Image {
  /** What the tag points to. */
  readonly top: Part
  /** All manifests, children before those that name them; the top is the last. */
  readonly manifests: readonly Part[]
  /** Configs and layers, each once. */
  readonly blobs: readonly Part[]
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const layerType = 'application/vnd.oci.image.layer.v1.tar'
const configType = 'application/vnd.oci.image.config.v1+json'

export function part(mediaType: string, content: string | Buffer): Part {
  const bytes = Buffer.from(content)
  return { mediaType, digest: sha256(bytes), bytes }
}

export const descriptor = ({ mediaType, digest, bytes }: Part): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
})

interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

const amd64: Platform = { os: 'linux', architecture: 'amd64' }

function config(seed: string, layers: readonly Part[], platform: Platform, mediaType = configType): Part {
  const diffIds = layers.map(({ digest }) => digest)
  const value = {
    created: '2026-01-01T00:00:00Z',
    author: seed,
    ...platform,
    config: {},
    history: layers.map((_, i) => ({ created: '2026-01-01T00:00:00Z', created_by: `layer ${i}` })),
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
  return part(mediaType, JSON.stringify(value))
}

function manifest(mediaType: string, configuration: Part, layers: readonly Part[], more: object = {}): Part {
  const value = {
    schemaVersion: 2,
    mediaType,
    config: descriptor(configuration),
    layers: layers.map(descriptor),
    ...more,
  }
  return part(mediaType, JSON.stringify(value))
}

function single(top: Part, blobs: readonly Part[]): Image {
  return { top, manifests: [top], blobs: unique(blobs) }
}

const unique = (parts: readonly Part[]): Part[] => [
  ...new Map(parts.map((one) => [one.digest, one])).values(),
]

/** An OCI image with `count` layers of `size` random bytes each; another seed is another image. */
export function layers(count: number, size: number, seed = 'layers'): Image {
  const all = Array.from({ length: count }, (_, i) =>
    part(layerType, randomBytesFrom(`${seed} layer ${i}`, size)),
  )
  const configuration = config(seed, all, amd64)
  return single(manifest(mediaTypes.ociManifest, configuration, all), [configuration, ...all])
}

/** The smallest useful image: one layer of 1 KiB. */
export function hello(seed = 'hello'): Image {
  return layers(1, 1024, seed)
}

export interface IndexOptions {
  readonly seed?: string
  /** `os/architecture[/variant]`. Default linux/amd64 and linux/arm64. */
  readonly platforms?: readonly string[]
  readonly layerSize?: number
  /** An attestation manifest for each platform, as BuildKit adds them. Default true. */
  readonly attestations?: boolean
}

/** A multi-platform image as BuildKit pushes it; one layer is shared by all platforms. */
export function index(options: IndexOptions = {}): Image {
  const { seed = 'index', platforms = ['linux/amd64', 'linux/arm64'], layerSize = 4096 } = options
  const shared = part(layerType, randomBytesFrom(`${seed} shared`, layerSize))
  const images = platforms.map((name) => {
    const [os = '', architecture = '', variant] = name.split('/')
    const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
    const own = part(layerType, randomBytesFrom(`${seed} ${name}`, layerSize))
    const configuration = config(`${seed} ${name}`, [shared, own], platform)
    const top = manifest(mediaTypes.ociManifest, configuration, [shared, own])
    return { platform, top, blobs: [configuration, shared, own] }
  })
  const attestations = options.attestations === false ? [] : images.map(({ top }) => attestation(seed, top))
  const entries = [
    ...images.map(({ top, platform }) => ({ ...descriptor(top), platform })),
    ...attestations.map(({ top, subject }) => ({
      ...descriptor(top),
      annotations: {
        'vnd.docker.reference.digest': subject,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    })),
  ]
  const value = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries }
  const top = part(mediaTypes.ociIndex, JSON.stringify(value, null, 2))
  const parts = [...images, ...attestations]
  return {
    top,
    manifests: [...parts.map((one) => one.top), top],
    blobs: unique(parts.flatMap(({ blobs }) => blobs)),
  }
}

function attestation(seed: string, { digest }: Part) {
  const statement = { _type: 'https://in-toto.io/Statement/v0.1', subject: [{ digest }], predicate: { seed } }
  const layer = part('application/vnd.in-toto+json', JSON.stringify(statement))
  const configuration = config(`${seed} ${digest}`, [layer], { os: 'unknown', architecture: 'unknown' })
  const top = manifest(mediaTypes.ociManifest, configuration, [layer])
  return { top, subject: digest, blobs: [configuration, layer] }
}

export interface ArtifactOptions {
  readonly seed?: string
  /** Zero or one layer. Default 0. */
  readonly layers?: 0 | 1
  readonly artifactType?: string
  /** Makes it a referrer of this. */
  readonly subject?: Descriptor
  /** Adds an annotation of this many bytes. */
  readonly padding?: number
}

/** An artifact whose bytes no JSON writer would make again: odd spacing, unknown fields, a newline at the end. */
export function artifact(options: ArtifactOptions = {}): Image {
  const { seed = 'artifact', artifactType = 'application/vnd.example.thing+json' } = options
  const empty = part('application/vnd.oci.empty.v1+json', '{}')
  const contents =
    options.layers === 1 ? [part('application/vnd.example.thing', randomBytesFrom(seed, 512))] : []
  const written = (value: unknown): string => JSON.stringify(value).replaceAll('":', '" :  ')
  const fields = [
    `"schemaVersion":2`,
    `"mediaType" : "${mediaTypes.ociManifest}"`,
    `"artifactType":"${artifactType}"`,
    `"config":   ${written({ ...descriptor(empty), data: 'e30=' })}`,
    `"layers":[ ${contents.map((one) => written(descriptor(one))).join(' , ')}]`,
    ...(options.subject === undefined ? [] : [`"subject":${written(options.subject)}`]),
    `"annotations" :{"org.example.seed": ${JSON.stringify(seed)}, "padding":"${'x'.repeat(options.padding ?? 0)}" }`,
    `"x-unknown":{"b":1.0,"a":[ 1e2, null,\t"\\u00e9\\/" ]}`,
  ]
  return single(part(mediaTypes.ociManifest, `{\n\t${fields.join(' ,\n\t')}  }\n\n`), [empty, ...contents])
}

/** A Docker schema 2 image with one layer. */
export function dockerImage(seed = 'docker', architecture = 'amd64'): Image {
  const layer = part('application/vnd.docker.image.rootfs.diff.tar.gzip', randomBytesFrom(seed, 1024))
  const platform = { os: 'linux', architecture }
  const configuration = config(seed, [layer], platform, 'application/vnd.docker.container.image.v1+json')
  return single(manifest(mediaTypes.dockerManifest, configuration, [layer]), [configuration, layer])
}

/** A Docker manifest list of linux/amd64 and linux/arm64. */
export function dockerList(seed = 'docker list'): Image {
  const images = ['amd64', 'arm64'].map((architecture) => ({
    ...dockerImage(`${seed} ${architecture}`, architecture),
    platform: { architecture, os: 'linux' },
  }))
  const manifests = images.map(({ top, platform }) => ({ ...descriptor(top), platform }))
  const top = part(
    mediaTypes.dockerList,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.dockerList, manifests }, null, 3),
  )
  return {
    top,
    manifests: [...images.map((one) => one.top), top],
    blobs: unique(images.flatMap(({ blobs }) => blobs)),
  }
}

/** What cosign puts under `sha256-….sig` for the signatures of a manifest: a layer each, the same payload with another annotation. */
export function signature(subject: Part, signers: readonly string[] = ['one']): Image {
  const payload = part(
    'application/vnd.dev.cosign.simplesigning.v1+json',
    JSON.stringify({ critical: { image: { 'docker-manifest-digest': subject.digest } } }),
  )
  const configuration = config(`signature of ${subject.digest}`, [payload], amd64)
  const layers = signers.map((signer) => ({
    ...descriptor(payload),
    annotations: { 'dev.cosignproject.cosign/signature': Buffer.from(signer).toString('base64') },
  }))
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor(configuration),
    layers,
  }
  return single(part(mediaTypes.ociManifest, JSON.stringify(value)), [configuration, payload])
}

/** The tag that names a manifest: the fallback tag of its referrers, or with a suffix one of cosign's. */
export const digestTag = ({ digest }: Part, suffix = ''): string => `${digest.replace(':', '-')}${suffix}`

/**
 * Pushes a referrer as clients do: by its digest, and where the registry does not say that it lists it, under its subject's fallback tag
 * together with those that stand there.
 */
export async function pushReferrer(
  url: string,
  repository: string,
  subject: Part,
  image: Image,
): Promise<void> {
  const base = `${url}/v2/${repository}/manifests`
  const headers = { 'content-type': image.top.mediaType }
  await push(url, repository, image.top.digest, image)
  const again = { method: 'PUT', headers, body: bodyOf(image.top.bytes) }
  const put = await fetch(`${base}/${image.top.digest}`, again)
  await put.text()
  if (put.headers.has('oci-subject')) return
  const accept = { accept: mediaTypes.ociIndex }
  const found = await fetch(`${base}/${digestTag(subject)}`, { headers: accept })
  const before = (await found.json()) as { manifests?: object[] }
  const manifests = [...(before.manifests ?? []), { ...descriptor(image.top), artifactType: 'text/x-pushed' }]
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })
  await fetch(`${base}/${digestTag(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': mediaTypes.ociIndex },
    body: index,
  }).then((answer) => expect(answer, 201, 'list of referrers'))
}

/** Pushes all of it over plain HTTP: blobs, then children by digest, then the top by tag. Basic only. */
export async function push(
  url: string,
  repository: string,
  tag: string,
  image: Image,
  auth?: BasicCredentials,
): Promise<void> {
  const base = `${url}/v2/${repository}`
  await Promise.all(image.blobs.map((blob) => pushBlob(url, repository, blob, auth)))
  for (const one of image.manifests) {
    const reference = one === image.top ? tag : one.digest
    const headers = { 'content-type': one.mediaType, ...authorization(auth) }
    const response = await fetch(`${base}/manifests/${reference}`, {
      method: 'PUT',
      headers,
      body: bodyOf(one.bytes),
    })
    await expect(response, 201, `manifest ${reference}`)
  }
}

export async function pushBlob(
  url: string,
  repository: string,
  blob: Part,
  auth?: BasicCredentials,
): Promise<void> {
  const headers = authorization(auth)
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  await expect(begun, 202, 'upload')
  const location = new URL(begun.headers.get('location') ?? '', url)
  location.searchParams.set('digest', blob.digest)
  const done = await fetch(location, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: bodyOf(blob.bytes),
  })
  await expect(done, 201, `blob ${blob.digest}`)
}

// fetch wants bytes over an ArrayBuffer of their own kind, which a Buffer may or may not have.
const bodyOf = (bytes: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

async function expect(response: Response, status: number, what: string): Promise<void> {
  const body = await response.text()
  if (response.status !== status) throw new Error(`push of ${what}: status ${response.status}, ${body}`)
}
