import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { admits, isWithin, parseAddressRange } from '#model'

const range = (text: string) => {
  const found = parseAddressRange(text)
  assert.ok(found, text)
  return found
}
const admitted = (pattern: string, address: string) => admits([range(pattern)], address)

describe('addresses', () => {
  test('are in the ranges that they are in, in whatever spelling', () => {
    const inside = [
      ['127.0.0.1', '127.0.0.1'],
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['::ffff:127.0.0.1', '127.0.0.1'],
      ['::ffff:7f00:1', '127.0.0.1'],
      ['10.0.0.0/8', '10.255.0.1'],
      ['10.1.2.3/8', '10.9.9.9'],
      ['0.0.0.0/0', '203.0.113.9'],
      ['10.0.*.*', '10.0.7.9'],
      ['10.*.0.1', '10.200.0.1'],
      ['10.*', '10.1.2.3'],
      ['*', '10.1.2.3'],
      ['2001:DB8::/32', '2001:db8:1::9'],
      ['2001:db8:*', '2001:db8:1::9'],
      ['::1', '0:0:0:0:0:0:0:1'],
      ['fe80::1', 'fe80::1%eth0'],
      ['::/0', '10.0.0.1'],
    ] as const
    for (const [pattern, address] of inside)
      assert.equal(admitted(pattern, address), true, `${pattern} ${address}`)
    const outside = [
      ['127.0.0.1', '127.0.0.2'],
      ['10.0.0.0/8', '11.0.0.1'],
      ['10.0.*.*', '10.1.0.1'],
      ['10.0.0.1', '::10.0.0.1'],
      ['*', '2001:db8::1'],
      ['2001:db8::/32', '2001:db9::1'],
      ['0.0.0.0/0', '::1'],
      ['10.0.0.1', '10.0.0.*'],
      ['10.0.0.1', ''],
      ['10.0.0.1', 'unix'],
    ] as const
    for (const [pattern, address] of outside)
      assert.equal(admitted(pattern, address), false, `${pattern} ${address}`)
    assert.equal(admits([], '127.0.0.1'), false)
  })

  test('that are none are refused', () => {
    const none = [
      '',
      '1',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '010.0.0.1',
      '0x7f.0.0.1',
      '1.2.3.4/33',
      '1.2.3.4/-1',
    ]
    const more = [
      '1.2.3.4/08',
      '10.*/8',
      '1.2.3.4/8/8',
      '::1::',
      ':::',
      '12345::',
      '::1/129',
      'g::',
      '1:2:3:4:5:6:7',
    ]
    const last = [
      '1.*.',
      '::*',
      '::1.2.3',
      'localhost',
      '1.2.3.4 ',
      '::ffff:1.2.*.*',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
    ]
    for (const text of [...none, ...more, ...last]) assert.equal(parseAddressRange(text), undefined, text)
  })

  test('are taken as the platform takes them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        assert.equal(isIP(address) > 0, true)
        assert.equal(admitted(address, address), true)
      }),
    )
  })

  test('of a network are within every wider one', () => {
    const prefix = fc.integer({ min: 0, max: 32 })
    fc.assert(
      fc.property(fc.ipV4(), prefix, prefix, fc.ipV4(), (address, a, b, other) => {
        const [inner, outer] = [range(`${address}/${Math.max(a, b)}`), range(`${address}/${Math.min(a, b)}`)]
        assert.equal(isWithin(inner, outer), true)
        if (admits([inner], other)) assert.equal(admits([outer], other), true)
        if (a !== b) assert.equal(isWithin(outer, inner), false)
      }),
    )
  })
})
