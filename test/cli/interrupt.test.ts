import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hello, layers, push } from '#support/images'
import { faults, startRegistry } from '#support/registry'
import { startTagboat } from './tagboat.ts'

describe('a signal in the middle of a copy', { timeout: 30_000 }, () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} ends it with ${code} and leaves the tag where it was`, async () => {
      await using source = await startRegistry()
      await using target = await startRegistry()
      const before = hello('before')
      await push(source.url, 'team/app', '1.0', layers(3, 100_000))
      await push(target.url, 'prod/app', '1.0', before)
      const held = target.fault({ method: 'PUT', path: /\/blobs\// }, faults.gate())
      const running = startTagboat([
        'copy',
        '--json',
        `${source.host}/team/app:1.0`,
        `${target.host}/prod/app`,
      ])
      await held.reached
      running.kill(signal)
      const { code: ended, stdout, stderr } = await running.finished
      assert.equal(ended, code, stderr)
      assert.equal(JSON.parse(stdout).error.code, 'CANCELLED')
      assert.match(stderr, /^tagboat: CANCELLED/m)
      held.release()
      assert.equal(target.getManifest('prod/app', '1.0')?.digest, before.top.digest)
      assert.equal(target.count({ method: 'PUT', path: /\/manifests\// }), 1)
    })
  }
})
