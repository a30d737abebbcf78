import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Redactor } from '../../../src/oci/http/redactor.ts'

describe('a redactor', () => {
  test('takes a secret out of a text, in whatever form it is echoed', () => {
    const secret = 'p@ss/w0rd+"<&>" ü'
    const redactor = new Redactor()
    redactor.keep(secret)
    const bytes = Buffer.from(secret)
    for (const form of [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ a: secret }).toString().slice(2),
      bytes.toString('base64'),
      encodeURIComponent(bytes.toString('base64')),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      JSON.stringify(secret),
    ]) {
      const clean = redactor.redact(`you said ${form}, did you?`)
      assert.match(clean, /^you said "?\[secret\]=*"?, did you\?$/, form)
    }
  })

  test('keeps of what passes by as much as may still be echoed, and no more', () => {
    const redactor = new Redactor()
    redactor.keep('password')
    const passing = (at: number): string => `signature-${String(at).padStart(6, '0')}`
    for (let at = 0; at < 50_000; at++) {
      redactor.keepForNow('always the same')
      redactor.keepForNow(passing(at))
    }
    const newest = Array.from({ length: 500 }, (_, back) => passing(49_999 - back)).join(' ')
    const clean = redactor.redact(`password ${newest} always the same`)
    assert.equal(clean.replaceAll('[secret]', '').trim(), '')
    assert.equal(redactor.redact(passing(0)), passing(0), 'what is long past takes no memory')
  })

  test('leaves nothing of any of many secrets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 4, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        (secrets) => {
          const redactor = new Redactor()
          for (const secret of secrets) redactor.keep(secret)
          const clean = redactor.redact(secrets.map((secret) => `<${secret}>`).join(' '))
          const left = clean.replaceAll('[secret]', '')
          for (const secret of secrets)
            assert.ok(!left.includes(secret) || '[secret]'.includes(secret), clean)
        },
      ),
    )
  })

  test('leaves words alone that are too short to be a secret', () => {
    const redactor = new Redactor()
    redactor.keep('')
    redactor.keep('abc')
    assert.equal(redactor.redact('abcdef'), 'abcdef')
  })
})
