import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, test } from 'node:test'
import { integrationKeychain } from '#keychains'
import { createAddressGuard, Network, parseReference, RegistryError } from '#oci'
import { type Answer, type Asked, startVendor } from '#support/vendor'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const key = {
  type: 'service_account',
  project_id: 'acme',
  private_key_id: '0123456789abcdef',
  private_key: pem,
  client_email: 'robot@acme.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
}
const registry = parseReference('europe-west1-docker.pkg.dev/acme/images/app')

/** What Google's token endpoint does with a JWT bearer grant, as far as a client can see it. */
function google(token: string, life = 3599, now = () => Date.now() / 1000): (asked: Asked) => Answer {
  const refuse = (description: string): Answer => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: description },
  })
  return ({ method, path, headers, body }) => {
    const form = new URLSearchParams(body)
    const assertion = form.get('assertion') ?? ''
    const [header = '', claims = '', signature = ''] = assertion.split('.')
    const decoded = [header, claims].map((one) => JSON.parse(Buffer.from(one, 'base64url').toString()))
    const [{ alg, kid }, { iss, aud, scope, iat, exp }] = decoded as [
      Record<string, unknown>,
      Record<'iss' | 'aud' | 'scope', string> & Record<'iat' | 'exp', number>,
    ]
    if (
      method !== 'POST' ||
      path !== '/token' ||
      headers['content-type'] !== 'application/x-www-form-urlencoded'
    )
      return refuse('Bad request')
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return refuse('Bad grant')
    const signed = verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey(pem),
      Buffer.from(signature, 'base64url'),
    )
    if (!signed || alg !== 'RS256' || kid !== key.private_key_id)
      return refuse(`Invalid JWT Signature. ${assertion}`)
    if (iss !== key.client_email) return refuse('Invalid issuer')
    if (aud !== key.token_uri) return refuse('Invalid audience')
    if (scope !== 'https://www.googleapis.com/auth/cloud-platform') return refuse('Invalid scope')
    if (iat > now() + 60 || exp < now() || exp - iat > 3600)
      return refuse('Invalid JWT: Token must be short-lived')
    return { status: 200, json: { access_token: token, expires_in: life, token_type: 'Bearer' } }
  }
}

async function setUp(answer: (asked: Asked) => Answer, apiKey: unknown = key) {
  const vendor = await startVendor(answer)
  const network = new Network({
    guard: createAddressGuard({ allow: [] }),
    endpoints: new Map([['oauth2.googleapis.com', vendor.url]]),
    retryBaseMs: 1,
  })
  const credential = {
    kind: 'google-service-account',
    apiKey: typeof apiKey === 'string' ? apiKey : JSON.stringify(apiKey),
  } as const
  return {
    vendor,
    keychain: integrationKeychain(credential, network),
    async [Symbol.asyncDispose](): Promise<void> {
      await network.close()
      await vendor[Symbol.asyncDispose]()
    },
  }
}

