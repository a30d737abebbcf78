import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseContentRange, parseUploadRange } from '../../../src/oci/http/ranges.ts'

const count = fc.nat(2 ** 31 - 1)

describe('the range of a partial answer', () => {
  test('is what it says, with a total or without', () => {
    fc.assert(
      fc.property(count, count, count, (start, more, beyond) => {
        const [end, total] = [start + more, start + more + 1 + beyond]
        assert.deepEqual(parseContentRange(`bytes ${start}-${end}/${total}`), { start, end, total })
        assert.deepEqual(parseContentRange(`bytes ${start}-${end}/*`), { start, end, total: undefined })
      }),
    )
  })

  test('is none where it contradicts itself, is more than one, or is something else', () => {
    for (const text of [
      undefined,
      '',
      'bytes 5-4/10',
      'bytes 0-10/10',
      'bytes */10',
      'bytes 0-9',
      'bytes=0-9/10',
      'bytes 0-4/10, bytes 5-9/10',
      'items 0-9/10',
      'bytes -1-9/10',
      'bytes 0x0-9/10',
      'bytes 0-9/10 ',
      'bytes 0-99999999999999999999/*',
    ])
      assert.equal(parseContentRange(text), undefined, String(text))
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parseContentRange(text)
        assert.ok(found === undefined || (found.start <= found.end && found.end < (found.total ?? Infinity)))
      }),
    )
  })
})

describe('the range of an upload', () => {
  test('counts the bytes that the registry has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 31 }), fc.nat(), (taken, expected) => {
        for (const prefix of ['', 'bytes=', 'bytes '])
          assert.equal(parseUploadRange(`${prefix}0-${taken - 1}`, expected), taken)
      }),
    )
  })

  test('of nothing is written in more ways than one', () => {
    assert.equal(parseUploadRange('0-0', 0), 0)
    assert.equal(parseUploadRange('0-0', 5_000_000), 0)
    assert.equal(parseUploadRange('0-0', 1), 1)
    assert.equal(parseUploadRange('0--1', 0), 0)
    assert.equal(parseUploadRange('bytes=0--1', 7), 0)
  })

  test('is unknown where it does not begin at the start, or is something else', () => {
    for (const text of [undefined, '', '1-5', '5', '0-', '0--2', '0-5/10', 'nonsense', '0-1e3'])
      assert.equal(parseUploadRange(text, 0), undefined, String(text))
  })
})
