import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerRegistryUser, startDockerRegistry } from '#support/docker-registry'
import { hello, push } from '#support/images'
import { type BearerAuth, faults, type Registry, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'

const user = { username: 'ann', password: 'a secret' }
const basic = ({ username, password } = user) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const statusOf = async (url: string, authorization?: string, method = 'GET'): Promise<number> =>
  (await fetch(url, { method, headers: authorization === undefined ? {} : { authorization } })).status

const challengeOf = async (url: string, authorization?: string, method = 'GET'): Promise<string | null> =>
  (await fetch(url, { method, headers: authorization === undefined ? {} : { authorization } })).headers.get(
    'www-authenticate',
  )

async function token(registry: Registry, scope: string, authorization: string | undefined = basic()) {
  const query = new URLSearchParams({ service: 'registry.test', scope })
  const headers: Record<string, string> = authorization === '' ? {} : { authorization }
  const response = await fetch(`${registry.url}/token?${query}`, { headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const bearer = (more: Partial<BearerAuth> = {}) =>
  startRegistry({ auth: { kind: 'bearer', ...user, ...more } })

describe('Credentials at a registry', { timeout: 20_000 }, () => {
  it('are asked for with Basic in the words of docker-registry', requireTool('docker-registry'), async () => {
    await using real = await startDockerRegistry({ auth: 'basic' })
    await using double = await startRegistry({ auth: { kind: 'basic', ...dockerRegistryUser } })
    for (const path of ['/v2/', '/v2/a/tags/list', '/v2/a/blobs/uploads/?mount=x&from=b']) {
      const answers = await Promise.all(
        [real, double].map(async ({ url }) => {
          const response = await fetch(`${url}${path}`, { method: path.includes('mount') ? 'POST' : 'GET' })
          return [response.status, response.headers.get('www-authenticate'), await response.text()]
        }),
      )
      assert.deepEqual(answers[0], answers[1])
      assert.equal(answers[0]?.[1], 'Basic realm="basic-realm"')
    }
    for (const registry of [real, double]) {
      assert.equal(
        await statusOf(`${registry.url}/v2/`, basic({ ...dockerRegistryUser, password: 'no' })),
        401,
      )
      await push(registry.url, 'a', 'tag', hello(), dockerRegistryUser)
    }
    assert.equal(
      (await real.requests()).filter(({ method, status }) => method === 'PUT' && status === 201).length,
      3,
    )
  })

  it('are asked for with Bearer and the scopes that the request needs', async () => {
    await using registry = await bearer()
    const start = `Bearer realm="${registry.url}/token",service="registry.test"`
    assert.equal(await challengeOf(`${registry.url}/v2/`), start)
    assert.equal(
      await challengeOf(`${registry.url}/v2/a/b/tags/list`),
      `${start},scope="repository:a/b:pull"`,
    )
    assert.equal(
      await challengeOf(`${registry.url}/v2/a/b/tags/list`, 'Bearer junk'),
      `${start},scope="repository:a/b:pull",error="invalid_token"`,
    )
    assert.equal(
      await challengeOf(`${registry.url}/v2/a/b/blobs/uploads/?mount=x&from=c/d`, undefined, 'POST'),
      `${start},scope="repository:a/b:pull,push repository:c/d:pull"`,
    )
    assert.equal(
      await challengeOf(`${registry.url}/v2/a/b/blobs/uploads/x`, basic(), 'DELETE'),
      `${start},scope="repository:a/b:delete"`,
    )
  })

  it('buy a token for the scopes named, and for nothing else', async () => {
    await using registry = await bearer()
    const { status, body } = await token(registry, 'repository:a/b:pull')
    assert.deepEqual([status, body.access_token, body.expires_in], [200, undefined, 300])
    const authorization = `Bearer ${body.token}`
    assert.equal(await statusOf(`${registry.url}/v2/a/b/tags/list`, authorization), 404)
    const elsewhere = `${registry.url}/v2/a/c/tags/list`
    assert.match((await challengeOf(elsewhere, authorization)) ?? '', /error="insufficient_scope"$/)
    assert.equal(await statusOf(`${registry.url}/v2/a/b/blobs/uploads/`, authorization, 'POST'), 401)
    const both = await token(registry, 'repository:a/b:pull,push repository:c/d:pull')
    const mount = `${registry.url}/v2/a/b/blobs/uploads/?mount=x&from=c/d`
    assert.equal(await statusOf(mount, `Bearer ${both.body.token}`, 'POST'), 202)
  })

  it('do not buy a token when they are wrong, missing, or for another service', async () => {
    await using registry = await bearer()
    assert.equal((await token(registry, 'repository:a:pull', basic({ ...user, password: 'no' }))).status, 401)
    assert.equal((await token(registry, 'repository:a:pull', '')).status, 401)
    assert.equal(await statusOf(`${registry.url}/token?service=other&scope=repository:a:pull`, basic()), 400)
    assert.equal(await statusOf(`${registry.url}/token?service=registry.test`, undefined, 'POST'), 404)
  })

  it('are not needed to read where anybody may', async () => {
    await using registry = await bearer({
      anonymous: 'pull',
      base: 'open',
      field: 'access_token',
      announceSeconds: null,
    })
    assert.equal(await statusOf(`${registry.url}/v2/`), 200)
    const { body } = await token(registry, 'repository:a:pull,push', '')
    assert.deepEqual(Object.keys(body), ['access_token'])
    const authorization = `Bearer ${body.access_token}`
    assert.equal(await statusOf(`${registry.url}/v2/a/tags/list`, authorization), 404)
    assert.equal(await statusOf(`${registry.url}/v2/a/blobs/uploads/`, authorization, 'POST'), 401)
  })

  it('may be a refresh token', async () => {
    await using registry = await bearer({ refreshToken: 'refresh me', field: 'both' })
    const form = {
      grant_type: 'refresh_token',
      refresh_token: 'refresh me',
      service: 'registry.test',
      scope: 'repository:a:pull',
    }
    const response = await fetch(`${registry.url}/token`, { method: 'POST', body: new URLSearchParams(form) })
    const body = (await response.json()) as Record<string, unknown>
    assert.equal(body.token, body.access_token)
    assert.equal(await statusOf(`${registry.url}/v2/a/tags/list`, `Bearer ${body.token}`), 404)
  })

  it('have to be shown again once tokens are revoked or over', async () => {
    await using registry = await bearer({ lifetimeSeconds: 0.05 })
    const list = `${registry.url}/v2/a/tags/list`
    const short = `Bearer ${(await token(registry, 'repository:a:pull')).body.token}`
    for (let left = 200; (await statusOf(list, short)) !== 401 && left > 0; left -= 1);
    assert.match((await challengeOf(list, short)) ?? '', /error="invalid_token"$/)
    await using longer = await bearer()
    const revoked = `Bearer ${(await token(longer, 'repository:a:pull')).body.token}`
    assert.equal(await statusOf(`${longer.url}/v2/a/tags/list`, revoked), 404)
    longer.revokeTokens()
    assert.equal(await statusOf(`${longer.url}/v2/a/tags/list`, revoked), 401)
    assert.equal(longer.requests[0]?.headers.authorization, basic())
  })

  it('can be refused by a fault in the middle of things', async () => {
    await using registry = await startRegistry()
    registry.fault({ path: '/v2/' }, faults.respond(401, { headers: { 'www-authenticate': 'Negotiate' } }))
    assert.equal(await challengeOf(`${registry.url}/v2/`), 'Negotiate')
  })
})
