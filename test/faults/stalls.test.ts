import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, faults } from '#support/fault-proxy'
import { layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const SIZE = 16_000_000
const IDLE_MS = 1_000
const image = layers(1, SIZE, 'stalls')
const digest = image.blobs.find(({ bytes }) => bytes.length === SIZE)?.digest ?? ''
const GET = { method: 'GET', path: new RegExp(`/blobs/${digest}$`) }
const PUT = { method: 'PUT', url: new RegExp(digest.slice(7)) }
const IMPATIENT = { idleTimeoutMs: IDLE_MS, retries: 0 }

describe('a registry that stands still', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  /** The promotion fails with STALLED, as long after the fault took hold as was set. */
  async function stallsAfter(fault: Fault, promotion: Promise<unknown>, side: string): Promise<void> {
    const failure = promotion.then(
      () => assert.fail('it went through'),
      (error) => ({ error, at: performance.now() }),
    )
    await fault.reached
    const from = performance.now()
    const { error, at } = await failure
    assert.deepEqual([error.code, error.side, error.retryable], ['STALLED', side, true])
    assert.ok(at - from > IDLE_MS * 0.8 && at - from < IDLE_MS * 1.3, `${at - from} ms`)
  }

  test('for less than the limit goes unnoticed', async () => {
    const name = await stage.ready(image)
    const stall = stage.source.fault(GET, faults.stall(1_000_000))
    const promotion = stage.promote(name, IMPATIENT)
    await stall.reached
    await sleep(IDLE_MS * 0.6)
    stall.release()
    await promotion
    await stage.assertWhole(name, image)
    assert.equal(stage.source.count(GET), 1)
  })

  test('in mid blob is given up when the limit is reached, and nothing is tagged', async () => {
    const name = await stage.ready(image)
    const stall = stage.source.fault(GET, faults.stall(1_000_000))
    await stallsAfter(stall, stage.promote(name, IMPATIENT), 'source')
    assert.equal(await stage.tagged(name), undefined)
    assert.deepEqual(stage.openUploads(), [])
  })

  test('before it answers with a blob is given up when the limit is reached', async () => {
    const name = await stage.ready(image)
    const held = stage.source.fault(GET, faults.gate())
    await stallsAfter(held, stage.promote(name, IMPATIENT), 'source')
  })

  test('is left for another answer, and what had come is not read again', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.stall(1_000_000), { times: 2 })
    await stage.promote(name, { ...IMPATIENT, idleTimeoutMs: 300, retries: 2 })
    await stage.assertWhole(name, image)
    assert.ok(stage.source.find(GET).reduce((sum, { bytesOut }) => sum + bytesOut, 0) <= SIZE + 128 * 1024)
    assert.equal(stage.target.count(PUT), 1)
  })

  test('as a process that was stopped is waited for while tries are left', async () => {
    const name = await stage.ready(image)
    const [a] = stage.registries
    const held = stage.source.fault(GET, faults.gate(), { nth: 1 })
    const promotion = stage.promote(name, { idleTimeoutMs: 300, retries: 8, retryBaseMs: 20 })
    await held.reached
    process.kill(a?.pid ?? 0, 'SIGSTOP')
    held.release()
    await sleep(700)
    process.kill(a?.pid ?? 0, 'SIGCONT')
    await promotion
    await stage.assertWhole(name, image)
  })

  test('while it takes a blob is given up when the limit is reached', async () => {
    const name = await stage.ready(image)
    const stall = stage.target.fault(PUT, faults.stallUpload(1_000_000))
    await stallsAfter(stall, stage.promote(name, IMPATIENT), 'target')
    stall.release()
  })

  test('after it took a blob has the time of an answer', async () => {
    const name = await stage.ready(image)
    const held = stage.target.fault(PUT, faults.gate('answer'))
    await assert.rejects(stage.promote(name, { headersTimeoutMs: 400, retries: 0 }), {
      code: 'STALLED',
      side: 'target',
    })
    held.release()
  })

  test('nearly, byte after byte, is given up too', async () => {
    const name = await stage.ready(image)
    stage.source.fault(GET, faults.throttle(20_000))
    const from = performance.now()
    const slow = stage.promote(name, { ...IMPATIENT, minBytesPerSecond: 200_000 })
    await assert.rejects(slow, {
      code: 'STALLED',
      side: 'source',
      message: /less than 200000 bytes a second/,
    })
    assert.ok(performance.now() - from < 5 * IDLE_MS)
  })

  test('nearly, while it takes a blob, is given up too', async () => {
    const name = await stage.ready(image)
    stage.target.fault(PUT, faults.throttleUpload(100_000))
    const slow = stage.promote(name, { idleTimeoutMs: 3_000, retries: 0, minBytesPerSecond: 10_000_000 })
    await assert.rejects(slow, { code: 'STALLED', side: 'target' })
  })
})
