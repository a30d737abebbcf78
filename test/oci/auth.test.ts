import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import {
  type CredentialScope,
  type Credentials,
  type Keychain,
  Network,
  openRepository,
  parseReference,
  type Tag,
} from '#oci'
import { hello, push } from '#support/images'
import { type Auth, faults, type Registry, startRegistry } from '#support/registry'
import { Authenticator } from '../../src/oci/http/authenticator.ts'

const USER = { username: 'ada', password: 'pass:w0rd-canary' }
const BASIC: Credentials = { kind: 'basic', ...USER }
const image = hello()
const V1 = 'v1' as Tag
const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A keychain that tells what it was asked. */
function chain(credentials: Credentials | undefined): Keychain & { asked: CredentialScope[] } {
  const asked: CredentialScope[] = []
  return {
    asked,
    async credentials(scope) {
      asked.push(scope)
      return credentials
    },
  }
}

async function stand(auth: Auth | undefined): Promise<Registry> {
  const registry = await startRegistry(auth === undefined ? {} : { auth })
  open.push(() => registry.close())
  for (const { bytes } of image.blobs) registry.putBlob('acme/app', bytes)
  registry.putManifest('acme/app', 'v1', image.top.bytes, image.top.mediaType)
  return registry
}

function repository(
  registry: Registry,
  keychain?: Keychain,
  access: 'pull' | 'push' = 'pull',
  name = 'acme/app',
) {
  const network = new Network({ retries: 1, retryBaseMs: 5 })
  open.push(() => network.close())
  return openRepository(network, parseReference(`${registry.host}/${name}`), keychain, access)
}

const tokens = (registry: Registry) => registry.find({ path: '/token' })
const bearer = (more: Partial<Auth & { kind: 'bearer' }> = {}): Auth =>
  ({ kind: 'bearer', ...USER, ...more }) as Auth

