import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { isSlug, permits, SCOPES, Secret, slugOf } from '#model'

describe('a secret', () => {
  test('shows itself in no way but one', () => {
    const secret = new Secret('canary')
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: [secret] }, { depth: 9, showHidden: true }),
      Object.keys(secret).join(),
    ]
    for (const text of shown) assert.equal(text.includes('canary'), false, text)
    assert.equal(secret.reveal(), 'canary')
  })
})

describe('a slug', () => {
  test('is made of any name that has something to make it of', () => {
    assert.deepEqual(['Größe', 'To production!', '  ', '---', 'Ünïcödé  &  co', 'a'.repeat(99)].map(slugOf), [
      'gro-e',
      'to-production',
      undefined,
      undefined,
      'unicode-co',
      'a'.repeat(63),
    ])
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => isSlug(slugOf(name) ?? 'x')))
  })
})

describe('scopes', () => {
  test('grant what they say, the wider what the narrower do', () => {
    const caller = (scope: string) => ({ person: {} as never, token: { scopes: [scope] } as never })
    assert.equal(permits(caller('EXECUTION_MANAGE'), 'pipeline.run'), true)
    assert.equal(permits(caller('EXECUTION_RUN'), 'pipeline.manage'), false)
    assert.equal(permits(caller('constructor'), 'pipeline.read'), false)
    for (const [wide, narrow] of [
      ['EXECUTION_MANAGE', 'EXECUTION_RUN'],
      ['EXECUTION_RUN', 'EXECUTION_INFO'],
      ['INTEGRATION_MANAGE', 'INTEGRATION_ADD'],
      ['TOKEN_MANAGE', 'TOKEN_INFO'],
    ] as const) {
      for (const permission of SCOPES[narrow] ?? []) assert.ok(SCOPES[wide]?.includes(permission))
    }
  })
})
