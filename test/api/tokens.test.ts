import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { furnish, LISTEN, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
before(async () => {
  api = await startApi({ trustedProxies: ['10.0.0.0/8'] })
  pipeline = await furnish(api, 'acme')
})
after(() => api[Symbol.asyncDispose]())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const make = (body: object, token = api.token) =>
  api.ask('POST', '/user/tokens', { name: 't', ...body }, bearer(token))

/** What is said to this token, asked from this address, perhaps through proxies. */
async function statusFrom(address: string, token: string, forwarded?: string): Promise<number> {
  const answer = await api.app.inject({
    url: '/user/token',
    remoteAddress: address,
    headers: {
      host: LISTEN,
      ...bearer(token),
      ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
    },
  })
  return answer.statusCode
}

describe('a token', () => {
  test('has what was asked of it, and its text in the answer that makes it alone', async () => {
    const made = await make({
      name: 'ci',
      expires_in: 25,
      scopes: ['WORKSPACE', 'USER_INFO'],
      workspace_restrictions: ['acme'],
      ip_restrictions: ['127.0.0.1', '10.0.*.*', '2001:db8::/32'],
      ...{ id: 'mine', token: 'mine', person_id: 9, admin: true },
    })
    assert.equal(made.status, 201)
    const { token, expires_at, ...view } = made.body
    const { id } = view
    assert.match(token, /^tb_/)
    assert.ok(Math.abs(Date.parse(expires_at) - Date.now() - 25 * 86_400_000) < 60_000)
    assert.deepEqual(view, {
      url: `http://127.0.0.1:7070/user/tokens/${id}`,
      html_url: `http://127.0.0.1:7070/ui/api-tokens/details/${id}`,
      id,
      name: 'ci',
      scopes: ['WORKSPACE', 'USER_INFO'],
      ip_restrictions: ['127.0.0.1', '10.0.*.*', '2001:db8::/32'],
      workspace_restrictions: ['acme'],
    })
    assert.deepEqual((await api.ask('GET', `/user/tokens/${id}`)).body, { ...view, expires_at })
    const { body: list } = await api.ask('GET', '/user/tokens')
    assert.deepEqual(
      list.access_tokens.find((each: { id: string }) => each.id === id),
      { ...view, expires_at },
    )
    assert.equal((await api.ask('PATCH', `/user/tokens/${id}`, { name: 'x' })).status, 404)
    assert.equal((await api.ask('DELETE', `/user/tokens/${id}`)).status, 204)
  })

  test('is refused by the name of what is wrong with it', async () => {
    for (const [body, field] of [
      [{ name: null }, 'name'],
      [{ expires_in: 1, expires_at: '2099-01-01' }, 'expires_at'],
      [{ expires_in: 0 }, 'expires_in'],
      [{ expires_at: '2000-01-01T00:00:00Z' }, 'expires_at'],
      [{ expires_at: 'tomorrow' }, 'expires_at'],
      [{ expires_at: '99' }, 'expires_at'],
      [{ scopes: ['ROOT'] }, 'scopes'],
      [{ scopes: 'WORKSPACE' }, 'scopes'],
      [{ ip_restrictions: ['localhost'] }, 'ip_restrictions.0'],
      [{ ip_restrictions: ['10.0.0.1', '10.0.0.0/33'] }, 'ip_restrictions.1'],
    ] as const) {
      const { status, body: answer } = await make(body)
      assert.deepEqual([status, answer.errors[0].field], [400, field], JSON.stringify(body))
    }
  })

  test('may what its scopes say in every vocabulary that there was', async () => {
    const cases: [string, number, number][] = [
      ['EXECUTION_INFO', 200, 403],
      ['PIPELINE_READ', 200, 403],
      ['EXECUTION_RUN', 200, 409],
      ['PIPELINE_RUN', 200, 409],
      ['EXECUTION_MANAGE', 200, 409],
      ['PIPELINE_WRITE', 200, 409],
      ['PIPELINE_MANAGE', 200, 409],
      ['WORKSPACE', 403, 403],
      ['REPOSITORY_WRITE', 403, 403],
      ['SANDBOX_MANAGE', 403, 403],
    ]
    for (const [scope, reads, runs] of cases) {
      const token = (await make({ scopes: [scope] })).body.token
      const read = await api.ask('GET', pipeline, undefined, bearer(token))
      const run = await api.ask('POST', `${pipeline}/executions`, {}, bearer(token))
      assert.deepEqual([read.status, run.status], [reads, runs], scope)
      assert.equal(read.headers['x-0auth-scopes'], scope)
      assert.match(String(read.headers['x-accepted-0auth-scopes']), /EXECUTION_INFO, PIPELINE_READ/)
    }
  })

  test('counts where it may be used from alone, behind proxies that are trusted', async () => {
    const { token } = (await make({ ip_restrictions: ['192.0.2.0/24', '198.51.100.*'] })).body
    assert.equal(await statusFrom('192.0.2.7', token), 200)
    assert.equal(await statusFrom('::ffff:192.0.2.7', token), 200)
    assert.equal(await statusFrom('198.51.100.9', token), 200)
    assert.equal(await statusFrom('203.0.113.1', token), 403)
    // Anybody can say so; a trusted proxy is believed.
    assert.equal(await statusFrom('203.0.113.1', token, '192.0.2.7'), 403)
    assert.equal(await statusFrom('192.0.2.7', token, '203.0.113.1'), 200)
    assert.equal(await statusFrom('10.1.2.3', token, '192.0.2.7'), 200)
    assert.equal(await statusFrom('10.1.2.3', token, '203.0.113.1'), 403)
    assert.equal(await statusFrom('10.1.2.3', token, '192.0.2.7, 203.0.113.1'), 403)
    assert.equal(await statusFrom('10.1.2.3', token, '192.0.2.7, 10.9.9.9'), 200)
    assert.equal(await statusFrom('10.1.2.3', token, 'nonsense'), 403)
  })

  test('hands its restrictions down, and lets them only be narrowed', async () => {
    const restricted = { ip_restrictions: ['127.0.0.0/8'], expires_in: 5 }
    const { body: parent } = await make(restricted)
    const child = (await make({}, parent.token)).body
    assert.deepEqual(child.ip_restrictions, ['127.0.0.0/8'])
    assert.equal(child.expires_at, parent.expires_at)
    assert.equal((await make({ expires_in: 9 }, parent.token)).body.expires_at, parent.expires_at)
    const narrow = await make({ ip_restrictions: ['127.0.0.1', '127.1.*.*'], expires_in: 1 }, parent.token)
    assert.deepEqual(narrow.body.ip_restrictions, ['127.0.0.1', '127.1.*.*'])
    assert.ok(narrow.body.expires_at < parent.expires_at)
    for (const ip_restrictions of [[], ['0.0.0.0/0'], ['127.0.0.1', '10.0.0.1'], ['127.*', '*'], ['::/0']]) {
      const { status, body } = await make({ ip_restrictions }, parent.token)
      assert.deepEqual([status, body.errors[0].field], [400, 'ip_restrictions'], ip_restrictions.join())
    }
  })

  test('grants nothing that the one that made it has not, not even what has no use here', async () => {
    const { token } = (await make({ scopes: ['TOKEN_MANAGE', 'REPOSITORY_READ', 'INTEGRATION_ADD'] })).body
    for (const scope of [
      'REPOSITORY_WRITE',
      'ENVIRONMENT_INFO',
      'USER_KEY',
      'INTEGRATION_MANAGE',
      'WORKSPACE',
    ]) {
      const { status, body } = await make({ scopes: ['REPOSITORY_READ', scope] }, token)
      assert.deepEqual([status, body.errors[0].field], [400, 'scopes'], scope)
    }
    const narrower = await make({ scopes: ['INTEGRATION_INFO', 'REPOSITORY_READ', 'TOKEN_INFO'] }, token)
    assert.equal(narrower.status, 201)
  })
})

describe('a token in the query', () => {
  test('is none, unless the operator allows it', async () => {
    const ask = async (open: TestApi, path: string, headers: Record<string, string> = {}) =>
      (await open.app.inject({ url: path, headers: { host: LISTEN, ...headers } })).statusCode
    assert.equal(await ask(api, `/user/token?access_token=${api.token}`), 401)
    await using open = await startApi({ queryTokens: true })
    assert.equal(await ask(open, `/user/token?access_token=${open.token}`), 200)
    assert.equal(await ask(open, '/user/token?access_token=wrong'), 401)
    assert.equal(await ask(open, `/user/token?access_token=wrong&access_token=${open.token}`), 401)
    // Who shows another token is that one.
    assert.equal(await ask(open, `/user/token?access_token=${open.token}`, bearer('wrong')), 401)
  })
})