describe("a Google service account's keychain", () => {
  test('exchanges a signed assertion for an access token and keeps it', async () => {
    await using set = await setUp(google('ya29.token'))
    const expected = { kind: 'basic', username: 'oauth2accesstoken', password: 'ya29.token' }
    const asked = [1, 2, 3].map(() => set.keychain.credentials(registry))
    assert.deepEqual(await Promise.all(asked), [expected, expected, expected])
    assert.deepEqual(await set.keychain.credentials(parseReference('gcr.io/acme/app')), expected)
    assert.equal(set.vendor.asked.length, 1)
    assert.equal(set.vendor.asked[0]?.headers.host, set.vendor.url.host)
  })

  test('asks again for a token that is about to end', async () => {
    let count = 0
    await using set = await setUp((asked) => google(`token-${++count}`, 200)(asked))
    for (const expected of ['token-1', 'token-2']) {
      const found = await set.keychain.credentials(registry)
      assert.equal(found?.kind === 'basic' && found.password, expected)
    }
  })

  for (const name of [
    'gcr.io.example.com/a/b',
    'evilgcr.io/a/b',
    'pkg.dev.example.com/a/b',
    'pkg.dev/a/b',
    'evil-pkg.dev/a/b',
    'gcr.io:5000/a/b',
    'docker.io/a/b',
    '127.0.0.1:5000/a/b',
  ]) {
    test(`shows nothing to ${name}`, async () => {
      await using set = await setUp(google('ya29.token'))
      assert.equal(await set.keychain.credentials(parseReference(name)), undefined)
      assert.equal(set.vendor.asked.length, 0)
    })
  }

  test('tells what Google said to a wrong signature, without the assertion', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const wrong = { ...key, private_key: String(other.export({ type: 'pkcs8', format: 'pem' })) }
    await using set = await setUp(google('ya29.token'), wrong)
    await assert.rejects(set.keychain.credentials(registry), (error) => {
      assert.ok(error instanceof RegistryError)
      assert.equal(error.code, 'UNAUTHORIZED')
      assert.match(error.message, /^oauth2\.googleapis\.com: .*invalid_grant, Invalid JWT Signature/)
      assert.doesNotMatch(error.message, /eyJ/)
      return true
    })
  })

  test('asks again while Google is busy, and forgets a failure', async () => {
    let busy = 2
    await using set = await setUp((asked) =>
      busy-- > 0 ? { status: 503, json: {} } : google('ya29.token')(asked),
    )
    const found = await set.keychain.credentials(registry)
    assert.equal(found?.kind, 'basic')
    assert.equal(set.vendor.asked.length, 3)
  })

  test('gives up after as many tries as the settings say, and asks anew the next time', async () => {
    let down = true
    await using set = await setUp((asked) => (down ? { status: 500, json: {} } : google('ya29.token')(asked)))
    await assert.rejects(
      set.keychain.credentials(registry),
      (error) => error instanceof RegistryError && error.code === 'REGISTRY_UNAVAILABLE' && error.retryable,
    )
    assert.equal(set.vendor.asked.length, 5)
    down = false
    assert.equal((await set.keychain.credentials(registry))?.kind, 'basic')
  })

  for (const [why, apiKey] of [
    ['not JSON', `{"private_key": "${pem.slice(0, 60).replaceAll('\n', ' ')}`],
    ['type', { ...key, type: 'authorized_user' }],
    ['client_email', { ...key, client_email: undefined }],
    ['private_key', { ...key, private_key: undefined }],
    ['private_key cannot be read', { ...key, private_key: 'hunter2' }],
    [
      'not an RSA key',
      {
        ...key,
        private_key: String(
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
            type: 'pkcs8',
            format: 'pem',
          }),
        ),
      },
    ],
    ['token_uri', { ...key, token_uri: 'token' }],
    ['not an https URL', { ...key, token_uri: 'http://oauth2.googleapis.com/token' }],
  ] as const) {
    test(`says what is wrong with a key and shows none of it: ${why}`, async () => {
      await using set = await setUp(google('ya29.token'), apiKey)
      await assert.rejects(set.keychain.credentials(registry), (error) => {
        assert.ok(error instanceof RegistryError)
        assert.equal(error.code, 'UNAUTHORIZED')
        assert.match(error.message, new RegExp(`Google service account key: .*${why}`))
        assert.doesNotMatch(`${error.message}${error.cause}`, /hunter2|PRIVATE|MII/)
        return true
      })
      assert.equal(set.vendor.asked.length, 0)
    })
  }

  test('does not ask a token_uri that the guard does not permit', async () => {
    const inside = { ...key, token_uri: 'https://169.254.169.254/token' }
    await using set = await setUp(google('ya29.token'), inside)
    await assert.rejects(
      set.keychain.credentials(registry),
      (error) => error instanceof RegistryError && error.code === 'BLOCKED_ADDRESS',
    )
  })
})