describe('credentials', { timeout: 30_000 }, () => {
  test('are asked for only after a registry asked for them', async () => {
    const keychain = chain(BASIC)
    assert.ok(await repository(await stand(undefined), keychain).find(V1))
    assert.equal(keychain.asked.length, 0)
    const registry = await stand({ kind: 'basic', ...USER })
    const at = repository(registry, keychain)
    for (let n = 0; n < 3; n++) assert.ok(await at.find(V1))
    assert.equal(keychain.asked.length, 1)
    assert.deepEqual(
      registry.requests.map(({ status }) => status),
      [401, 200, 200, 200],
    )
    assert.equal(at.traffic.requests, 3, 'challenges are not counted')
  })

  test('that are wrong, or missing, are said to be so, and nothing is tried again', async () => {
    for (const [credentials, why] of [
      [{ ...BASIC, password: 'wrong-canary' }, /not accepted/],
      [undefined, /there are none/],
    ] as const) {
      const registry = await stand({ kind: 'basic', ...USER })
      const found = repository(registry, chain(credentials)).find(V1)
      await assert.rejects(found, (error: Error & { code?: string }) => {
        assert.equal(error.code, 'UNAUTHORIZED')
        assert.match(error.message, why)
        return !error.message.includes('canary')
      })
      assert.ok(registry.requests.length <= 2)
    }
  })

  test('that a vendor renewed are fetched anew when the old ones are refused', async () => {
    const registry = await stand({ kind: 'basic', ...USER })
    let asked = 0
    const keychain: Keychain = {
      async credentials() {
        asked += 1
        return asked === 1 ? { ...BASIC, password: 'ended' } : BASIC
      },
    }
    assert.ok(await repository(registry, keychain).find(V1))
    assert.equal(asked, 2)
  })

  test('never go where a redirect leads, to another port neither', async () => {
    for (const auth of [{ kind: 'basic', ...USER } as const, bearer()]) {
      const cdn = await stand(undefined)
      const registry = await stand(auth)
      const digest = image.blobs[0]?.digest ?? ''
      registry.fault(
        { method: 'GET', path: /\/blobs\// },
        faults.redirect(`${cdn.url}/v2/acme/app/blobs/${digest}`),
        { after: auth.kind === 'basic' ? 1 : 1 },
      )
      const blob = { mediaType: 'x/y', digest: digest as never, size: image.blobs[0]?.bytes.length ?? 0 }
      const stream = await repository(registry, chain(BASIC)).blob(blob)
      for await (const chunk of stream.read()) chunk.release()
      assert.ok(cdn.requests.length > 0)
      for (const { headers } of cdn.requests) {
        assert.equal(headers.authorization, undefined)
        assert.equal(headers.cookie, undefined)
      }
    }
  })

  test('are not given to whoever a redirect leads to, though he asks', async () => {
    const cdn = await stand({ kind: 'basic', ...USER })
    const registry = await stand(undefined)
    registry.fault({ method: 'GET' }, faults.redirect(`${cdn.url}/v2/acme/app/manifests/v1`))
    const keychain = chain(BASIC)
    await assert.rejects(repository(registry, keychain).find(V1), { code: 'UNAUTHORIZED' })
    assert.equal(keychain.asked.length, 0)
    assert.ok(cdn.requests.every(({ headers }) => headers.authorization === undefined))
  })

  test('that a registry echoes are taken out of what is said', async () => {
    const registry = await stand({ kind: 'basic', ...USER })
    const encoded = Buffer.from(`${USER.username}:${USER.password}`).toString('base64')
    const echo = `${USER.password} ${encoded} ${encodeURIComponent(USER.password)} https://x/y?X-Amz-Signature=canary`
    registry.fault({ method: 'GET' }, faults.respondError(400, 'UNKNOWN', echo), { after: 1 })
    await assert.rejects(repository(registry, chain(BASIC)).find(V1), (error: Error) => {
      assert.match(error.message, /\[secret\]/)
      return !/canary/.test(error.message) && !error.message.includes(encoded)
    })
  })
})

describe('tokens', { timeout: 30_000 }, () => {
  const ways: [string, Auth][] = [
    ['as token', bearer({ field: 'token' })],
    ['as access_token', bearer({ field: 'access_token' })],
    ['as both', bearer({ field: 'both' })],
    ['from a relative realm', bearer({ realm: '/token' })],
    ['that live for a second, it is said', bearer({ announceSeconds: 1 })],
    ['without a word of their life', bearer({ announceSeconds: null })],
  ]
  for (const [what, auth] of ways) {
    test(`come ${what}, one for each set of scopes`, async () => {
      const registry = await stand(auth)
      const at = repository(registry, chain(BASIC))
      await at.find(V1)
      await Promise.all([at.find(V1), at.find(V1), at.find(V1)])
      assert.equal(tokens(registry).length, 1)
      assert.deepEqual(tokens(registry)[0]?.query.getAll('scope'), ['repository:acme/app:pull'])
    })
  }

  test('for a target may push from the first request on', async () => {
    const registry = await stand(bearer())
    const at = repository(registry, chain(BASIC), 'push')
    await at.find(V1)
    await at.cancel(await at.begin())
    assert.deepEqual(
      tokens(registry).map(({ query }) => query.getAll('scope')),
      [['repository:acme/app:pull,push']],
    )
  })

  test('for a mount may read the other repository too', async () => {
    const registry = await stand(bearer())
    const at = repository(registry, chain(BASIC), 'push', 'live/app')
    const blob = { mediaType: 'x/y', digest: image.blobs[0]?.digest as never, size: 3 }
    assert.equal(await at.offer(blob, 'acme/app' as never), 'mounted')
    assert.deepEqual(tokens(registry)[0]?.query.getAll('scope'), [
      'repository:live/app:pull,push',
      'repository:acme/app:pull',
    ])
  })

  test('that die are replaced, by one request for all who notice', async () => {
    const registry = await stand(bearer())
    const at = repository(registry, chain(BASIC))
    await at.find(V1)
    registry.revokeTokens()
    await Promise.all(Array.from({ length: 5 }, () => at.find(V1)))
    assert.ok(tokens(registry).length <= 3, `${tokens(registry).length}`)
  })

  /** What shows a registry who is asking, by a clock that is set by hand. */
  const shower = (registry: Registry, now: () => number = Date.now) => {
    const network = new Network()
    open.push(() => network.close())
    const place = parseReference(`${registry.host}/acme/app`)
    const shown = new Authenticator(network, place, new URL(registry.url), chain(BASIC), now)
    const scopes = ['repository:acme/app:pull']
    const challenge = `Bearer realm="${registry.url}/token",service="registry.test"`
    return {
      challenged: (signal?: AbortSignal) =>
        shown.challenged(challenge, scopes, undefined, { fresh: false, signal }),
      authorization: () => shown.authorization(scopes),
    }
  }

  test('that end while they are kept are fetched anew by one request for all who ask at that moment', async () => {
    const registry = await stand(bearer({ announceSeconds: 300 }))
    let now = 0
    const shown = shower(registry, () => now)
    await shown.challenged()
    now = 299_000
    const all = await Promise.all(Array.from({ length: 16 }, () => shown.authorization()))
    assert.equal(new Set(all).size, 1)
    assert.equal(tokens(registry).length, 2)
  })

  test('that a realm is slow to give are waited for no longer than one wants to, and still by the others', async () => {
    const registry = await stand(bearer())
    const shown = shower(registry)
    const slow = registry.fault({ path: '/token' }, faults.gate())
    const stop = new AbortController()
    const [impatient, patient] = [shown.challenged(stop.signal), shown.challenged()]
    await slow.reached
    stop.abort()
    await assert.rejects(impatient, { code: 'CANCELLED' })
    slow.release()
    assert.match((await patient) ?? '', /^Bearer /)
    assert.equal(tokens(registry).length, 1)
  })

  test('that nobody waits for any more are not asked for any more, and the next one asks anew', async () => {
    const registry = await stand(bearer())
    const at = repository(registry, chain(BASIC))
    const slow = registry.fault({ path: '/token' }, faults.gate(), { times: 1 })
    const stop = new AbortController()
    const asked = at.find(V1, { signal: stop.signal })
    await slow.reached
    stop.abort()
    await assert.rejects(asked, { code: 'CANCELLED' })
    assert.ok(await at.find(V1))
    assert.equal(tokens(registry).length, 2)
  })

  test('are fetched without credentials where there are none', async () => {
    const registry = await stand(bearer({ anonymous: 'pull' }))
    assert.ok(await repository(registry, chain(undefined)).find(V1))
    assert.equal(tokens(registry)[0]?.headers.authorization, undefined)
  })

  test('are asked for with credentials at the realm, and the registry never sees these', async () => {
    const registry = await stand(bearer())
    await repository(registry, chain(BASIC)).find(V1)
    const basic = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`
    for (const { path, headers } of registry.requests)
      assert.equal(headers.authorization === basic, path === '/token')
  })

  test('are exchanged for a refresh token', async () => {
    const registry = await stand(bearer({ refreshToken: 'refresh-canary' }))
    assert.ok(await repository(registry, chain({ kind: 'refresh', token: 'refresh-canary' })).find(V1))
    assert.deepEqual(
      tokens(registry).map(({ method }) => method),
      ['POST'],
    )
  })

  test('are used as they are where somebody has one', async () => {
    const registry = await stand(undefined)
    registry.fault(
      { method: 'GET' },
      {
        before: async ({ record }) =>
          (record.headers.authorization === 'Bearer mine'
            ? undefined
            : {
                status: 401,
                headers: { 'www-authenticate': 'Bearer realm="https://elsewhere.invalid/"' },
                body: Buffer.alloc(0),
              }) as never,
      },
    )
    assert.ok(await repository(registry, chain({ kind: 'bearer', token: 'mine' })).find(V1))
  })

  test('are had for a refresh token also where the realm knows no OAuth2', async () => {
    const registry = await stand({ ...bearer(), username: 'acr', password: 'refresh-canary' } as Auth)
    const credentials = { kind: 'refresh', token: 'refresh-canary', username: 'acr' } as const
    assert.ok(await repository(registry, chain(credentials)).find(V1))
    assert.deepEqual(
      tokens(registry).map(({ method }) => method),
      ['POST', 'GET'],
    )
  })

  test('are asked for with newer credentials when the realm takes the old ones no more', async () => {
    const registry = await stand(bearer())
    const old = { ...BASIC, password: 'ended-canary' }
    const rejected: unknown[] = []
    const keychain: Keychain = {
      async credentials(scope) {
        rejected.push(scope.rejected)
        return scope.rejected === undefined ? old : BASIC
      },
    }
    assert.ok(await repository(registry, keychain).find(V1))
    assert.deepEqual(rejected, [undefined, old])
    assert.deepEqual(
      tokens(registry).map(({ status }) => status),
      [401, 200],
    )
  })

  test('are asked for with the scopes that a registry wants beside ours, and never with a placeholder', async () => {
    const registry = await stand(bearer())
    const realm = `Bearer realm="${registry.url}/token",service="registry.test"`
    for (const [challenge, scopes] of [
      [`${realm},scope="repository:user/image:pull"`, ['repository:acme/app:pull']],
      [
        `${realm},scope="repository:acme/app:pull registry:catalog:*"`,
        ['repository:acme/app:pull', 'registry:catalog:*'],
      ],
    ] as const) {
      const challenged = faults.respond(401, { headers: { 'www-authenticate': challenge } })
      const fault = registry.fault({ path: /manifests/ }, challenged, { times: 2 })
      const at = repository(registry, chain(BASIC))
      const before = tokens(registry).length
      if (scopes.length === 1) await assert.rejects(at.find(V1), { code: 'UNAUTHORIZED' })
      else assert.ok(await at.find(V1))
      const asked = tokens(registry).slice(before)
      assert.deepEqual(asked.at(-1)?.query.getAll('scope'), scopes)
      assert.equal(asked.length, scopes.length, 'one for each set of scopes')
      fault.remove()
    }
  })

  test('that cannot be had are a refusal that names the realm, and no query', async () => {
    const registry = await stand(bearer())
    registry.fault({ path: '/token' }, faults.respond(401))
    await assert.rejects(repository(registry, chain(BASIC)).find(V1), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'UNAUTHORIZED')
      return error.message.includes(`token from ${registry.host}`) && !/[?]|canary/.test(error.message)
    })
  })

  test('are not fetched for ever: a realm that answers with none ends it', async () => {
    const registry = await stand(bearer())
    for (const body of ['{}', 'no json', '{"token":5}', '{"token":"a b"}']) {
      const fault = registry.fault({ path: '/token' }, faults.respond(200, { body }))
      await assert.rejects(repository(registry, chain(BASIC)).find(V1), { code: 'UNAUTHORIZED' })
      fault.remove()
    }
  })
})

describe('the registry', { timeout: 30_000 }, () => {
  test('of the push support has credentials of its own', async () => {
    const registry = await stand({ kind: 'basic', ...USER })
    await push(registry.url, 'acme/other', 'v1', image, USER)
    assert.ok(await repository(registry, chain(BASIC), 'pull', 'acme/other').find(V1))
  })
})
