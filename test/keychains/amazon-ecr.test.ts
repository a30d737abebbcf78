import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { integrationKeychain } from '#keychains'
import { createAddressGuard, Network, parseReference, RegistryError } from '#oci'
import { findEcr } from '../../src/keychains/amazon-ecr.ts'
import { signRequest } from '../../src/keychains/signature-v4.ts'
import { type Answer, type Asked, startVendor } from './stand-in.ts'

const accessKey = 'AKIDEXAMPLE'
const secretKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const registry = parseReference('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app')

// AWS's published Signature Version 4 test suite: get-vanilla, post-vanilla, post-x-www-form-urlencoded, get-header-value-trim.
describe('a signature of version 4', () => {
  const signer = { accessKey, secretKey, region: 'us-east-1', service: 'service' }
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
      const credential = `AWS4-HMAC-SHA256 Credential=${accessKey}/20150830/us-east-1/service/aws4_request`
      assert.equal(authorization, `${credential}, SignedHeaders=${names}, Signature=${signature}`)
    })
  }
})

describe('the name of an ECR registry', () => {
  for (const [name, region, api] of [
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'api.ecr.eu-west-1.amazonaws.com'],
    [
      '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
      'us-gov-west-1',
      'ecr-fips.us-gov-west-1.amazonaws.com',
    ],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'],
    ['123456789012.dkr-ecr.us-west-2.on.aws', 'us-west-2', 'ecr.us-west-2.api.aws'],
  ] as const) {
    test(`says where its tokens come from: ${name}`, () => {
      assert.deepEqual(findEcr(name), { region, api })
    })
  }
})

/** The endpoint's own arithmetic, written from AWS's description and not from ours. */
function signatureOf(
  { method, path, headers, body }: Asked,
  signedHeaders: string,
  day: string,
  region: string,
): string {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${headers[name]}`)
  const request = `${method}\n${path}\n\n${canonicalHeaders.join('\n')}\n\n${signedHeaders}\n${hash(body)}`
  const text = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${day}/${region}/ecr/aws4_request\n${hash(request)}`
  const signing = mac(mac(mac(mac(`AWS4${secretKey}`, day), region), 'ecr'), 'aws4_request')
  return mac(signing, text).toString('hex')
}

