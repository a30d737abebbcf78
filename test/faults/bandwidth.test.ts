import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { NetworkOptions } from '#oci'
import { layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const SIZE = 3_000_000
const image = layers(2, SIZE / 2, 'bandwidth')

describe('a limit of the bandwidth', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  const limits: [string, () => NetworkOptions['bandwidth']][] = [
    ['of all', () => ({ all: 2_000_000, registries: new Map() })],
    ['of the source', () => ({ all: undefined, registries: new Map([[stage.source.host, 2_000_000]]) })],
    ['of the target', () => ({ all: 90_000_000, registries: new Map([[stage.target.host, 2_000_000]]) })],
  ]
  for (const [what, bandwidth] of limits) {
    test(`${what} is kept`, async () => {
      const name = await stage.ready(image)
      const from = performance.now()
      await stage.promote(name, { bandwidth: bandwidth() })
      const ms = performance.now() - from
      await stage.assertWhole(name, image)
      // How exactly is for the tests of the pace itself: a loaded machine has other things to do as well.
      assert.ok(ms > 1400 && ms < 5000, `${ms} ms`)
    })
  }

  test('of another registry holds nothing back', async () => {
    const name = await stage.ready(image)
    await stage.promote(name, {
      bandwidth: { all: undefined, registries: new Map([['other.example', 1]]) },
      idleTimeoutMs: 2000,
    })
    await stage.assertWhole(name, image)
  })

  test('is no stall, however low it is', async () => {
    const small = layers(1, 60_000, 'little')
    const name = await stage.ready(small)
    await stage.promote(name, {
      bandwidth: { all: 40_000, registries: new Map() },
      idleTimeoutMs: 400,
      minBytesPerSecond: 1_000_000,
      retries: 0,
    })
    await stage.assertWhole(name, small)
  })
})
