import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runProcess } from '#support/process'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('the demo', { timeout: 90_000 }, () => {
  test('ends with 0 when the digests agree, and leaves nothing running', async () => {
    const args = ['--conditions=tagboat-source', 'demo/main.ts', '--once']
    const { code, stdout, stderr } = await runProcess(process.execPath, args, {
      cwd: root,
      timeoutMs: 80_000,
    })
    assert.equal(code, 0, stdout + stderr)
    const [source, target] = [...stdout.matchAll(/^(?:source|target) +(sha256:[0-9a-f]{64})/gm)].map(
      ([, digest]) => digest,
    )
    assert.ok(source)
    assert.equal(source, target)
    assert.match(stdout, /\n200 \{/)
    assert.match(stdout, /SUCCESSFUL/)
  })
})
