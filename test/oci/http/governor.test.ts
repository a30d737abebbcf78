import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Governor } from '../../../src/oci/http/governor.ts'

const POLICY = { retries: 3, retryBaseMs: 20, retryAfterMaxMs: 60_000, concurrency: 16 }

/** A governor whose clock stands where it is put. */
function govern(policy = POLICY) {
  const clock = { ms: 1000 }
  const governor = new Governor(policy, () => clock.ms)
  return {
    governor,
    clock,
    well: (times: number, tookMs = 5) => {
      for (let n = 0; n < times; n++) governor.saw(200, undefined, tookMs)
    },
  }
}

describe('a governor', { timeout: 10_000 }, () => {
  test('halves what is asked at once for each refusal, and not for those that came along with it', () => {
    const { governor, clock } = govern()
    for (let n = 0; n < 10; n++) governor.saw(429, 2000, 5)
    assert.equal(governor.width, 8)
    clock.ms += 2001
    governor.saw(429, 2000, 5)
    assert.equal(governor.width, 4)
    for (let n = 0; n < 10; n++) {
      clock.ms += 2001
      governor.saw(429, 2000, 5)
    }
    assert.equal(governor.width, 1)
  })

  test('lets no more in at once than that, blobs and all else apart, and those inside finish', async () => {
    const { governor, clock } = govern({ ...POLICY, concurrency: 4 })
    const inside: (() => void)[] = []
    const enter = (kind: 'download' | 'other') => governor.enter(kind).then((leave) => inside.push(leave))
    const settle = () => new Promise((resolve) => setImmediate(resolve))
    const all = Array.from({ length: 20 }, (_, at) => enter(at % 2 === 0 ? 'download' : 'other'))
    await settle()
    assert.equal(inside.length, 8)
    governor.saw(429, 10, undefined)
    clock.ms += 11
    assert.equal(governor.width, 2)
    for (const leave of inside.splice(0, 4)) leave()
    await settle()
    assert.equal(inside.length, 4, 'two of each are still inside')
    let most = 0
    while (inside.length > 0) {
      inside.shift()?.()
      await settle()
      most = Math.max(most, inside.length)
    }
    assert.ok(most <= 4, `${most}`)
    await Promise.all(all)
  })

  test('grows by one for each round that goes well, up to what was set', () => {
    const { governor, well } = govern()
    governor.saw(429, 1, 5)
    well(8)
    assert.equal(governor.width, 9)
    well(500)
    assert.equal(governor.width, 16)
  })

  test('asks less of a registry that has become many times slower, and more again when it is quick', () => {
    const { governor, well } = govern()
    well(32)
    well(200, 3000)
    assert.ok(governor.width < 10, `${governor.width}`)
    well(2000, 5)
    assert.equal(governor.width, 16)
  })

  test('takes a registry as it is that was slow from the start, or is a little slower', () => {
    const { governor, well } = govern()
    well(500, 3000)
    assert.equal(governor.width, 16)
    const other = govern()
    other.well(10)
    other.well(500, 400)
    assert.equal(other.governor.width, 16)
  })

  test('keeps everybody waiting until it was told, blobs and all else', async () => {
    const governor = new Governor(POLICY)
    governor.saw(429, 100, undefined)
    const from = performance.now()
    const leave = await Promise.all([governor.enter('download'), governor.enter('other')])
    assert.ok(performance.now() - from >= 100)
    for (const one of leave) one()
  })

  test('keeps nobody waiting for what is longer than anybody waits', async () => {
    const governor = new Governor(POLICY)
    governor.saw(429, 86_400_000, undefined)
    const from = performance.now()
    ;(await governor.enter('other'))()
    assert.ok(performance.now() - from < 5000)
  })

  test('lets go of who does not want to wait, and of his place', async () => {
    const governor = new Governor({ ...POLICY, concurrency: 1 })
    governor.saw(429, 200, undefined)
    const stop = new AbortController()
    const waiting = governor.enter('other', stop.signal)
    stop.abort()
    await assert.rejects(waiting, { code: 'CANCELLED' })
    ;(await governor.enter('other'))()
  })
})
