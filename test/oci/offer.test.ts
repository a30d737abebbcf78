import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { type Descriptor, type Digest, Network, openRepository, parseReference, type Repository } from '#oci'
import { hello, type Part, part, push, pushBlob } from '#support/images'
import { type Behaviour, faults, type Registry, startRegistry } from '#support/registry'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const blobs = Array.from({ length: 4 }, (_, at) => part('application/octet-stream', `blob ${at}`))
const [one, two, three, four] = blobs.map(
  ({ mediaType, digest, bytes }): Descriptor => ({
    mediaType,
    digest: digest as Digest,
    size: bytes.length,
  }),
) as [Descriptor, Descriptor, Descriptor, Descriptor]

async function stand(options: Parameters<typeof startRegistry>[0] = {}) {
  const registry = await startRegistry(options)
  open.push(() => registry.close())
  const network = new Network({ retries: 2, retryBaseMs: 5 })
  open.push(() => network.close())
  const at = openRepository(network, parseReference(`${registry.host}/live/app`), undefined, 'push')
  return { registry, at }
}

/** Uploads whose locations look like nobody's in particular. */
function opaque(registry: Registry): void {
  registry.fault(
    { method: 'POST' },
    faults.location((text) => text.replace('_state=', 'session=')),
  )
  const restored: Behaviour = {
    async before({ record }) {
      record.query.set('_state', record.query.get('session') ?? '')
      return undefined
    },
  }
  registry.fault({ url: /session=/ }, restored)
}

const asked = (registry: Registry) => registry.requests.map(({ method, status }) => `${method} ${status}`)

async function take(at: Repository, blob: Descriptor): Promise<string> {
  const offer = await at.offer(blob)
  if (typeof offer === 'string') return offer
  await at.cancel(offer)
  return 'wanted'
}

describe('a blob that is offered', { timeout: 20_000 }, () => {
  test('is found, or its upload begun, in one request where the registry looks for it', async () => {
    const { registry, at } = await stand()
    await pushBlob(registry.url, 'live/app', blobs[0] as Part)
    registry.clear()
    assert.equal(await take(at, one), 'present')
    assert.equal(await take(at, two), 'wanted')
    assert.deepEqual(asked(registry), ['POST 201', 'POST 202', 'DELETE 204'])
  })

  test('is looked for as well where the upload could mean either, and the answer is remembered', async () => {
    const { registry, at } = await stand({ mount: 'session' })
    opaque(registry)
    for (const blob of blobs.slice(1)) await pushBlob(registry.url, 'live/app', blob)
    registry.clear()
    assert.equal(await take(at, one), 'wanted')
    assert.deepEqual(asked(registry), ['POST 202', 'HEAD 404', 'DELETE 204'])
    registry.clear()
    assert.equal(await take(at, two), 'present')
    assert.deepEqual(asked(registry), ['POST 202', 'HEAD 200', 'DELETE 204'], 'the upload is not left open')
    registry.clear()
    assert.deepEqual([await take(at, three), await take(at, four)], ['present', 'present'])
    assert.deepEqual(asked(registry), ['HEAD 200', 'HEAD 200'])
    assert.deepEqual(registry.uploads(), [])
  })

  test('leaves no upload behind where looking for it fails', async () => {
    const { registry, at } = await stand()
    opaque(registry)
    registry.fault({ method: 'HEAD' }, faults.respond(500))
    await assert.rejects(at.offer(two), { status: 500 })
    assert.deepEqual(asked(registry), ['POST 202', 'HEAD 500', 'DELETE 204'])
  })

  test('is not looked for once a registry of whatever kind has shown that it looks itself', async () => {
    const { registry, at } = await stand()
    opaque(registry)
    await pushBlob(registry.url, 'live/app', blobs[0] as Part)
    registry.clear()
    assert.equal(await take(at, one), 'present')
    assert.equal(await take(at, two), 'wanted')
    assert.deepEqual(asked(registry), ['POST 201', 'POST 202', 'DELETE 204'])
  })

  for (const status of [400, 401, 403, 404, 405]) {
    test(`is looked for where mounts are answered ${status}, which is asked once`, async () => {
      const { registry, at } = await stand()
      registry.fault({ method: 'POST', url: /mount=/ }, faults.respond(status))
      await pushBlob(registry.url, 'live/app', blobs[0] as Part)
      registry.clear()
      assert.deepEqual([await take(at, one), await take(at, two)], ['present', 'wanted'])
      assert.equal(registry.count({ url: /mount=/ }), 1)
      assert.equal(registry.count({ method: 'HEAD' }), 2)
    })
  }

  test('is looked for this time where the registry is busy, and offered the next time', async () => {
    const { registry, at } = await stand()
    registry.fault({ method: 'POST', url: /mount=/ }, faults.respond(503), { times: 1 })
    assert.deepEqual([await take(at, one), await take(at, two)], ['wanted', 'wanted'])
    assert.deepEqual(asked(registry).slice(-2), ['POST 202', 'DELETE 204'])
    assert.equal(registry.count({ method: 'HEAD' }), 1)
  })

  test('comes from a neighbour that has it', async () => {
    const { registry, at } = await stand()
    const image = hello()
    await push(registry.url, 'team/app', 'v1', image)
    registry.clear()
    const [blob] = image.blobs.map(({ mediaType, digest, bytes }) => ({
      mediaType,
      digest: digest as Digest,
      size: bytes.length,
    })) as [Descriptor]
    assert.equal(await at.offer(blob, parseReference(`${registry.host}/team/app`).repository), 'mounted')
    assert.deepEqual(asked(registry), ['POST 201'])
  })
})
