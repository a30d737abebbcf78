import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { compileGlob } from '../../src/cli/glob.ts'
import { formatDuration, ProgressDisplay } from '../../src/cli/progress.ts'

describe('a glob for tags', () => {
  for (const [glob, yes, no] of [
    ['*', ['a', '1.0'], []],
    ['v1.*', ['v1.0', 'v1.'], ['v1', 'v10', 'xv1.0']],
    ['v?.0', ['v1.0'], ['v10.0', 'v.0']],
    ['[0-9]*', ['1', '9.1'], ['v1']],
    ['[!0-9]*', ['v1'], ['1', '9.1']],
    ['a+b', ['a+b'], ['aab']],
    ['v[.]1', ['v.1'], ['vx1']],
  ] as const) {
    test(`${glob} matches what it says`, () => {
      const matches = compileGlob(glob)
      assert.deepEqual([...yes, ...no].filter(matches), yes)
    })
  }
})

describe('the progress display', () => {
  function display(terminal: boolean) {
    const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: terminal, columns: 60 })
    let now = 0
    const shown = new ProgressDisplay(output, () => now)
    return {
      shown,
      text: () => (output.read() ?? '') as string,
      at: (ms: number, sent: number) => {
        now = ms
        shown.show({ kind: 'bytes', sent, total: 100_000_000 })
      },
    }
  }

  test('rewrites one line on a terminal: bytes, rate, time left', () => {
    const { shown, at, text } = display(true)
    at(1000, 10_000_000)
    assert.equal(text(), '\r10.0 MB of 100.0 MB · 10.0 MB/s · 9 s left\x1b[K')
    at(2000, 20_000_000)
    assert.equal(text(), '\r20.0 MB of 100.0 MB · 10.0 MB/s · 8 s left\x1b[K')
    shown.clear()
    assert.equal(text(), '\r\x1b[K')
    shown.clear()
    assert.equal(text(), '')
  })

  test('says something every ten seconds anywhere else', () => {
    const { at, text } = display(false)
    at(1000, 10_000_000)
    assert.equal(text(), '')
    at(10_000, 50_000_000)
    assert.match(text(), /^50\.0 MB of 100\.0 MB · \d+\.\d MB\/s · \d+ s left\n$/)
    at(11_000, 55_000_000)
    assert.equal(text(), '')
  })

  test('speaks of time as people do', () => {
    assert.deepEqual([0.2, 59.5, 200, 7500].map(formatDuration), [
      '1 s',
      '1 min 0 s',
      '3 min 20 s',
      '2 h 5 min',
    ])
  })
})
