import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cpuMs } from '#support/cpu'
import { nextTarget } from '../../src/oci/tags.ts'

describe('the next page that a Link header names', () => {
  const found: [string, string | undefined][] = [
    ['', undefined],
    ['</v2/a/tags/list?last=b>; rel="next"', '/v2/a/tags/list?last=b'],
    ['</v2/a/tags/list?last=b>;rel=next', '/v2/a/tags/list?last=b'],
    ['</first>; rel="first", </next>; title="n"; rel="next"', '/next'],
    ['</first>; rel="first"', undefined],
  ]
  for (const [link, target] of found) {
    test(`is found: ${link || 'in nothing'}`, () => {
      assert.equal(nextTarget(link), target)
    })
  }

  test('is looked for in no time, whatever stands there', () => {
    for (const part of ['<', '<>;', '<> ', '<>; rel=', ' rel', '>;'])
      assert.ok(cpuMs(() => void nextTarget(part.repeat(60_000 / part.length))) < 1_000, part)
  })
})