/** What ECR does with GetAuthorizationToken, as far as a client can see it. */
function ecr(password: string, lifeS = 12 * 3600): (asked: Asked) => Answer {
  const refuse = (type: string, message: string): Answer => ({
    status: 400,
    json: { __type: `com.amazon.coral.service#${type}`, message },
  })
  return (asked) => {
    const { headers, method, path } = asked
    const found =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      )
    if (found === null) return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token')
    const [, id, day = '', region = '', service, names = '', signature] = found
    if (id !== accessKey)
      return refuse('UnrecognizedClientException', 'The security token included in the request is invalid.')
    for (const name of ['host', 'x-amz-date', 'x-amz-target', 'content-type'])
      if (!names.split(';').includes(name))
        return refuse('InvalidSignatureException', `${name} must be signed`)
    const at = Date.parse(
      (headers['x-amz-date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'),
    )
    if (!(Math.abs(Date.now() - at) < 15 * 60_000))
      return refuse('InvalidSignatureException', 'Signature expired')
    if (service !== 'ecr' || headers.host !== `api.ecr.${region}.amazonaws.com`)
      return refuse('InvalidSignatureException', 'Credential should be scoped to correct service')
    if (signatureOf(asked, names, day, region) !== signature)
      return refuse(
        'InvalidSignatureException',
        `The request signature we calculated does not match ${signature}`,
      )
    if (headers['x-amz-target'] !== 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken')
      return refuse('UnknownOperationException', '')
    if (method !== 'POST' || path !== '/' || headers['content-type'] !== 'application/x-amz-json-1.1')
      return refuse('SerializationException', '')
    const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64')
    const expiresAt = Date.now() / 1000 + lifeS
    return { status: 200, json: { authorizationData: [{ authorizationToken, expiresAt }] } }
  }
}

async function setUp(answer: (asked: Asked) => Answer, keys = { accessKey, secretKey }) {
  const vendor = await startVendor(answer)
  const network = new Network({
    guard: createAddressGuard({ allow: [] }),
    endpoints: new Map([
      ['api.ecr.eu-west-1.amazonaws.com', vendor.url],
      ['api.ecr.us-east-1.amazonaws.com', vendor.url],
    ]),
    retryBaseMs: 1,
  })
  return {
    vendor,
    keychain: integrationKeychain({ kind: 'amazon', ...keys, region: 'ap-south-1' }, network),
    async [Symbol.asyncDispose](): Promise<void> {
      await network.close()
      await vendor[Symbol.asyncDispose]()
    },
  }
}

describe("Amazon's keychain", () => {
  test('asks for the token of the region in the name of the registry, and keeps it', async () => {
    await using set = await setUp(ecr('twelve hours'))
    const expected = { kind: 'basic', username: 'AWS', password: 'twelve hours' }
    const asked = [1, 2, 3].map(() => set.keychain.credentials(registry))
    assert.deepEqual(await Promise.all(asked), [expected, expected, expected])
    assert.equal(set.vendor.asked.length, 1)
    const other = parseReference('123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app')
    assert.deepEqual(await set.keychain.credentials(other), expected)
    assert.equal(set.vendor.asked.length, 2)
  })

  test('asks again for a token that is about to end', async () => {
    let count = 0
    await using set = await setUp((asked) => ecr(`token ${++count}`, 300)(asked))
    for (const expected of ['token 1', 'token 2']) {
      const found = await set.keychain.credentials(registry)
      assert.equal(found?.kind === 'basic' && found.password, expected)
    }
  })

  for (const [keys, why] of [
    [{ accessKey: 'AKIDOTHER', secretKey }, /UnrecognizedClientException/],
    [{ accessKey, secretKey: 'wrong' }, /InvalidSignatureException/],
  ] as const) {
    test(`tells what Amazon said to wrong keys: ${why.source}`, async () => {
      await using set = await setUp(ecr('never'), keys)
      await assert.rejects(set.keychain.credentials(registry), (error) => {
        assert.ok(error instanceof RegistryError)
        assert.equal(error.code, 'UNAUTHORIZED')
        assert.match(error.message, why)
        assert.doesNotMatch(error.message, /[0-9a-f]{40}/)
        return true
      })
    })
  }

  test('asks again when it is asked to slow down', async () => {
    let busy = 1
    await using set = await setUp((asked) => (busy-- > 0 ? { status: 429, json: {} } : ecr('later')(asked)))
    assert.equal((await set.keychain.credentials(registry))?.kind, 'basic')
    assert.equal(set.vendor.asked.length, 2)
  })

  for (const json of [
    {},
    { authorizationData: [] },
    { authorizationData: [{ authorizationToken: 'QVdTOg==' }] },
  ]) {
    test(`does not take an answer without a token: ${JSON.stringify(json)}`, async () => {
      await using set = await setUp(() => ({ status: 200, json }))
      await assert.rejects(set.keychain.credentials(registry), /holds no token/)
    })
  }

  for (const name of [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/a/b',
    'evil.dkr.ecr.eu-west-1.amazonaws.com/a/b',
    'x123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com:5000/a/b',
    '123456789012.dkr.ecr.eu-west-1.evil.amazonaws.com/a/b',
    'public.ecr.aws/a/b',
    'docker.io/a/b',
  ]) {
    test(`shows nothing to ${name}`, async () => {
      await using set = await setUp(ecr('never'))
      assert.equal(await set.keychain.credentials(parseReference(name)), undefined)
      assert.equal(set.vendor.asked.length, 0)
    })
  }
})
