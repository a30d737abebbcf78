import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBase32, matchTotp, totp, totpStep } from '../../src/engine/totp.ts'

// RFC 6238, appendix B, the last six of its eight digits.
const SECRET = encodeBase32(Buffer.from('12345678901234567890'))
const VECTORS: [number, string][] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]

test('one-time passwords are those of RFC 6238', () => {
  assert.equal(SECRET, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  for (const [seconds, code] of VECTORS) {
    const at = new Date(seconds * 1000)
    assert.equal(totp(SECRET, totpStep(at)), code)
    assert.equal(matchTotp(SECRET, code, at), totpStep(at))
  }
})

test('a password is taken one step early or late, and no further', () => {
  const at = new Date(1111111111 * 1000)
  const step = totpStep(at)
  for (const [distance, taken] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    const found = matchTotp(SECRET, totp(SECRET, step + distance), at)
    assert.equal(found, taken ? step + distance : undefined)
  }
  for (const code of ['', '05047', '0504711', '05047 ', 'äöüäöü'])
    assert.equal(matchTotp(SECRET, code, at), undefined)
})

test('Base32 is that of RFC 4648, and any secret gives six digits', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    assert.equal(encodeBase32(Buffer.from(text)), encoded)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (secret, step) =>
      /^[0-9]{6}$/.test(totp(encodeBase32(secret), step)),
    ),
  )
})
