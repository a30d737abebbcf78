import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import {
  type BlobStream,
  type Descriptor,
  type Digest,
  digestOf,
  Network,
  type NetworkOptions,
  openRepository,
  parseManifest,
  parseReference,
  type Repository,
  type Tag,
} from '#oci'
import { startDockerRegistry } from '#support/docker-registry'
import { dockerImage, hello, type Image, index, layers, type Part, push } from '#support/images'
import { faults, type Registry, randomBytesFrom, sha512, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

function repository(host: string, options: Partial<NetworkOptions> = {}, name = 'acme/app'): Repository {
  const network = new Network({ retries: 2, retryBaseMs: 5, ...options })
  open.push(() => network.close())
  return openRepository(network, parseReference(`${host}/${name}`), undefined, 'push')
}

const V1 = 'v1' as Tag
const describePart = ({ mediaType, digest, bytes }: Part): Descriptor => ({
  mediaType,
  digest: digest as Digest,
  size: bytes.length,
})
const configOf = (image: Image): Descriptor => describePart(image.blobs[0] as Part)

async function read(stream: BlobStream): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of stream.read()) {
    parts.push(Buffer.from(chunk.bytes))
    chunk.release()
  }
  return Buffer.concat(parts)
}

function stream(bytes: Buffer): BlobStream {
  return {
    size: bytes.length,
    async *read(from = 0) {
      for (let at = from; at < bytes.length; at += 100_000)
        yield { bytes: bytes.subarray(at, at + 100_000), release: () => {} }
    },
    cancel: () => {},
  }
}

const KINDS: [
  string,
  { skip: string | false },
  () => Promise<{ url: string; host: string; close(): Promise<void> }>,
][] = [
  ['the in-process registry', { skip: false }, () => startRegistry()],
  ['docker-registry', requireTool('docker-registry'), () => startDockerRegistry()],
]

for (const [kind, options, start] of KINDS) {
  describe(`a repository: ${kind}`, { timeout: 60_000, ...options }, () => {
    const stand = async () => {
      const registry = await start()
      open.push(() => registry.close())
      return registry
    }

    test('gives manifests by tag and by digest, and nothing for what is not there', async () => {
      const registry = await stand()
      for (const image of [index(), dockerImage(), hello()]) {
        await push(registry.url, 'acme/app', 'v1', image)
        const at = repository(registry.host)
        for (const name of [V1, image.top.digest as Digest]) {
          const found = await at.find(name)
          assert.deepEqual(Buffer.from(found?.bytes ?? []), image.top.bytes)
          assert.equal(found?.descriptor.digest, image.top.digest)
          assert.equal(found?.descriptor.mediaType, image.top.mediaType)
        }
        assert.equal(await at.find('none' as Tag), undefined)
        assert.equal(await at.find(`sha256:${'0'.repeat(64)}` as Digest), undefined)
      }
      assert.equal(await repository(registry.host, {}, 'no/body').find(V1), undefined)
    })

    test('gives blobs whole, and knows which it has', async () => {
      const registry = await stand()
      const image = layers(2, 400_000)
      await push(registry.url, 'acme/app', 'v1', image)
      const at = repository(registry.host)
      for (const part of image.blobs) {
        assert.equal(await at.has(describePart(part)), true)
        assert.deepEqual(await read(await at.blob(describePart(part))), part.bytes)
      }
      const none = { ...configOf(image), digest: `sha256:${'0'.repeat(64)}` as Digest }
      assert.equal(await at.has(none), false)
      await assert.rejects(at.blob(none), { code: 'BLOB_UNKNOWN', retryable: false })
      assert.equal(await at.has({ ...configOf(image), size: 7 }), false, 'one of another length is not it')
      await assert.rejects(at.blob({ ...configOf(image), size: 7 }), { code: 'SIZE_MISMATCH' })
    })

    test('takes blobs, an empty one too, and manifests by digest and by tag', async () => {
      const registry = await stand()
      const image = layers(2, 250_000)
      const at = repository(registry.host)
      for (const part of image.blobs) {
        await at.putBlob(describePart(part), stream(part.bytes))
        assert.equal(await at.has(describePart(part)), true)
      }
      const empty = {
        mediaType: 'x/y',
        digest: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' as Digest,
        size: 0,
      }
      await at.putBlob(empty, stream(Buffer.alloc(0)))
      assert.equal(await at.has(empty), true)
      const manifest = parseManifest(image.top.bytes, image.top.mediaType)
      await at.putManifest(manifest)
      await at.putManifest(manifest, V1)
      assert.equal((await at.find(V1))?.descriptor.digest, image.top.digest)
    })

    test('refuses bytes of another digest, and a manifest whose parts are missing', async () => {
      const registry = await stand()
      const at = repository(registry.host)
      const bytes = Buffer.from('not what it says')
      const blob = { mediaType: 'x/y', digest: `sha256:${'1'.repeat(64)}` as Digest, size: bytes.length }
      await assert.rejects(at.putBlob(blob, stream(bytes)), { code: 'DIGEST_INVALID', retryable: false })
      const { top } = hello()
      await assert.rejects(at.putManifest(parseManifest(top.bytes, top.mediaType), V1), {
        code: 'MANIFEST_BLOB_UNKNOWN',
        retryable: false,
      })
      assert.equal(await at.find(V1), undefined)
    })

    test('mounts what another repository has, and begins an upload for what it has not', async () => {
      const registry = await stand()
      const image = hello()
      await push(registry.url, 'acme/app', 'v1', image)
      const at = repository(registry.host, {}, 'live/app')
      const { repository: from } = parseReference(`${registry.host}/acme/app`)
      assert.equal(await at.offer(configOf(image), from), 'mounted')
      assert.equal(await at.has(configOf(image)), true)
      const begun = await at.offer({ ...configOf(image), digest: `sha256:${'0'.repeat(64)}` as Digest }, from)
      if (typeof begun === 'string') assert.fail('there was nothing to mount')
      await at.cancel(begun)
    })

    test('lists its tags, and none where there is no repository', async () => {
      const registry = await stand()
      const image = hello()
      for (const tag of ['a', 'b', 'c']) await push(registry.url, 'acme/app', tag, image)
      assert.deepEqual((await Array.fromAsync(repository(registry.host).tags())).toSorted(), ['a', 'b', 'c'])
      assert.deepEqual(await Array.fromAsync(repository(registry.host, {}, 'no/body').tags()), [])
    })
  })
}

