import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { faults, type RecordedRequest, type RequestMatch } from '#support/fault-proxy'
import { index, layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const image = index({ seed: 'patience' })
const plain = layers(2, 100_000, 'patience')
const RETRIES = 4

describe('a registry that is busy', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  /** The most that any one request was made, uploads told apart by nothing but their method. */
  function most(requests: readonly RecordedRequest[]): number {
    const counts = new Map<string, number>()
    for (const { method, url } of requests) {
      const key = `${method} ${url}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return Math.max(0, ...counts.values())
  }

  const keys: [string, (request: RecordedRequest) => string][] = [
    ['address', ({ method, url }) => `${method} ${url}`],
    ['path', ({ method, path }) => `${method} ${path}`],
    ['endpoint', ({ method, path }) => `${method} ${path.replace(/uploads\/[^/]+$/, 'uploads/')}`],
  ]
  for (const status of [500, 502, 503, 504, 429, 408]) {
    for (const [what, each] of status === 503 ? keys : keys.slice(1, 2)) {
      test(`with ${status} on the first three tries of each ${what}, on both sides, is outlasted`, async () => {
        const name = await stage.ready(image)
        for (const proxy of [stage.source, stage.target])
          proxy.fault({}, faults.respond(status), { times: 3, each })
        await stage.promote(name, { retries: RETRIES, retryBaseMs: 1 })
        await stage.assertWhole(name, image)
      })
    }
  }

  test('for ever is given up, and nothing is asked more often than was set', async () => {
    for (const side of ['source', 'target'] as const) {
      const name = await stage.ready(image)
      stage[side].fault({}, faults.respond(503))
      await assert.rejects(stage.promote(name, { retries: RETRIES, retryBaseMs: 1 }), {
        code: 'REGISTRY_UNAVAILABLE',
        side,
      })
      assert.equal(most(stage[side].requests), 1 + RETRIES)
    }
  })

  const stages: [string, RequestMatch, number][] = [
    // One address for all blobs, each of which has its tries.
    ['begins uploads', { method: 'POST' }, plain.blobs.length],
    ['takes blobs', { method: 'PUT', path: /uploads/ }, 1],
    ['takes manifests', { method: 'PUT', path: /manifests/ }, 1],
  ]
  for (const [what, match, times] of stages) {
    test(`for ever when it ${what} is asked no more often than was set`, async () => {
      const name = await stage.ready(plain)
      stage.target.fault(match, faults.respond(503))
      await assert.rejects(stage.promote(name, { retries: 2, retryBaseMs: 1 }), {
        code: 'REGISTRY_UNAVAILABLE',
        side: 'target',
      })
      assert.ok(most(stage.target.find(match)) <= 3 * times)
      assert.equal(await stage.tagged(name), undefined)
      assert.deepEqual(stage.openUploads(), [])
    })
  }

  test('that never answers, or is not there, is given up after as many tries', async () => {
    const name = await stage.ready(plain)
    const tag = { method: 'GET', path: /manifests\/v1/ }
    stage.source.fault(tag, faults.drop())
    await assert.rejects(stage.promote(name, { retries: 2, retryBaseMs: 1 }), {
      code: 'REGISTRY_UNAVAILABLE',
      side: 'source',
    })
    assert.equal(stage.source.count(tag), 3)
  })
})

describe('a registry that asks to be left alone', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  const MANIFESTS = { method: 'GET', path: /\/manifests\// }
  const limited = (after: string) => faults.respond(429, { headers: { 'retry-after': after } })

  for (const [what, text] of [
    ['for so many seconds', () => '1'],
    ['until some time', () => new Date(Date.now() + 2000).toUTCString()],
  ] as const) {
    test(`${what} is, by everybody and for everything, and the other registry is not`, async () => {
      const name = await stage.ready(image)
      const limit = stage.source.fault(
        MANIFESTS,
        {
          before: (exchange, hold) => limited(text()).before?.(exchange, hold) ?? Promise.resolve(undefined),
        },
        { times: 1 },
      )
      await stage.promote(name)
      await stage.assertWhole(name, image)
      assert.equal(limit.hits, 1)
      const [refused, next] = stage.source.requests
      const waited = (next?.at ?? 0) - (refused?.endedAt ?? 0)
      assert.ok(waited >= 999 && waited < 3200, `${waited} ms`)
      assert.ok(
        stage.target.requests.some(({ at }) => at < (next?.at ?? 0)),
        'the target was asked meanwhile',
      )
    })
  }

  test('while many are asking is not asked by any of them', async () => {
    const name = await stage.ready(image)
    const blobs = { method: ['POST', 'PUT', 'HEAD', 'PATCH'] }
    stage.target.fault(blobs, limited('1'), { nth: 2 })
    await stage.promote(name)
    await stage.assertWhole(name, image)
    const refused = stage.target.find({ ...blobs, status: 429 })[0]
    // Those that were on their way, or begun before the refusal was read, are let be.
    const meanwhile = stage.target.requests.filter(
      ({ at }) => at > (refused?.endedAt ?? 0) + 300 && at < (refused?.endedAt ?? 0) + 990,
    )
    assert.deepEqual(
      meanwhile.map(({ method, url }) => `${method} ${url}`),
      [],
    )
  })

  test('for a day fails at once, and says when to come back', async () => {
    const name = await stage.ready(image)
    stage.source.fault(MANIFESTS, limited('86400'))
    const from = performance.now()
    await assert.rejects(
      stage.promote(name),
      (error: Error & { code?: string; side?: string; retryAfterMs?: number }) => {
        assert.deepEqual([error.code, error.side, error.retryAfterMs], ['RATE_LIMITED', 'source', 86_400_000])
        return /86400 s/.test(error.message)
      },
    )
    assert.ok(performance.now() - from < 5000)
    assert.equal(stage.source.requests.length, 1)
  })

  for (const text of ['soon', '-1', '1.5', '']) {
    test(`in words that mean nothing (${JSON.stringify(text)}) is tried again as usual`, async () => {
      const name = await stage.ready(image)
      stage.source.fault(MANIFESTS, limited(text), { times: 2 })
      const from = performance.now()
      await stage.promote(name, { retryBaseMs: 20 })
      await stage.assertWhole(name, image)
      assert.ok(performance.now() - from < 5000)
    })
  }
})
