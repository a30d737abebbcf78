import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runProcess } from '#support/process'

const root = join(import.meta.dirname, '..')

describe('the pages', () => {
  test('of error codes is what the sources say', async () => {
    const { code } = await runProcess(process.execPath, ['scripts/errors.ts', '--check'], { cwd: root })
    assert.equal(code, 0, 'npm run docs writes it anew')
  })

  test('lead to each other, and to nothing that is not there', () => {
    for (const page of [
      'README.md',
      'CONTRIBUTING.md',
      'docs/architecture.md',
      'docs/buddy.md',
      'docs/errors.md',
      'docs/registries.md',
    ]) {
      const text = readFileSync(join(root, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)\)/g))
        readFileSync(join(root, page, '..', target))
    }
  })
})