describe('a repository of a registry that misbehaves', { timeout: 60_000 }, () => {
  const stand = async (...options: Parameters<typeof startRegistry>): Promise<Registry> => {
    const registry = await startRegistry(...options)
    open.push(() => registry.close())
    await push(registry.url, 'acme/app', 'v1', layers(1, 200_000))
    registry.clear()
    return registry
  }
  const image = layers(1, 200_000)
  const layer = describePart(image.blobs.find(({ bytes }) => bytes.length === 200_000) as Part)

  test('is not believed: other bytes under a digest are a mismatch, and a wrong header is nothing', async () => {
    const registry = await stand()
    const digest = image.top.digest as Digest
    const header = registry.fault(
      { method: 'GET' },
      faults.headers({ 'docker-content-digest': `sha256:${'9'.repeat(64)}` }),
    )
    assert.equal((await repository(registry.host).find(V1))?.descriptor.digest, digest)
    header.remove()
    const none = registry.fault(
      { method: 'GET' },
      faults.headers({ 'docker-content-digest': undefined, 'content-type': 'application/octet-stream' }),
    )
    assert.equal((await repository(registry.host).find(V1))?.descriptor.digest, digest)
    none.remove()
    registry.fault(
      { method: 'GET', path: /manifests/ },
      faults.replaceBody(() => hello().top.bytes),
    )
    await assert.rejects(repository(registry.host).find(digest), {
      code: 'DIGEST_MISMATCH',
      retryable: false,
    })
  })

  test('gives no chunk of the end of a blob that is wrong', async () => {
    const registry = await stand()
    registry.fault({ method: 'GET', path: /blobs/ }, faults.flip(10))
    const blob = await repository(registry.host).blob(layer)
    let size = 0
    await assert.rejects(
      async () => {
        for await (const chunk of blob.read()) {
          size += chunk.bytes.length
          chunk.release()
        }
      },
      { code: 'DIGEST_MISMATCH' },
    )
    assert.ok(size < layer.size)
  })

  test('gives a blob again from any place that was read, and then it must be the same', async () => {
    const bytes = randomBytesFrom('again', 4_000_000)
    const blob = { mediaType: 'x/y', digest: digestOf(bytes), size: bytes.length }
    const place = 500_000
    for (const flipped of [false, true]) {
      const registry = await stand()
      registry.putBlob('acme/app', bytes)
      // What was wrong the first time and is right now would go unnoticed: it was given out, and the hash is of what came now.
      if (flipped) registry.fault({ method: 'GET', path: /blobs/ }, faults.flip(place), { nth: 1 })
      const reader = await repository(registry.host).blob(blob)
      let given = 0
      for await (const chunk of reader.read()) {
        given += chunk.bytes.length
        chunk.release()
        if (given > place) break
      }
      const parts: Buffer[] = []
      const again = async () => {
        for await (const chunk of reader.read(place + 1)) {
          parts.push(Buffer.from(chunk.bytes))
          chunk.release()
        }
      }
      if (flipped) await assert.rejects(again, { code: 'DIGEST_MISMATCH' })
      else await again()
      assert.equal(Buffer.concat(parts).equals(bytes.subarray(place + 1)), !flipped)
      await assert.rejects(async () => reader.read(5_000_000)[Symbol.asyncIterator]().next(), RangeError)
    }
  })

  test('gives a blob to one reader at a time: the last, and that whole', async () => {
    const registry = await stand()
    const bytes = randomBytesFrom('readers', 400_000)
    registry.putBlob('acme/app', bytes)
    const held = registry.fault({ method: 'GET', path: /blobs/ }, faults.stall(0), { nth: 1 })
    const blob = { mediaType: 'x/y', digest: digestOf(bytes), size: bytes.length }
    const reader = await repository(registry.host).blob(blob)
    const first = reader.read()[Symbol.asyncIterator]().next()
    const whole = read(reader)
    held.release()
    await assert.rejects(Promise.resolve(first), { code: 'CANCELLED' })
    assert.deepEqual(await whole, bytes)
  })

  test('is asked again while it is busy, as often as was said and no more', async () => {
    const registry = await stand()
    const busy = registry.fault({ method: 'GET' }, faults.respond(503), { times: 2 })
    assert.ok(await repository(registry.host).find(V1))
    assert.equal(busy.hits, 2)
    registry.clear()
    registry.fault({ method: 'GET' }, faults.respond(503))
    await assert.rejects(repository(registry.host).find(V1), {
      code: 'REGISTRY_UNAVAILABLE',
      retryable: true,
      status: 503,
    })
    assert.equal(registry.requests.length, 3)
  })

  test('is not asked again for what it refused', async () => {
    const registry = await stand()
    const cases = [
      [403, 'DENIED', 'DENIED'],
      [400, 'NAME_INVALID', 'NAME_INVALID'],
      [405, 'UNSUPPORTED', 'UNSUPPORTED'],
      [418, 'TEAPOT', 'MANIFEST_UNKNOWN'],
    ] as const
    for (const [status, said, code] of cases) {
      registry.clear()
      const fault = registry.fault({ method: 'GET' }, faults.respondError(status, said, 'no'))
      await assert.rejects(repository(registry.host).find(V1), { code, status, retryable: false })
      assert.equal(registry.requests.length, 1)
      fault.remove()
    }
  })

  test('is waited for as it asks, and not longer than was said', async () => {
    const registry = await stand()
    const soon = registry.fault({ method: 'GET' }, faults.respond(429, { headers: { 'retry-after': '1' } }), {
      times: 1,
    })
    const from = performance.now()
    assert.ok(await repository(registry.host).find(V1))
    assert.ok(performance.now() - from >= 990)
    soon.remove()
    registry.fault({ method: 'GET' }, faults.respond(429, { headers: { 'retry-after': '86400' } }))
    const late = repository(registry.host, { retryAfterMaxMs: 1000 }).find(V1)
    await assert.rejects(late, { code: 'RATE_LIMITED', retryAfterMs: 86_400_000 })
  })

  test('sends no manifest that is too large', async () => {
    const registry = await stand()
    await assert.rejects(repository(registry.host, { manifestBytes: 100 }).find(V1), {
      code: 'MANIFEST_TOO_LARGE',
    })
  })

  const locations: [string, (location: string, registry: Registry) => string][] = [
    ['relative', (location) => new URL(location).pathname + new URL(location).search],
    [
      'relative with more in the query',
      (location) => `${new URL(location).pathname}${new URL(location).search}&x=a%2Fb&y=c+d`,
    ],
    ['absolute with userinfo', (location) => location.replace('://', '://user:canary@')],
    ['absolute over another scheme', (location) => location.replace('http:', 'https:')],
    ['without a scheme', (location) => location.replace('http:', '')],
  ]
  for (const [what, rewrite] of locations) {
    test(`uploads to where it is told: ${what}`, async () => {
      const registry = await stand()
      registry.fault(
        { method: 'POST' },
        faults.location((location) => rewrite(new URL(location, registry.url).href, registry)),
      )
      const bytes = Buffer.from('some bytes')
      const digest = digestOf(bytes)
      await repository(registry.host).putBlob({ mediaType: 'x/y', digest, size: bytes.length }, stream(bytes))
      assert.ok(registry.hasBlob('acme/app', digest))
      const put = registry.find({ method: 'PUT' })[0]
      assert.match(put?.url ?? '', /digest=sha256%3A[0-9a-f]{64}$/)
      if (what.includes('more')) assert.match(put?.url ?? '', /&x=a%2Fb&y=c\+d&digest=/)
    })
  }

  test('is found again where its endpoint is, by any name that it gives itself', async () => {
    const registry = await stand({ tagPages: { pageSize: 1 } })
    await push(registry.url, 'acme/app', 'v2', hello())
    const endpoint = new URL(`${registry.url}/`)
    const bytes = Buffer.from('some bytes')
    const blob = { mediaType: 'x/y', digest: digestOf(bytes), size: bytes.length }
    for (const named of [
      'https://ghcr.io',
      'https://ghcr.io:443',
      'http://ghcr.io:80',
      'http://ghcr.io:5000',
      '//ghcr.io',
      registry.url,
    ]) {
      registry.clearFaults()
      registry.fault(
        {},
        faults.location((location) => location.replace(registry.url, named)),
      )
      const network = new Network({ endpoints: new Map([['ghcr.io', endpoint]]), retries: 0 })
      open.push(() => network.close())
      const at = openRepository(network, parseReference('ghcr.io/acme/app'), undefined, 'push')
      registry.deleteBlob('acme/app', blob.digest)
      await at.putBlob(blob, stream(bytes))
      assert.ok(registry.hasBlob('acme/app', blob.digest), named)
      registry.fault(
        { path: /tags/ },
        faults.rewrite('link', (link) => link.replace('<', '<https://ghcr.io')),
      )
      assert.deepEqual(await Array.fromAsync(at.tags()), ['v1', 'v2'])
    }
  })

  test('is listed page by page, within the registry and without an end in sight only so far', async () => {
    const registry = await stand({ tagPages: { pageSize: 2 } })
    for (const tag of ['a', 'b', 'c', 'd']) await push(registry.url, 'acme/app', tag, hello())
    assert.deepEqual((await Array.fromAsync(repository(registry.host).tags())).toSorted(), [
      'a',
      'b',
      'c',
      'd',
      'v1',
    ])
    const elsewhere = registry.fault(
      { path: /tags\/list/ },
      faults.headers({ link: '<http://127.0.0.1:1/v2/x/tags/list>; rel="next"' }),
    )
    await assert.rejects(Array.fromAsync(repository(registry.host).tags()), { code: 'PROTOCOL' })
    elsewhere.remove()
    registry.fault(
      { path: /tags\/list/ },
      faults.headers({ link: '</v2/acme/app/tags/list?n=1000>; rel="next"' }),
    )
    await assert.rejects(Array.fromAsync(repository(registry.host).tags()), { code: 'PROTOCOL' })
  })

  test('is redirected so often, and no more; and never from https to http', async () => {
    const registry = await stand()
    registry.fault(
      { method: 'GET' },
      faults.redirect((request) => `${request.path}?again=1`),
    )
    await assert.rejects(repository(registry.host).find(V1), { code: 'PROTOCOL' })
    assert.ok(registry.requests.length <= 6)
  })

  test('is reached below the path of its endpoint', async () => {
    const registry = await stand()
    const base = new URL(`${registry.url}/some/prefix/`)
    registry.fault(
      { path: /./ },
      {
        before: async () =>
          ({ status: 200, headers: { 'content-type': image.top.mediaType }, body: image.top.bytes }) as never,
      },
    )
    const network = new Network({ endpoints: new Map([['ghcr.io', base]]) })
    open.push(() => network.close())
    await openRepository(network, parseReference('ghcr.io/acme/app')).find(V1)
    assert.equal(registry.requests[0]?.path, '/some/prefix/v2/acme/app/manifests/v1')
  })

  test('names a digest of another algorithm, and it is computed so', async () => {
    const registry = await stand()
    const digest = sha512(image.top.bytes)
    registry.fault(
      { path: new RegExp(digest) },
      {
        before: async () =>
          ({ status: 200, headers: { 'content-type': image.top.mediaType }, body: image.top.bytes }) as never,
      },
    )
    assert.equal((await repository(registry.host).find(digest as Digest))?.descriptor.digest, digest)
  })
})
