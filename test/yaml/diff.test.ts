import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatDiff } from '#yaml'

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
        const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
        const shown = formatDiff(text(before), text(after)).split('\n').slice(0, -1)
        assert.deepEqual(patch(before, shown), after)
        const changed = shown.filter((line) => /^[-+]/.test(line)).length
        assert.equal(changed, before.length + after.length - 2 * inCommon(before, after))
      }),
    )
  })

  test('of large texts is found soon', () => {
    const large = (seed: string) => Array.from({ length: 6_000 }, (_, i) => `${seed} ${i}`).join('\n')
    assert.equal(formatDiff(large('a'), large('b')).split('\n').length, 12_002)
  })
})

/** What `patch` makes of the lines, checking that the difference is one of theirs. */
function patch(before: readonly string[], shown: readonly string[]): readonly string[] {
  const after: string[] = []
  let at = 0
  for (const line of shown) {
    const start = /^@@ -(\d+) \+(\d+) @@$/.exec(line)
    if (start !== null) {
      after.push(...before.slice(at, Number(start[1]) - 1))
      at = Number(start[1]) - 1
      assert.equal(after.length, Number(start[2]) - 1)
      continue
    }
    if (line[0] !== '+') assert.equal(line.slice(1), before[at++])
    if (line[0] !== '-') after.push(line.slice(1))
  }
  return [...after, ...before.slice(at)]
}

/** How many lines the longest row has that is in both. */
function inCommon(before: readonly string[], after: readonly string[]): number {
  const known = new Map<string, number>()
  const longest = (one: readonly string[], other: readonly string[]): number => {
    if (one.length === 0 || other.length === 0) return 0
    const key = `${one.length} ${other.length}`
    const found =
      known.get(key) ??
      (one[0] === other[0]
        ? 1 + longest(one.slice(1), other.slice(1))
        : Math.max(longest(one.slice(1), other), longest(one, other.slice(1))))
    known.set(key, found)
    return found
  }
  return longest(before, after)
}
