import { createCipheriv, createHash } from 'node:crypto'
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

/** A place to push to. */
export interface Place {
  /** `http://127.0.0.1:5000` */
  readonly url: string
  readonly repository: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface Platform {
  readonly os: string
  readonly architecture: string
}

const KiB = 1024
const MiB = 1024 * KiB
const ZEROS = Buffer.alloc(MiB)
const TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  // What other tools would compress on the way gets another digest: these are compressed already, at level 0.
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/** The images that are measured, by name. Layers hold what cannot be compressed, the same on every machine. */
export const IMAGES = {
  hello: (place: Place) => pushImage(place, 'v1', 'hello', [4 * KiB]),
  big: (place: Place) => pushImage(place, 'v1', 'big', [64 * KiB, 1024 * MiB, 256 * KiB, MiB]),
  bigger: (place: Place) => pushImage(place, 'v1', 'bigger', [64 * KiB, 4096 * MiB, 256 * KiB, MiB]),
  typical: (place: Place) =>
    pushImage(
      place,
      'v1',
      'typical',
      [80, 60, 40, 30, 20, 12, 6, 2].map((size) => size * MiB),
    ),
  many: (place: Place) => pushImage(place, 'v1', 'many', Array<number>(60).fill(MiB)),
  index: pushIndex,
  signed: pushSigned,
  tags: (place: Place) => pushTags(place, 200),
  'more tags': (place: Place) => pushTags(place, 2000),
} as const

export type ImageName = keyof typeof IMAGES

/** Six platforms of five layers of 2 MiB, two of them shared by all, and an attestation to each. */
async function pushIndex(place: Place): Promise<void> {
  const children: object[] = []
  for (const architecture of ['amd64', 'arm64', 'arm', 'ppc64le', 's390x', 'riscv64']) {
    const platform = { os: 'linux', architecture }
    const seeds = ['shared/0', 'shared/1', ...[2, 3, 4].map((layer) => `${architecture}/${layer}`)]
    const layers = []
    for (const seed of seeds) layers.push(await pushLayer(place, `index/${seed}`, 2 * MiB))
    const image = await pushManifest(place, undefined, await imageOf(place, layers, platform))
    children.push({ ...image, platform })
    const statement = await pushBlob(
      place,
      'application/vnd.in-toto+json',
      Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: image.digest })),
    )
    const attestation = await imageOf(place, [statement], { os: 'unknown', architecture: 'unknown' })
    children.push({
      ...(await pushManifest(place, undefined, attestation)),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': image.digest,
      },
    })
  }
  await pushManifest(place, 'v1', { schemaVersion: 2, mediaType: TYPES.index, manifests: children })
}

/** An image, and its signature, SBOM and attestation: found by what lists them under a tag, which every registry can do. */
async function pushSigned(place: Place): Promise<void> {
  const layers: Descriptor[] = []
  for (const layer of [0, 1, 2, 3]) layers.push(await pushLayer(place, `signed/${layer}`, 2 * MiB))
  const image = await pushManifest(place, 'v1', await imageOf(place, layers))
  const config = await pushBlob(place, 'application/vnd.oci.empty.v1+json', Buffer.from('{}'))
  const referrers: object[] = []
  for (const artifactType of [
    'application/vnd.dev.cosign.artifact.sig.v1+json',
    'application/spdx+json',
    'application/vnd.in-toto+json',
  ]) {
    const layer = await pushBlob(
      place,
      artifactType,
      Buffer.from(JSON.stringify({ about: image.digest, artifactType })),
    )
    const artifact = {
      schemaVersion: 2,
      mediaType: TYPES.manifest,
      artifactType,
      config,
      layers: [layer],
      subject: image,
    }
    referrers.push({ ...(await pushManifest(place, undefined, artifact)), artifactType })
  }
  const list = { schemaVersion: 2, mediaType: TYPES.index, manifests: referrers }
  await pushManifest(place, image.digest.replace(':', '-'), list)
}

