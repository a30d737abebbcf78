import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Keychain } from '#oci'
import { dockerRegistryUser } from '#support/docker-registry'
import { type FaultProxy, faults, startFaultProxy } from '#support/fault-proxy'
import { layers, push } from '#support/images'
import { type Registry, startRegistry } from '#support/registry'
import { FaultStage, ON_DOCKER_REGISTRY, promoteBetween } from './stage.ts'

const image = layers(2, 200_000, 'redirects')
const BLOB = { method: 'GET', path: /\/blobs\/sha256:/ }
/** What nobody may see but the registry that it is meant for. */
const PRIVATE = ['authorization', 'cookie', 'proxy-authorization', 'x-registry-auth']

describe('a blob that is elsewhere', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  let cdn: FaultProxy
  before(async () => {
    stage = await FaultStage.set()
    cdn = await startFaultProxy(stage.registries[0]?.url ?? '')
  })
  after(async () => {
    await cdn.close()
    await stage[Symbol.asyncDispose]()
  })

  const keychain: Keychain = { credentials: async () => ({ kind: 'basic', ...dockerRegistryUser }) }
  const asked = faults.respond(401, { headers: { 'www-authenticate': 'Basic realm="registry"' } })
  const to = (where: () => string, status = 307) =>
    faults.redirect(({ url }) => `${where()}${url.split('?')[0]}`, status)
  /** The source asks for credentials first, so that there are some to lose. */
  const ready = async (): Promise<string> => {
    const name = await stage.ready(image)
    cdn.clear()
    cdn.clearFaults()
    const credentials = Buffer.from(`${dockerRegistryUser.username}:${dockerRegistryUser.password}`).toString(
      'base64',
    )
    stage.source.fault({ when: ({ headers }) => headers.authorization !== `Basic ${credentials}` }, asked)
    stage.source.fault({}, faults.headers({ 'set-cookie': 'session=canary' }))
    return name
  }
  const assertNothingLost = () => {
    assert.equal(cdn.count(BLOB) >= image.blobs.length, true)
    for (const { headers } of cdn.requests)
      for (const name of PRIVATE) assert.equal(headers[name], undefined, name)
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`is fetched there (${status}), and nothing of ours goes along`, async () => {
      const name = await ready()
      stage.source.fault(
        BLOB,
        to(() => cdn.url, status),
      )
      await stage.promote(name, {}, { keychain })
      await stage.assertWhole(name, image)
      assertNothingLost()
    })
  }

  test('by a name of the same host, on another port, is as far away as any', async () => {
    const name = await ready()
    stage.source.fault(
      BLOB,
      to(() => cdn.url.replace('127.0.0.1', 'localhost')),
    )
    await stage.promote(name, {}, { keychain })
    assertNothingLost()
  })

  test('within the registry is fetched with what it asks for', async () => {
    const name = await ready()
    stage.source.fault(
      { ...BLOB, url: /sha256:[0-9a-f]+$/ },
      faults.redirect(({ url }) => `${url}?elsewhere=1`),
    )
    await stage.promote(name, {}, { keychain })
    await stage.assertWhole(name, image)
    assert.ok(stage.source.find({ url: /elsewhere=1/ }).every(({ status }) => status === 200))
  })

  test('over two hops is fetched, and asked for by what was signed, byte for byte', async () => {
    const name = await ready()
    const signed = "?X-Amz-Signature=a%2fb%2Fc&q='|;$!*(),"
    stage.source.fault(
      BLOB,
      to(() => `${cdn.url}/hop`),
    )
    cdn.fault(
      { path: /^\/hop/ },
      faults.redirect(({ url }) => `${url.slice('/hop'.length)}${signed}`),
    )
    await stage.promote(name, {}, { keychain })
    await stage.assertWhole(name, image)
    assertNothingLost()
    assert.equal(
      cdn.find({ path: /^\/v2/ }).every(({ url }) => url.endsWith(signed)),
      true,
    )
  })

  test('and asks for credentials there is not given any', async () => {
    const name = await ready()
    stage.source.fault(
      BLOB,
      to(() => cdn.url),
    )
    cdn.fault({}, asked)
    await assert.rejects(stage.promote(name, {}, { keychain }), { code: 'UNAUTHORIZED', side: 'source' })
    assertNothingLost()
  })

  test('and names a realm there is not believed', async () => {
    const name = await ready()
    stage.source.fault(
      BLOB,
      to(() => cdn.url),
    )
    const realm = `Bearer realm="${cdn.url}/token",service="x"`
    cdn.fault({}, faults.respond(401, { headers: { 'www-authenticate': realm } }))
    await assert.rejects(stage.promote(name, {}, { keychain }), { code: 'UNAUTHORIZED', side: 'source' })
    assert.equal(cdn.count({ path: '/token' }), 0)
    assertNothingLost()
  })

  test('is continued where it is, when it breaks off there', async () => {
    const name = await ready()
    stage.source.fault(
      BLOB,
      to(() => cdn.url),
    )
    cdn.fault(BLOB, faults.cut(100_000), { times: 3 })
    await stage.promote(name, {}, { keychain })
    await stage.assertWhole(name, image)
    assertNothingLost()
    assert.ok(cdn.count({ ...BLOB, status: 206 }) > 0)
  })

  for (const [what, where] of Object.entries({
    'to what is no URL': 'http://',
    'to another scheme': 'ftp://127.0.0.1/x',
    'to a file': 'file:///etc/passwd',
    'to itself, over and over': '',
  })) {
    test(`${what} is not fetched`, async () => {
      const name = await ready()
      stage.source.fault(
        BLOB,
        faults.redirect(({ url }) => where || url),
      )
      await assert.rejects(stage.promote(name, {}, { keychain }), { code: 'PROTOCOL', side: 'source' })
      assert.ok(stage.source.count(BLOB) <= 6 * image.blobs.length + 1)
    })
  }
})

describe('two registries on one host', { timeout: 30_000 }, () => {
  const users = {
    a: { username: 'ada', password: 'a-password' },
    b: { username: 'bob', password: 'b-password' },
  }
  const hashOf = ({ username, password }: (typeof users)['a']) =>
    createHash('sha256')
      .update(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`)
      .digest('hex')

  test('see each their own credentials alone, wherever one of them sends us', async () => {
    await using a = await startRegistry({ auth: { kind: 'basic', ...users.a } })
    await using b = await startRegistry({ auth: { kind: 'basic', ...users.b } })
    await push(a.url, 'team/app', 'v1', image, users.a)
    const keychain: Keychain = {
      credentials: async ({ registry }) => ({ kind: 'basic', ...(registry === a.host ? users.a : users.b) }),
    }
    const seen = ({ requests }: Registry) =>
      new Set(requests.flatMap(({ authorizationHash }) => authorizationHash ?? []))
    a.clear()
    const elsewhere = a.fault(
      BLOB,
      faults.redirect(({ url }) => `${b.url}${url}`),
    )
    await assert.rejects(promoteBetween(`${a.host}/team/app`, `${b.host}/team/app`, {}, { keychain }), {
      code: 'UNAUTHORIZED',
      side: 'source',
    })
    elsewhere.remove()
    await promoteBetween(`${a.host}/team/app`, `${b.host}/team/app`, {}, { keychain })
    assert.deepEqual([...seen(a)], [hashOf(users.a)])
    assert.deepEqual([...seen(b)], [hashOf(users.b)])
  })
})
