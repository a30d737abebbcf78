import assert from 'node:assert/strict'
import { test } from 'node:test'
import { index, push } from '#support/images'
import { startRegistry } from '#support/registry'
import { setStage } from './stage.ts'

/** A clock that goes on by itself each time somebody looks at it. */
function clock(stepMs: number): { readonly now: () => Date; pass(ms: number): void } {
  let ms = Date.UTC(2026, 10, 24)
  return {
    now() {
      ms += stepMs
      return new Date(ms)
    },
    pass: (more) => {
      ms += more
    },
  }
}

test('a receipt says where the time went, by the clock that was given, and nothing of what was not done', async () => {
  await using hub = await startRegistry()
  await using other = await startRegistry()
  const image = index({ layerSize: 100, platforms: ['linux/amd64'], attestations: false })
  await push(hub.url, 'team/app', '1', image)

  await using cold = setStage(`${hub.url}/team/app:1`, `${other.url}/live/app:prod`)
  const watch = clock(10)
  const beforeTag = async (): Promise<void> => watch.pass(500)
  const { receipt } = await cold.promote({ now: watch.now, beforeTag })
  assert.deepEqual(receipt.phases, { copy: 10, put: 10, tag: 510, verify: 10 })

  assert.deepEqual((await cold.promote({ now: watch.now })).receipt.phases, {}, 'nothing to do')

  await using retag = setStage(`${other.url}/live/app:prod`, `${other.url}/live/app:next`)
  const backwards = clock(-10)
  const again = await retag.promote({ now: backwards.now })
  assert.deepEqual(again.receipt.phases, { tag: 0, verify: 0 }, 'a clock that was set back')
})