/** So many tags over a tenth as many images, each with two layers of its own and two that all share. */
async function pushTags(place: Place, count: number): Promise<void> {
  for (let image = 0; image < count / 10; image++) {
    const seeds = ['shared/0', 'shared/1', `${image}/0`, `${image}/1`]
    const layers = []
    for (const seed of seeds) layers.push(await pushLayer(place, `tags/${seed}`, 128 * KiB))
    const manifest = await imageOf(place, layers)
    for (let tag = image; tag < count; tag += count / 10) await pushManifest(place, `t${tag}`, manifest)
  }
}

async function pushImage(place: Place, tag: string, seed: string, sizes: readonly number[]): Promise<void> {
  const layers: Descriptor[] = []
  for (const [index, size] of sizes.entries()) layers.push(await pushLayer(place, `${seed}/${index}`, size))
  await pushManifest(place, tag, await imageOf(place, layers))
}

async function imageOf(
  place: Place,
  layers: readonly Descriptor[],
  platform: Platform = { os: 'linux', architecture: 'amd64' },
): Promise<object> {
  const history = layers.map(({ digest }) => ({ created_by: digest }))
  const json = JSON.stringify({
    ...platform,
    history,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  })
  const config = await pushBlob(place, TYPES.config, Buffer.from(json))
  return { schemaVersion: 2, mediaType: TYPES.manifest, config, layers }
}

/** Streamed through one PATCH, so that a large layer needs no memory. Its digest is known at the end. */
async function pushLayer(place: Place, seed: string, size: number): Promise<Descriptor> {
  const hash = createHash('sha256')
  let length = 0
  const begun = await ask(place, 'POST', 'blobs/uploads/', {})
  const patched = await ask(
    place,
    'PATCH',
    begun,
    { 'content-type': 'application/octet-stream' },
    Readable.from(randomBytes(seed, size))
      .pipe(createGzip({ level: 0, chunkSize: 256 * KiB }))
      .on('data', (chunk: Buffer) => {
        hash.update(chunk)
        length += chunk.length
      }),
  )
  const digest = `sha256:${hash.digest('hex')}`
  await ask(place, 'PUT', withDigest(patched, digest), {})
  return { mediaType: TYPES.layer, digest, size: length }
}

function* randomBytes(seed: string, size: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  for (let left = size; left > 0; left -= MiB) yield cipher.update(ZEROS.subarray(0, Math.min(left, MiB)))
}

async function pushBlob(place: Place, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const begun = await ask(place, 'POST', 'blobs/uploads/', {})
  await ask(place, 'PUT', withDigest(begun, digest), {}, bytes)
  return { mediaType, digest, size: bytes.length }
}

async function pushManifest(place: Place, tag: string | undefined, manifest: object): Promise<Descriptor> {
  const { mediaType } = { mediaType: '', ...manifest }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  await ask(place, 'PUT', `manifests/${tag ?? digest}`, { 'content-type': mediaType }, bytes)
  return { mediaType, digest, size: bytes.length }
}

function withDigest(location: string, digest: string): string {
  const url = new URL(location)
  url.searchParams.set('digest', digest)
  return url.href
}

const AGENTS = {
  'http:': new Agent({ keepAlive: true }),
  'https:': new TlsAgent({ keepAlive: true, rejectUnauthorized: false }),
}

/** Sends one request and answers with the Location of its answer. */
function ask(
  { url: base, repository }: Place,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body: Buffer | Readable = Buffer.alloc(0),
): Promise<string> {
  const url = new URL(path, `${base}/v2/${repository}/`)
  const tls = url.protocol === 'https:'
  const length = Buffer.isBuffer(body) ? { 'content-length': body.length } : {}
  const options = { method, headers: { ...headers, ...length }, agent: AGENTS[tls ? 'https:' : 'http:'] }
  return new Promise((resolve, reject) => {
    const sent = (tls ? httpsRequest : httpRequest)(url, options, (answer) => {
      answer.resume().on('end', () => {
        const { statusCode = 0 } = answer
        if (statusCode > 299) reject(new Error(`${method} ${url.pathname}: ${statusCode}`))
        else resolve(new URL(answer.headers.location ?? '', url).href)
      })
    })
    sent.on('error', reject)
    if (Buffer.isBuffer(body)) sent.end(body)
    else body.on('error', reject).pipe(sent)
  })
}
