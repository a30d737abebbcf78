import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Behaviour, faults, type RecordedRequest } from '#support/fault-proxy'
import { layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const SIZE = 1_500_000
const image = layers(1, SIZE, 'uploads')
const digest = image.blobs.find(({ bytes }) => bytes.length === SIZE)?.digest ?? ''
const GET = { method: 'GET', path: new RegExp(`/blobs/${digest}$`) }
const PUT = { method: 'PUT', url: new RegExp(digest.slice(7)) }
const PATCH = { method: 'PATCH' }
const START = { method: 'POST', path: /\/uploads\/$/ }
const WHOLE = { ...PUT, when: ({ headers }: RecordedRequest) => headers['content-length'] !== '0' }

describe('an upload', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  const sent = (): number =>
    stage.target
      .find({ method: ['PUT', 'PATCH'], path: /uploads/ })
      .reduce((sum, { bytesIn }) => sum + bytesIn, 0)
  const chunks = () => stage.target.find({ ...PATCH, status: 202 })
  const others = image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0) - SIZE

  const relative = (location: string): string => new URL(location).pathname + new URL(location).search
  const locations: [string, (location: string) => string][] = [
    ['relative', relative],
    ['relative to the request', (location) => relative(location).replace(/^.*\/uploads\//, '')],
    ['relative, with more in its query', (location) => `${relative(location)}&x=a%2Fb&y='c+d;e|f`],
    ['absolute', (location) => location],
    ['over another scheme', (location) => location.replace('http:', 'https:')],
    ['without its port', (location) => location.replace(/:\d+\//, '/')],
    ['without a scheme', (location) => location.replace('http:', '')],
    ['with a user and a password', (location) => location.replace('://', '://user:canary@')],
    ['with a fragment', (location) => `${location}#part`],
  ]
  for (const [what, change] of locations) {
    test(`goes on where it is told, byte for byte: ${what}`, async () => {
      const name = await stage.ready(image)
      const given: string[] = []
      stage.target.fault(
        START,
        faults.location((location) => {
          given.push(location)
          return change(location)
        }),
      )
      await stage.promote(name)
      await stage.assertWhole(name, image)
      const wanted = given.map((location) => {
        const { pathname, search } = new URL(location)
        return `${pathname}${search}${/&x=.*$/.exec(change(location))?.[0] ?? ''}&digest=sha256%3A`
      })
      for (const { url } of stage.target.find({ method: 'PUT', path: /uploads/ }))
        assert.ok(
          wanted.some((start) => url.startsWith(start)),
          url,
        )
    })
  }

  test('below another path goes there', async () => {
    const name = await stage.ready(image)
    stage.target.fault(
      START,
      faults.location((location) => location.replace('/v2/', '/mirror/%7Ev2//')),
    )
    stage.target.fault(
      { path: /^\/mirror/ },
      {
        async before({ record }) {
          record.url = record.url.replace('/mirror/%7Ev2//', '/v2/')
          return undefined
        },
      },
    )
    await stage.promote(name)
    await stage.assertWhole(name, image)
  })

  test('never goes to another host', async () => {
    const name = await stage.ready(image)
    stage.target.fault(
      START,
      faults.location((location) => location.replace('127.0.0.1', 'localhost')),
    )
    await assert.rejects(stage.promote(name), { code: 'PROTOCOL', side: 'target' })
    assert.equal(stage.target.count({ method: 'PUT' }), 0)
  })

  const breaks: [string, Behaviour][] = [
    ['in mid body', faults.cutUpload(SIZE / 2)],
    ['in mid body, with a reset', faults.cutUpload(SIZE / 2, 'reset')],
    ['before its first byte', faults.drop('request')],
  ]
  for (const [what, behaviour] of breaks) {
    test(`that breaks off ${what} is begun anew`, async () => {
      const name = await stage.ready(image)
      stage.target.fault(WHOLE, behaviour, { times: 2 })
      const { receipt } = await stage.promote(name)
      await stage.assertWhole(name, image)
      assert.equal(receipt.bytes.sent, SIZE + others)
      assert.deepEqual(stage.openUploads(), [])
    })
  }

  test('whose answer is lost is not sent twice', async () => {
    const name = await stage.ready(image)
    stage.target.fault(WHOLE, faults.drop('answer'), { nth: 1 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
    assert.equal(sent(), SIZE + others)
  })

  test('that is refused for the moment is sent again in its own session', async () => {
    const name = await stage.ready(image)
    stage.target.fault(WHOLE, faults.respond(503), { times: 3 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
    assert.equal(new Set(stage.target.find(WHOLE).map(({ path }) => path)).size, 1)
    assert.deepEqual(stage.openUploads(), [])
  })

  test('that fails after it was taken is begun anew', async () => {
    const name = await stage.ready(image)
    const fail = { after: async () => ({ status: 500, headers: { 'content-length': '0' } }) }
    stage.target.fault(WHOLE, fail, { nth: 1 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
  })

  test('that is too large for one request, and ended for it, goes in chunks of another', async () => {
    const name = await stage.ready(image)
    stage.target.fault(WHOLE, {
      async before(exchange) {
        await exchange.discardBody()
        await fetch(`${stage.registries[1]?.url}${exchange.record.url}`, { method: 'DELETE' })
        return { status: 413, headers: { 'content-length': '0' } }
      },
    })
    await stage.promote(name)
    await stage.assertWhole(name, image)
  })

  for (const [status, read] of [
    [413, 'none'],
    [413, 'all'],
    [416, 'all'],
  ] as const) {
    test(`that is too large for one request (${status}, body ${read === 'all' ? '' : 'not '}read) goes in chunks`, async () => {
      const name = await stage.ready(image)
      stage.target.fault(
        { method: ['PUT', 'PATCH'], when: ({ headers }) => Number(headers['content-length']) > 500_000 },
        faults.respond(status, { read }),
      )
      await stage.promote(name)
      await stage.assertWhole(name, image)
      assert.ok(chunks().length >= 3)
      assert.deepEqual(stage.openUploads(), [])
    })
  }

  test('in chunks keeps to the size that was set, and finishes with an empty PUT', async () => {
    const name = await stage.ready(image)
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.deepEqual(
      chunks().map(({ headers, bytesIn }) => [headers['content-range'], bytesIn]),
      [
        ['0-499999', 500_000],
        ['500000-999999', 500_000],
        ['1000000-1499999', 500_000],
      ],
    )
    assert.deepEqual(
      stage.target.find(PUT).map(({ bytesIn }) => bytesIn),
      [0],
    )
    assert.equal(stage.source.count(GET), 1)
  })

  test('in chunks sends none that is smaller than the registry asks for', async () => {
    const name = await stage.ready(image)
    stage.target.fault(START, faults.headers({ 'oci-chunk-min-length': '650000' }))
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.deepEqual(
      chunks().map(({ bytesIn }) => bytesIn),
      [650_000, 650_000, 200_000],
    )
  })

  test('in chunks is not led astray by a size that nobody can mean', async () => {
    for (const least of ['999999999999999', '-5', 'many', '0']) {
      const name = await stage.ready(image)
      stage.target.fault(START, faults.headers({ 'oci-chunk-min-length': least }))
      await stage.promote(name, { chunkBytes: 500_000 })
      await stage.assertWhole(name, image)
    }
  })

  for (const status of [200, 201, 204]) {
    test(`in chunks that are answered with ${status} goes on`, async () => {
      const name = await stage.ready(image)
      stage.target.fault(PATCH, { after: async ({ headers }) => ({ status, headers }) })
      await stage.promote(name, { chunkBytes: 500_000 })
      await stage.assertWhole(name, image)
    })
  }

  test('in chunks without a word of how far it is trusts what was sent', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PATCH, faults.headers({ range: undefined }))
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
  })

  test('in chunks that are not taken whole reads again from where the registry stands', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PATCH, faults.swallow(350_001))
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.equal(chunks().length, 5)
    assert.ok(
      stage.source
        .find(GET)
        .slice(1)
        .some(({ headers }) => headers.range !== undefined),
    )
  })

  test('in chunks that are dropped without a word ends, and nothing wrong is committed', async () => {
    const name = await stage.ready(image)
    stage.target.fault(
      PATCH,
      {
        async before(exchange) {
          await exchange.discardBody()
          const location = `${stage.target.url}${exchange.record.url}`
          return { status: 201, headers: { location, range: '0-499999', 'content-length': '0' } }
        },
      },
      { after: 1 },
    )
    await assert.rejects(stage.promote(name, { chunkBytes: 500_000, retries: 2 }), {
      code: 'BLOB_UPLOAD_INVALID',
      side: 'target',
    })
    assert.equal(stage.target.count({ ...PUT, status: 201 }), 0)
    assert.equal(stage.target.count(PATCH), 4)
    assert.deepEqual(stage.openUploads(), [])
  })

  test('in chunks, one of which is out of place, asks where it stands and goes on', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PATCH, { after: async ({ headers }) => ({ status: 416, headers }) }, { nth: 2 })
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.equal(stage.target.count(PATCH), 3)
  })

  test('in chunks, one of which is refused for the moment, sends that one again', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PATCH, faults.respond(503), { times: 3, after: 1 })
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.equal(sent(), SIZE + 1_500_000 + others)
  })

  test('in chunks, one of which breaks off, is begun anew where the session is lost', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PATCH, faults.cutUpload(200_000), { nth: 2 })
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.deepEqual(stage.openUploads(), [])
  })

  test('in chunks of a blob that turns out wrong is not finished', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.flip(SIZE - 1))
    await assert.rejects(stage.promote(name, { chunkBytes: 500_000 }), { code: 'DIGEST_MISMATCH' })
    assert.equal(stage.target.count({ method: 'PUT', path: /uploads/, url: new RegExp(digest.slice(7)) }), 0)
    assert.deepEqual(stage.openUploads(), [])
  })

  test('in chunks whose source breaks off goes on in the middle of a chunk', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.cut(350_000), { times: 3 })
    await stage.promote(name, { chunkBytes: 500_000 })
    await stage.assertWhole(name, image)
    assert.equal(sent(), SIZE + others)
  })

  test('that never gets through stops, and leaves nothing behind', async () => {
    const name = await stage.ready(image)
    stage.target.fault(WHOLE, faults.cutUpload(1000))
    await assert.rejects(stage.promote(name, { retries: 2 }), {
      code: 'REGISTRY_UNAVAILABLE',
      side: 'target',
    })
    assert.equal(stage.target.count(WHOLE), 3)
    assert.equal(await stage.tagged(name), undefined)
    assert.deepEqual(stage.openUploads(), [])
  })
})
