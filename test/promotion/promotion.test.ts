import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openRepository, parseReference, type Tag } from '#oci'
import { formatPlan, perform, plan } from '#promotion'
import { getManifestRaw } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import {
  artifact,
  descriptor,
  dockerImage,
  dockerList,
  hello,
  type Image,
  index,
  layers,
  part,
  push,
} from '#support/images'
import { mediaTypes, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'
import { setStage } from './stage.ts'

interface AnyRegistry extends AsyncDisposable {
  readonly url: string
  readonly host: string
  clear(): unknown
  /** `METHOD path` of what was asked since. */
  asked(): Promise<string[]>
}

const KINDS: [string, { skip: string | false }, () => Promise<AnyRegistry>][] = [
  [
    'the in-process registry',
    { skip: false },
    async () => {
      const registry = await startRegistry()
      const asked = async () => registry.requests.map(({ method, path }) => `${method} ${path}`)
      return Object.assign(registry, { asked })
    },
  ],
  [
    'docker-registry',
    requireTool('docker-registry'),
    async () => {
      const registry = await startDockerRegistry()
      const asked = async () => (await registry.requests()).map(({ method, path }) => `${method} ${path}`)
      return Object.assign(registry, { asked })
    },
  ],
]

/** An index of indexes, with a child that is a blob, as registries take them. */
function nested(): Image {
  const inner = index({ seed: 'inner' })
  const blob = part('application/vnd.example.note', 'a note beside the images')
  const manifests = [descriptor(inner.top), descriptor(blob), descriptor(hello('leaf').top)]
  const top = part(
    mediaTypes.ociIndex,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  )
  const leaf = hello('leaf')
  return {
    top,
    manifests: [...inner.manifests, ...leaf.manifests, top],
    blobs: [...inner.blobs, ...leaf.blobs, blob],
  }
}

const IMAGES: Readonly<Record<string, () => Image>> = {
  'an index with attestations': () => index(),
  'an image of 60 layers': () => layers(60, 2_000),
  'an artifact with an empty config, odd spacing and unknown fields': () => artifact(),
  'an artifact with four megabytes of annotations': () => artifact({ padding: 4_193_000 }),
  'an artifact with a layer': () => artifact({ layers: 1 }),
  'a Docker image': () => dockerImage(),
  'a Docker manifest list': () => dockerList(),
  'an index in an index, and a child that is a blob': nested,
}

for (const [kind, options, start] of KINDS) {
  describe(`a promotion between registries: ${kind}`, { timeout: 60_000, ...options }, () => {
    for (const [what, make] of Object.entries(IMAGES)) {
      test(`${what} arrives byte for byte, children by digest, the tag once and last`, async () => {
        await using a = await start()
        await using b = await start()
        const image = make()
        await push(a.url, 'team/app', 'v1', image)
        await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
        await b.clear()
        const { receipt } = await stage.promote()
        assert.equal(receipt.digest, image.top.digest)
        const asked = await b.asked()
        for (const one of image.manifests) {
          const there = await getManifestRaw(b.url, 'live/app', one === image.top ? 'prod' : one.digest)
          assert.deepEqual(there.bytes, one.bytes)
          assert.equal(there.mediaType, one.mediaType)
        }
        const puts = asked.filter((line) => line.startsWith('PUT') && line.includes('/manifests/'))
        const children = image.manifests
          .slice(0, -1)
          .map(({ digest }) => `PUT /v2/live/app/manifests/${digest}`)
        assert.deepEqual(new Set(puts.slice(0, -1)), new Set(children))
        assert.equal(puts.length, image.manifests.length)
        assert.equal(puts.at(-1), 'PUT /v2/live/app/manifests/prod')
        const uploads = asked.filter((line) => line.startsWith('POST'))
        assert.equal(
          uploads.length,
          new Set(image.blobs.map(({ digest }) => digest)).size,
          'each blob is sent once',
        )
      })
    }

    test('that was done before costs two requests and writes nothing', async () => {
      await using a = await start()
      await using b = await start()
      await push(a.url, 'team/app', 'v1', index())
      await using first = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      await first.promote()
      await Promise.all([a.clear(), b.clear()])
      await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      const { receipt } = await stage.promote()
      assert.deepEqual(receipt.bytes.sent, 0)
      assert.deepEqual(await a.asked(), ['GET /v2/team/app/manifests/v1'])
      assert.deepEqual(await b.asked(), ['GET /v2/live/app/manifests/prod'])
    })

    test('sends only what is not there', async () => {
      await using a = await start()
      await using b = await start()
      const old = layers(3, 5_000, 'same')
      await push(a.url, 'team/app', 'v1', old)
      await push(b.url, 'live/app', 'other', old)
      await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      assert.equal(formatPlan(await stage.plan({ exact: true })), 'tag 1')
      await b.clear()
      const { receipt } = await stage.promote()
      assert.equal(
        receipt.bytes.present,
        old.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
      )
      // The question whether a blob is there is the one that would begin its upload.
      const asked = (await b.asked()).map((line) => line.split(' ', 1)[0]).toSorted()
      assert.deepEqual(asked, ['GET', 'GET', ...old.blobs.map(() => 'POST'), 'PUT'])
    })

    test('of a new image does not ask for what the old one under its tag has', async () => {
      await using a = await start()
      await using b = await start()
      const [old, next] = [layers(3, 5_000, 'same'), layers(4, 5_000, 'same')]
      await push(a.url, 'team/app', 'v2', next)
      await push(b.url, 'live/app', 'prod', old)
      await using stage = setStage(`${a.host}/team/app:v2`, `${b.host}/live/app:prod`)
      assert.match(formatPlan(await stage.plan()), /^copy 2 .* · tag 1$/)
      await b.clear()
      await stage.promote()
      assert.equal((await b.asked()).filter((line) => line.startsWith('POST')).length, 2)
      assert.equal((await getManifestRaw(b.url, 'live/app', 'prod')).digest, next.top.digest)
    })

    test('mounts from a neighbour what this process brought to the registry before', async () => {
      await using a = await start()
      await using b = await start()
      const image = layers(3, 5_000)
      await push(a.url, 'team/app', 'v1', image)
      await using first = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      await first.promote()
      await b.clear()
      const place = parseReference(`${b.host}/other/app:prod`)
      const target = openRepository(first.network, place, undefined, 'push')
      const request = { source: 'v1' as Tag, target: 'prod' as Tag }
      const steps = perform(await plan(request, first.source, target), first.source, target)
      for await (const step of steps)
        if (step.kind === 'moved' && 'blob' in step.move) assert.equal(step.as, 'mounted')
      assert.equal((await b.asked()).filter((line) => /^PUT .*blobs/.test(line)).length, 0)
      assert.equal((await getManifestRaw(b.url, 'other/app', 'prod')).digest, image.top.digest)
    })

    test('of what was never there costs what the spec allows: M + N at the source, 2N + M + 2 at the target', async () => {
      await using a = await start()
      await using b = await start()
      for (const image of [index(), layers(20, 1_000)]) {
        await push(a.url, 'team/app', 'v1', image)
        await Promise.all([a.clear(), b.clear()])
        const never = { referrers: 'never' } as const
        await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`, never)
        await stage.promote()
        const [n, m] = [image.blobs.length, image.manifests.length]
        assert.equal((await a.asked()).length, m + n)
        assert.equal((await b.asked()).length, 2 * n + m + 2)
      }
    })

    test('can name its source by digest, and its target by none', async () => {
      await using a = await start()
      await using b = await start()
      const image = hello()
      await push(a.url, 'team/app', 'v1', image)
      const digest = image.top.digest
      await using stage = setStage(`${a.host}/team/app@${digest}`, `${b.host}/live/app@${digest}`)
      assert.match(formatPlan(await stage.plan()), /^copy 2 .* · put 1$/)
      const { receipt } = await stage.promote()
      assert.equal(receipt.tag, undefined)
      assert.equal((await getManifestRaw(b.url, 'live/app', digest)).status, 200)
      assert.equal((await stage.plan()).moves.length, 0)
    })
  })

  describe(`a promotion inside a registry: ${kind}`, { timeout: 60_000, ...options }, () => {
    test('in one repository is one PUT: four requests, and no blob', async () => {
      await using a = await start()
      const image = index()
      await push(a.url, 'team/app', 'v1', image)
      await a.clear()
      await using stage = setStage(`${a.host}/team/app:v1`, `${a.host}/team/app:prod`)
      await stage.promote()
      const at = (tag: string) => `/v2/team/app/manifests/${tag}`
      const asked = await a.asked()
      assert.deepEqual(asked.slice(0, 2).toSorted(), [`GET ${at('prod')}`, `GET ${at('v1')}`])
      assert.deepEqual(asked.slice(2), [`PUT ${at('prod')}`, `GET ${at('prod')}`])
      assert.equal((await getManifestRaw(a.url, 'team/app', 'prod')).digest, image.top.digest)
    })

    test('into another repository mounts every blob, and sends none', async () => {
      await using a = await start()
      const image = index()
      await push(a.url, 'team/app', 'v1', image)
      await a.clear()
      await using stage = setStage(`${a.host}/team/app:v1`, `${a.host}/live/app:prod`)
      const { receipt } = await stage.promote()
      const size = image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0)
      assert.deepEqual(receipt.bytes, { sent: 0, mounted: size, present: 0 })
      const [n, m] = [image.blobs.length, image.manifests.length]
      const asked = (await a.asked()).filter((line) => !/referrers|tags/.test(line))
      assert.equal(asked.length, m + n + m + 2, 'M GET, N POST, M PUT, the tag before and after')
      assert.deepEqual(
        (await a.asked()).filter((line) => /^PUT .*blobs|^GET .*blobs/.test(line)),
        [],
      )
      assert.deepEqual((await getManifestRaw(a.url, 'live/app', 'prod')).bytes, image.top.bytes)
    })
  })

  describe(`a plan: ${kind}`, { timeout: 60_000, ...options }, () => {
    test('writes nothing, and says what would be done', async () => {
      await using a = await start()
      await using b = await start()
      await push(a.url, 'team/app', 'v1', index({ layerSize: 10_000 }))
      await b.clear()
      await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      const planned = await stage.plan({ exact: true })
      assert.match(formatPlan(planned), /^copy 9 \(3[0-9]\.\d kB\) · put 4 · tag 1$/)
      assert.equal(planned.previous, undefined)
      assert.deepEqual(
        (await b.asked()).filter((line) => !/^(GET|HEAD) /.test(line)),
        [],
      )
    })

    test('of what is not there names the side', async () => {
      await using a = await start()
      await using stage = setStage(`${a.host}/team/none:v1`, `${a.host}/live/app:prod`)
      await assert.rejects(stage.plan(), {
        name: 'PromotionError',
        code: 'MANIFEST_UNKNOWN',
        side: 'source',
        retryable: false,
      })
    })
  })
}
