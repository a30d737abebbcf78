import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Behaviour, faults } from '#support/fault-proxy'
import { layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const SIZE = 3_000_000
const image = layers(1, SIZE, 'downloads')
const layer = image.blobs.find(({ bytes }) => bytes.length === SIZE)
const digest = layer?.digest ?? ''
const GET = { method: 'GET', path: new RegExp(`/blobs/${digest}$`) }

describe('a blob whose download breaks off', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  const puts = () => stage.target.find({ method: 'PUT', url: new RegExp(digest.slice(7)) })
  const read = () => stage.source.find(GET).reduce((sum, { bytesOut }) => sum + bytesOut, 0)
  const ranges = () => stage.source.find(GET).map(({ headers }) => headers.range)

  for (const [where, at] of Object.entries({
    'before its first byte': 0,
    'after one byte': 1,
    'half-way': SIZE / 2,
    'before its last byte': SIZE - 1,
  })) {
    test(`${where}, three times in a row, is continued where it broke off`, async () => {
      const name = await stage.ready(image)
      stage.source.fault(GET, faults.cut(at), { times: 3 })
      await stage.promote(name)
      await stage.assertWhole(name, image)
      assert.ok(read() <= SIZE + 3 * 64 * 1024, `${read()} bytes read`)
      assert.equal(puts().length, 1)
      assert.equal(puts()[0]?.bytesIn, SIZE)
    })
  }

  test('over and over is continued as long as it gets on', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.cut(1_100_000))
    await stage.promote(name, { retries: 1 })
    await stage.assertWhole(name, image)
    assert.deepEqual(ranges(), [undefined, 'bytes=1100000-', 'bytes=2200000-'])
  })

  test('and never gets on is given up when the tries are used up', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.cut(0))
    await assert.rejects(stage.promote(name, { retries: 3 }), {
      code: 'REGISTRY_UNAVAILABLE',
      side: 'source',
    })
    assert.equal(ranges().length, 4)
    assert.equal(await stage.tagged(name), undefined)
    assert.deepEqual(stage.openUploads(), [])
  })

  const unproven: [string, Behaviour | readonly Behaviour[]][] = [
    ['without a word of where it starts', faults.headers({ 'content-range': undefined })],
    ['that starts elsewhere', faults.headers({ 'content-range': `bytes 0-${SIZE - 1}/${SIZE}` })],
    ['that ends elsewhere', faults.headers({ 'content-range': `bytes ${SIZE / 2}-${SIZE - 2}/${SIZE}` })],
    [
      'of a blob of another size',
      faults.headers({ 'content-range': `bytes ${SIZE / 2}-${SIZE - 1}/${SIZE + 1}` }),
    ],
    [
      'of several parts',
      faults.headers({ 'content-range': undefined, 'content-type': 'multipart/byteranges; boundary=x' }),
    ],
    [
      'with two ranges',
      faults.headers({ 'content-range': `bytes ${SIZE / 2}-${SIZE - 1}/${SIZE}, bytes 0-1/${SIZE}` }),
    ],
    ['that is refused as out of bounds', faults.respond(416)],
  ]
  for (const [what, behaviour] of unproven) {
    test(`is read from its start where the answer is one ${what}`, async () => {
      const name = await stage.ready(image)
      stage.source.fault(GET, faults.cut(SIZE / 2), { nth: 1 })
      stage.source.fault({ ...GET, when: ({ headers }) => headers.range !== undefined }, behaviour)
      await stage.promote(name)
      await stage.assertWhole(name, image)
      assert.deepEqual(ranges(), [undefined, `bytes=${SIZE / 2}-`, undefined])
      assert.equal(puts().length, 1)
    })
  }

  test('is read from its start where Range is ignored, and nothing is taken twice', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.unasked('range'))
    stage.source.fault(GET, faults.cut(SIZE / 2), { nth: 1 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
    assert.equal(puts()[0]?.bytesIn, SIZE)
  })

  test('and is another when it goes on is refused, downloaded twice at most and not committed', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.cut(SIZE / 2), { nth: 1 })
    stage.source.fault(GET, faults.flip(SIZE - 10))
    await assert.rejects(stage.promote(name), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'DIGEST_MISMATCH')
      return error.message.includes(digest)
    })
    assert.ok(read() <= 2 * SIZE)
    assert.equal(await stage.tagged(name), undefined)
    assert.equal(puts().filter(({ status }) => status === 201).length, 0)
  })

  test('with a reset, after what was sent had come, costs no more than what was on its way', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.cut(SIZE / 2, 'reset'), { times: 2 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
    assert.equal(puts().length, 1)
  })
})
