import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { descriptor, hello, type Part, part, push } from '#support/images'
import { mediaTypes, type Registry, startRegistry } from '#support/registry'
import { setStage } from './stage.ts'

let a: Registry
let b: Registry
before(async () => {
  ;[a, b] = await Promise.all([startRegistry(), startRegistry()])
  await push(a.url, 'team/app', 'hello', image)
})
beforeEach(() => b.clear())
after(() => Promise.all([a.close(), b.close()]))

const image = hello()
const child = descriptor(image.top)
const blob = descriptor(image.blobs[0] as Part)
const index = (manifests: readonly object[], more: object = {}): Part =>
  part(
    mediaTypes.ociIndex,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, ...more }),
  )
const manifest = (more: object): Part =>
  part(
    mediaTypes.ociManifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: blob,
      layers: [blob],
      ...more,
    }),
  )

/** Indexes of one another, so many deep. */
function nest(depth: number): Part {
  let top = image.top
  for (let at = 0; at < depth; at++) {
    top = index([descriptor(top)])
    a.putManifest('team/app', top.digest, top.bytes, top.mediaType)
  }
  return top
}

const HOSTILE: Readonly<Record<string, readonly [string, () => Part]>> = {
  'a child of another size than the index says': [
    'SIZE_MISMATCH',
    () => index([{ ...child, size: child.size + 1 }]),
  ],
  'a child of another kind than the index says': [
    'MANIFEST_INVALID',
    () => index([{ ...child, mediaType: mediaTypes.ociIndex }]),
  ],
  'a child that is not there': ['MANIFEST_UNKNOWN', () => index([descriptor(hello('absent').top)])],
  'one blob of two sizes': [
    'MANIFEST_INVALID',
    () => manifest({ layers: [{ ...blob, size: blob.size + 1 }] }),
  ],
  'both kinds at once': ['MANIFEST_INVALID', () => index([child], { layers: [] })],
  'a list that is there twice': [
    'MANIFEST_INVALID',
    () => part(mediaTypes.ociIndex, `{"manifests":[],${index([child]).bytes.toString().slice(1)}`),
  ],
  'a list that other readers see and we do not': [
    'MANIFEST_INVALID',
    () => manifest({ Layers: [blob], layers: undefined }),
  ],
  'data that is not what its digest says': [
    'MANIFEST_INVALID',
    () => manifest({ config: { ...blob, data: 'e30=' } }),
  ],
  'a digest that leads elsewhere': [
    'MANIFEST_INVALID',
    () => manifest({ layers: [{ ...blob, digest: 'sha256:../../../../v2/_catalog' }] }),
  ],
  'a size that is no size': ['MANIFEST_INVALID', () => manifest({ layers: [{ ...blob, size: -1 }] })],
  'more manifests than anybody means': [
    'PLAN_LIMIT',
    () =>
      index(
        Array.from({ length: 2001 }, (_, at) => ({
          ...child,
          digest: `sha256:${`${at}`.padStart(64, '0')}`,
        })),
      ),
  ],
  'more blobs than anybody means': [
    'PLAN_LIMIT',
    () =>
      manifest({
        layers: Array.from({ length: 20_001 }, (_, at) => ({
          ...blob,
          digest: `sha256:${`${at}`.padStart(64, '0')}`,
        })),
      }),
  ],
  'indexes without end': ['PLAN_LIMIT', () => nest(17)],
  'the old schema 1': [
    'MANIFEST_INVALID',
    () => part('application/vnd.docker.distribution.manifest.v1+prettyjws', '{"schemaVersion":1}'),
  ],
}

describe('a document that is not what it seems', { timeout: 30_000 }, () => {
  for (const [what, [code, make]] of Object.entries(HOSTILE)) {
    test(`${what}: ${code}, and no upload is begun`, async () => {
      const top = make()
      a.putManifest('team/app', 'evil', top.bytes, top.mediaType)
      await using stage = setStage(`${a.host}/team/app:evil`, `${b.host}/live/app:prod`)
      await assert.rejects(stage.promote(), {
        name: 'PromotionError',
        code,
        side: 'source',
        retryable: false,
      })
      assert.equal(b.count({ method: ['POST', 'PUT', 'PATCH'] }), 0)
    })
  }

  test('of as many levels as anybody may mean is no such document', async () => {
    const top = nest(15)
    a.putManifest('team/app', 'deep', top.bytes, top.mediaType)
    await using stage = setStage(`${a.host}/team/app:deep`, `${b.host}/live/deep:prod`)
    await stage.promote()
    assert.equal(b.getManifest('live/deep', 'prod')?.digest, top.digest)
  })
})

describe('a graph with odd ends', { timeout: 30_000 }, () => {
  const promote = async (top: Part, repository: string) => {
    a.putManifest('team/app', 'odd', top.bytes, top.mediaType)
    await using stage = setStage(`${a.host}/team/app:odd`, `${b.host}/${repository}:prod`)
    return stage.promote()
  }

  test('a child of unknown type is a manifest where the registry serves one as that, with all it names', async () => {
    const type = 'application/vnd.example.bundle.v2+json'
    const bundle = part(type, JSON.stringify({ mediaType: type, manifests: [child], blobs: [blob] }))
    a.putManifest('team/app', bundle.digest, bundle.bytes, type)
    // This registry takes no manifest of that type; what it names has come before.
    await assert.rejects(promote(index([descriptor(bundle)]), 'live/bundle'), {
      code: 'MANIFEST_INVALID',
      side: 'target',
    })
    assert.ok(b.getManifest('live/bundle', child.digest))
    assert.ok(b.hasBlob('live/bundle', blob.digest))
    assert.equal(b.count({ method: 'PUT', path: `/v2/live/bundle/manifests/${bundle.digest}` }), 1)
  })

  test('a child of unknown type is a blob where there is no such manifest', async () => {
    const note = part('application/vnd.example.note+json', '{"a note": "in JSON"}')
    a.putBlob('team/app', note.bytes)
    await promote(index([descriptor(note), child]), 'live/note')
    assert.ok(b.hasBlob('live/note', note.digest))
  })

  test('a blob that its descriptor carries need not be at the source', async () => {
    const empty = part('application/vnd.oci.empty.v1+json', '{}')
    const top = manifest({ config: { ...descriptor(empty), data: 'e30=' }, layers: [] })
    const { receipt } = await promote(top, 'live/carried')
    assert.equal(receipt.bytes.sent, 2)
    assert.ok(b.hasBlob('live/carried', empty.digest))
  })

  test('a layer that is to be had elsewhere is not fetched, and a target that does not take it is asked once', async () => {
    const elsewhere = await startRegistry()
    const layer = {
      ...blob,
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: `sha256:${'f'.repeat(64)}`,
      urls: [`${elsewhere.url}/layer`],
    }
    await assert.rejects(promote(manifest({ layers: [blob, layer] }), 'live/foreign'), {
      code: 'MANIFEST_BLOB_UNKNOWN',
      side: 'target',
      message: /foreign/,
    })
    assert.equal(elsewhere.requests.length, 0)
    assert.equal(b.count({ method: 'PUT', path: /manifests/ }), 1)
    await elsewhere.close()
  })
})
