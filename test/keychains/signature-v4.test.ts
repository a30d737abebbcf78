import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AMAZON_KEYS } from '#support/amazon'
import { signRequest } from '../../src/keychains/signature-v4.ts'

// AWS's published Signature Version 4 test suite: get-vanilla, post-vanilla, post-x-www-form-urlencoded, get-header-value-trim.
describe('a signature of version 4', () => {
  const signer = { ...AMAZON_KEYS, region: 'us-east-1', service: 'service' }
  const at = new Date('2015-08-30T12:36:00Z')
  const url = new URL('https://example.amazonaws.com/')
  for (const [name, request, names, signature] of [
    [
      'get-vanilla',
      { method: 'GET', url, headers: {}, body: Buffer.alloc(0) },
      'host;x-amz-date',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'post-vanilla',
      { method: 'POST', url, headers: {}, body: Buffer.alloc(0) },
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from('Param1=value1'),
      },
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'get-header-value-trim',
      {
        method: 'GET',
        url,
        headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
        body: Buffer.alloc(0),
      },
      'host;my-header1;my-header2;x-amz-date',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
  ] as const) {
    test(`is the one of AWS's own vectors: ${name}`, () => {
      const { authorization } = signRequest(request, signer, at)
      const credential = `AWS4-HMAC-SHA256 Credential=${AMAZON_KEYS.accessKey}/20150830/us-east-1/service/aws4_request`
      assert.equal(authorization, `${credential}, SignedHeaders=${names}, Signature=${signature}`)
    })
  }
})
