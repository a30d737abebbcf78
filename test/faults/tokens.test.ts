import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Keychain, Network, openRepository, parseReference, type Tag } from '#oci'
import { faults, type RecordedRequest } from '#support/fault-proxy'
import { layers } from '#support/images'
import { startTokenServer, type TokenServer } from '#support/token-server'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const SIZE = 1_000_000
const USER = { username: 'ada', password: 'pass:w0rd' }
const image = layers(3, SIZE, 'tokens')
const [first] = image.blobs.filter(({ bytes }) => bytes.length === SIZE)
const digest = first?.digest ?? ''
const keychain: Keychain = {
  credentials: async ({ registry }) => (registry.endsWith(port) ? { kind: 'basic', ...USER } : undefined),
}
let port = ''

describe('a token', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  let server: TokenServer
  before(async () => {
    server = await startTokenServer(USER)
    stage = await FaultStage.set({ auth: server.auth })
    port = `:${stage.target.port}`
  })
  after(async () => {
    await stage[Symbol.asyncDispose]()
    await server.close()
  })

  const refused = (status: number, error: string, read: 'all' | 'none' = 'all') => {
    const challenge = `Bearer realm="${server.url}/token",service="registry.test",error="${error}"`
    return faults.respond(status, { headers: { 'www-authenticate': challenge }, read })
  }
  const ready = async (): Promise<string> => {
    const name = await stage.ready(image)
    server.clear()
    return name
  }
  const tokens = (): number => server.count({ path: '/token' })
  const sent = (what: (request: RecordedRequest) => boolean): number =>
    stage.target
      .find({ method: ['PUT', 'PATCH'], path: /uploads/, when: what })
      .reduce((sum, { bytesIn }) => sum + bytesIn, 0)
  /** What the target has, seen with a token of its own. */
  const there = async (name: string): Promise<string | undefined> => {
    const network = new Network()
    const at = openRepository(network, parseReference(`${stage.target.host}/${name}`), keychain)
    const found = await at.find('prod' as Tag)
    await network.close()
    return found?.descriptor.digest
  }

  test('is fetched once for each set of scopes, with credentials that the registry never sees', async () => {
    const name = await ready()
    await stage.promote(name, {}, { keychain })
    assert.equal(await there(name), image.top.digest)
    const asked = server.find({ path: '/token' }).slice(0, -1)
    assert.deepEqual(
      asked.map(({ query }) => query.getAll('scope')),
      [[`repository:${name}:pull,push`]],
    )
    assert.ok(stage.target.requests.every(({ headers }) => !/^Basic/.test(headers.authorization ?? '')))
    assert.ok(stage.source.requests.every(({ authorizationHash }) => authorizationHash === undefined))
  })

  for (const [what, read] of [
    ['after the last byte was sent', 'all'],
    ['before it is all sent', 'none'],
  ] as const) {
    test(`that dies on the request that sends a blob, ${what}, is replaced and only that blob sent again`, async () => {
      const name = await ready()
      stage.target.fault(
        { method: 'PUT', url: new RegExp(digest.slice(7)) },
        refused(401, 'invalid_token', read),
        { nth: 1 },
      )
      const { progress, receipt } = await stage.promote(name, { retries: 0 }, { keychain })
      assert.equal(tokens(), 2)
      assert.equal(await there(name), image.top.digest)
      assert.ok(sent(({ url }) => url.includes(digest.slice(7))) <= 2 * SIZE)
      assert.equal(
        sent(({ url }) => !url.includes(digest.slice(7))),
        receipt.bytes.sent - SIZE,
      )
      assert.deepEqual(
        progress.filter(({ kind }) => kind === 'retry'),
        [],
      )
      assert.deepEqual(stage.openUploads(), [])
    })
  }

  test('that dies between chunks is replaced, and one chunk sent again', async () => {
    const name = await ready()
    stage.target.fault({ method: 'PATCH' }, refused(401, 'invalid_token'), { nth: 3 })
    await stage.promote(name, { retries: 0, chunkBytes: 400_000 }, { keychain })
    assert.equal(await there(name), image.top.digest)
    assert.equal(tokens(), 3)
    const all = image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0)
    assert.ok(sent(() => true) <= all + 400_000)
  })

  test('that dies on the empty request that finishes an upload is replaced, and nothing sent again', async () => {
    const name = await ready()
    stage.target.fault({ method: 'PUT', url: new RegExp(digest.slice(7)) }, refused(401, 'invalid_token'), {
      nth: 1,
    })
    await stage.promote(name, { retries: 0, chunkBytes: 400_000 }, { keychain })
    assert.equal(await there(name), image.top.digest)
    assert.equal(
      sent(() => true),
      image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    )
  })

  test('that is good is not shown again to a mount that is refused all the same', async () => {
    const name = await ready()
    const refusal = faults.respond(401, {
      headers: { 'www-authenticate': `Bearer realm="${server.url}/token",service="registry.test"` },
    })
    const mounts = stage.target.fault({ method: 'POST', url: /mount=/ }, refusal)
    await stage.promote(name, { retries: 0 }, { keychain })
    assert.equal(await there(name), image.top.digest)
    assert.ok(mounts.hits <= image.blobs.length)
  })

  test('that allows too little (403 insufficient_scope) is replaced', async () => {
    const name = await ready()
    stage.target.fault({ method: 'PUT', path: /manifests/ }, refused(403, 'insufficient_scope'), { nth: 1 })
    await stage.promote(name, { retries: 0 }, { keychain })
    assert.equal(await there(name), image.top.digest)
  })

  test('is not asked for again where it is not what is refused (403)', async () => {
    const name = await ready()
    stage.target.fault({ method: 'PUT', path: /manifests/ }, faults.respondError(403, 'DENIED', 'no'))
    await assert.rejects(stage.promote(name, {}, { keychain }), { code: 'DENIED', side: 'target' })
    assert.equal(tokens(), 1)
    assert.equal(stage.target.count({ method: 'PUT', path: /manifests/ }), 1)
  })

  test('that is never good enough is asked for a few times, and no more', async () => {
    const name = await ready()
    stage.target.fault({ method: 'PUT', path: /manifests/ }, refused(401, 'invalid_token'))
    await assert.rejects(stage.promote(name, {}, { keychain }), { code: 'UNAUTHORIZED', side: 'target' })
    assert.ok(tokens() <= 4, `${tokens()}`)
  })
})
