import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatDiff } from '../../src/cli/print-diff.ts'

describe('a difference', () => {
  test('shows what goes, what comes, and three lines around', () => {
    const lines = (...changed: readonly string[]) =>
      `${['1', '2', '3', '4', '5', ...changed, '7', '8', '9', '10', '11'].join('\n')}\n`
    assert.equal(
      formatDiff(lines('six'), lines('6', '6b')),
      '@@ -3 +3 @@\n 3\n 4\n 5\n-six\n+6\n+6b\n 7\n 8\n 9\n',
    )
  })

  test('is empty between the same, and all there is from or to nothing', () => {
    assert.equal(formatDiff('a\nb\n', 'a\nb\n'), '')
    assert.equal(formatDiff('', 'a\nb\n'), '@@ -1 +1 @@\n+a\n+b\n')
    assert.equal(formatDiff('a\n', ''), '@@ -1 +1 @@\n-a\n')
  })

  test('keeps what is far from it apart', () => {
    const far = (first: string, last: string) =>
      [first, ...Array.from({ length: 20 }, (_, i) => `line ${i}`), last].join('\n')
    assert.deepEqual(formatDiff(far('a', 'b'), far('c', 'd')).match(/^@@.*@@$/gm), [
      '@@ -1 +1 @@',
      '@@ -19 +19 @@',
    ])
  })

  test('leads from one text to the other, and changes no more than it must', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        // So close that all lines are shown.
        const close = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
        const shown = formatDiff(close(before), close(after)).split('\n').slice(0, -1)
        const kept = shown.filter((line) => !line.startsWith('@@'))
        if (kept.length < Math.max(before.length, after.length)) return
        const side = (sign: string) => kept.filter((line) => line[0] !== sign).map((line) => line.slice(1))
        assert.deepEqual([side('+'), side('-')], [before, after])
      }),
    )
  })

  test('of large texts is found soon', () => {
    const large = (seed: string) => Array.from({ length: 6_000 }, (_, i) => `${seed} ${i}`).join('\n')
    assert.equal(formatDiff(large('a'), large('b')).split('\n').length, 12_002)
  })
})
