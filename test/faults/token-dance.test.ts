import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Keychain, Network, openRepository, parseReference, type Tag } from '#oci'
import { perform, plan } from '#promotion'
import { type DockerRegistry, startDockerRegistry } from '#support/docker-registry'
import { type FaultProxy, type RecordedRequest, startFaultProxy } from '#support/fault-proxy'
import { index } from '#support/images'
import { startRegistry } from '#support/registry'
import { startTokenServer, type TokenServer } from '#support/token-server'
import { ON_DOCKER_REGISTRY } from './stage.ts'

const [ann, bob] = [
  { username: 'ann', password: 'a: canary' },
  { username: 'bob', password: 'b canary' },
] as const
const image = index()

/** A registry in token mode behind a proxy, and the server that hands out its tokens. */
interface House {
  readonly server: TokenServer
  readonly registry: DockerRegistry
  readonly proxy: FaultProxy
}

/** With a relative realm the registry's own host hands out its tokens. */
async function build(server: TokenServer, relative: boolean): Promise<House> {
  const auth = { ...server.auth, ...(relative && { realm: '/token' }) }
  const registry = await startDockerRegistry({ auth })
  const proxy = await startFaultProxy(registry.url)
  if (relative) {
    proxy.fault(
      { path: '/token' },
      {
        async before({ record }) {
          const { authorization = '' } = record.headers
          const response = await fetch(`${server.url}${record.url}`, { headers: { authorization } })
          const body = Buffer.from(await response.arrayBuffer())
          const headers = { 'content-type': 'application/json', 'content-length': `${body.length}` }
          return { status: response.status, headers, body }
        },
      },
    )
  }
  return { server, registry, proxy }
}

describe('two registries that ask for tokens', ON_DOCKER_REGISTRY, () => {
  let a: House
  let b: House
  let keychain: Keychain
  before(async () => {
    a = await build(await startTokenServer({ ...ann, service: 'a.test', field: 'token' }), false)
    b = await build(await startTokenServer({ ...bob, service: 'b.test', field: 'access_token' }), true)
    keychain = {
      credentials: async ({ registry }) =>
        registry === a.proxy.host
          ? { kind: 'basic', ...ann }
          : registry === b.proxy.host
            ? { kind: 'basic', ...bob }
            : undefined,
    }
    await using seed = await startRegistry()
    for (const { bytes } of image.blobs) seed.putBlob('team/app', bytes)
    for (const { bytes, mediaType, digest } of image.manifests)
      seed.putManifest('team/app', digest, bytes, mediaType)
    seed.putManifest('team/app', 'v1', image.top.bytes, image.top.mediaType)
    await promote(`${seed.host}/team/app:v1`, `${a.proxy.host}/team/app:v1`)
  })
  after(async () => {
    for (const { server, registry, proxy } of [a, b]) {
      await proxy.close()
      await registry.close()
      await server.close()
    }
  })

  async function promote(from: string, to: string): Promise<string> {
    const [source, target] = [parseReference(from), parseReference(to)]
    await using network = new ClosingNetwork({ retries: 0 })
    const read = openRepository(network, source, keychain)
    const write = openRepository(network, target, keychain, 'push')
    const request = { source: source.tag as Tag, target: target.tag as Tag }
    const steps = perform(await plan(request, read, write), read, write, { retry: network.options })
    for (;;) {
      const step = await steps.next()
      if (step.done) return step.value.digest
    }
  }

  const scopesAsked = ({ server }: House): string[] =>
    server.find({ path: '/token' }).map(({ query }) => query.getAll('scope').join(' '))
  const shownBasic = (requests: readonly RecordedRequest[]): RecordedRequest[] =>
    requests.filter(({ headers }) => headers.authorization?.startsWith('Basic '))
  const forget = (): void => {
    for (const { server, proxy } of [a, b]) {
      server.clear()
      proxy.clear()
    }
  }

  test('are each asked with tokens of their own, one for each set of scopes, and see nothing of the other', async () => {
    forget()
    const digest = await promote(`${a.proxy.host}/team/app:v1`, `${b.proxy.host}/live/app:prod`)
    assert.equal(digest, image.top.digest)
    assert.deepEqual(scopesAsked(a), ['repository:team/app:pull'])
    assert.deepEqual(scopesAsked(b), ['repository:live/app:pull,push'])
    const [forA] = shownBasic(a.server.requests)
    const [forB] = shownBasic(b.proxy.requests)
    assert.equal(forA?.headers.authorization, basic(ann))
    assert.equal(forB?.headers.authorization, basic(bob))
    assert.deepEqual(shownBasic(a.proxy.requests), [], 'a registry sees tokens alone')
    assert.ok(shownBasic(b.proxy.requests).every(({ path }) => path === '/token'))
    assert.equal(a.server.errors.length + b.server.errors.length, 0)
  })

  test('are asked with one token for both repositories where a blob is mounted', async () => {
    await promote(`${a.proxy.host}/team/app:v1`, `${b.proxy.host}/live/app:prod`)
    forget()
    const digest = await promote(`${b.proxy.host}/live/app:prod`, `${b.proxy.host}/next/app:prod`)
    assert.equal(digest, image.top.digest)
    const challenges = b.proxy.find({ method: 'POST', when: ({ status }) => status === 401 })
    assert.equal(challenges.length, 0, 'the scopes were known before anybody asked')
    const scopes = scopesAsked(b)
    assert.equal(new Set(scopes).size, scopes.length, scopes.join('\n'))
    assert.ok(scopes.includes('repository:next/app:pull,push repository:live/app:pull'), scopes.join('\n'))
    const moved = b.proxy.find({ method: 'POST', when: ({ query }) => query.has('mount') })
    assert.ok(moved.length > 0 && moved.every(({ status }) => status === 201))
    assert.equal(
      b.proxy.find({ method: ['PUT', 'PATCH'], path: /uploads/ }).length,
      0,
      'no byte of a blob was sent',
    )
  })

  test('are told from each other by their ports, though a host is the same', async () => {
    forget()
    const [onlyA, onlyB] = [a.proxy.host, b.proxy.host].map(
      (host): Keychain => ({
        credentials: async (scope) => (scope.registry === host ? keychain.credentials(scope) : undefined),
      }),
    )
    for (const [own, house] of [
      [onlyA, b],
      [onlyB, a],
    ] as const) {
      await using network = new ClosingNetwork({ retries: 0 })
      const place = parseReference(`${house.proxy.host}/team/app:v1`)
      await assert.rejects(openRepository(network, place, own).find('v1' as Tag), { code: 'UNAUTHORIZED' })
      assert.deepEqual(shownBasic([...house.proxy.requests, ...house.server.requests]), [])
    }
  })
})

class ClosingNetwork extends Network implements AsyncDisposable {
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const basic = ({ username, password }: typeof ann | typeof bob): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
