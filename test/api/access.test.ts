import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let mine: string
let theirs: string
before(async () => {
  api = await startApi()
  mine = await furnish(api, 'mine')
  theirs = await furnish(api, 'theirs')
})
after(() => api[Symbol.asyncDispose]())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a token of one workspace', () => {
  test('sees that workspace alone', async () => {
    const { scopes } = (await api.ask('GET', '/user/token')).body
    const token = await api.tokenFor(scopes, ['mine'])
    const { body } = await api.ask('GET', '/workspaces', undefined, bearer(token))
    assert.deepEqual(
      body.workspaces.map(({ domain }: { domain: string }) => domain),
      ['mine'],
    )
  })

  test('makes no other workspace, and learns of none from trying', async () => {
    const token = await api.tokenFor(['WORKSPACES_MANAGE'], ['mine'])
    const [taken, free] = await Promise.all(
      ['theirs', 'nobodys'].map((domain) => api.ask('POST', '/workspaces', { domain }, bearer(token))),
    )
    assert.equal(taken?.status, 403)
    assert.deepEqual([free?.status, free?.text], [taken?.status, taken?.text])
    assert.equal((await api.ask('GET', '/workspaces/nobodys')).status, 404)
  })

  test('sees and revokes tokens of its own workspaces alone', async () => {
    const token = await api.tokenFor(['TOKEN_MANAGE'], ['mine'])
    const { body: owner } = await api.ask('GET', '/user/token')
    const make = async (workspace_restrictions: string[]): Promise<string> =>
      (await api.ask('POST', '/user/tokens', { name: 'other', workspace_restrictions })).body.id
    const [nobody, own] = [
      await api.ask('GET', '/user/tokens/00000000-0000-4000-8000-000000000000', undefined, bearer(token)),
      await make(['mine']),
    ]
    for (const id of [owner.id, await make(['theirs']), await make(['mine', 'theirs']), await make([])]) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await api.ask(method, `/user/tokens/${id}`, undefined, bearer(token))
        assert.deepEqual([answer.status, answer.text], [404, nobody.text])
      }
      assert.equal((await api.ask('GET', `/user/tokens/${id}`)).status, 200)
    }
    const { body } = await api.ask('GET', '/user/tokens', undefined, bearer(token))
    const ids = body.access_tokens.map(({ id }: { id: string }) => id)
    assert.ok(ids.includes(own))
    assert.equal(ids.includes(owner.id), false)
    for (const seen of body.access_tokens) assert.deepEqual(seen.workspace_restrictions, ['mine'])
    assert.equal((await api.ask('DELETE', `/user/tokens/${own}`, undefined, bearer(token))).status, 204)
  })

  test('makes no token that sees more', async () => {
    const token = await api.tokenFor(['TOKEN_MANAGE', 'EXECUTION_INFO'], ['mine'])
    const make = (body: object) => api.ask('POST', '/user/tokens', { name: 'child', ...body }, bearer(token))
    for (const wider of [{ workspace_restrictions: [] }, { workspace_restrictions: ['theirs'] }]) {
      assert.equal((await make(wider)).body.errors[0].field, 'workspace_restrictions')
    }
    assert.equal((await make({ scopes: ['EXECUTION_RUN'] })).body.errors[0].field, 'scopes')
    for (const scope of ['NO_SUCH_SCOPE', 'constructor']) {
      assert.equal((await make({ scopes: [scope] })).body.errors[0].field, 'scopes')
    }
    const child = await make({})
    assert.equal(child.status, 201)
    assert.deepEqual(child.body.workspace_restrictions, ['mine'])
    assert.equal((await api.ask('GET', mine, undefined, bearer(child.body.token))).status, 200)
    assert.equal((await api.ask('GET', theirs, undefined, bearer(child.body.token))).status, 404)
  })
})

describe('who asks', () => {
  test('is nobody without a token or with a wrong one: 401', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Bearer', `Basic ${btoa('a:b')}`, 'Bearer tb_123']) {
      const { status, body, headers } = await api.ask('POST', `${mine}/actions`, ACTION, { authorization })
      assert.deepEqual([status, body.errors[0].code], [401, 'UNAUTHENTICATED'], authorization)
      assert.equal(headers['content-type'], 'application/json')
      assert.ok(Number(headers['x-rate-limit-reset']) * 1000 > Date.now())
    }
    assert.equal(
      (await api.ask('GET', `${mine}?access_token=${api.token}`, undefined, { authorization: '' })).status,
      401,
    )
  })

  test('sees and may not: 403 that names the scopes', async () => {
    const token = await api.tokenFor(['EXECUTION_INFO'])
    const { status, body, headers } = await api.ask('POST', `${mine}/executions`, {}, bearer(token))
    assert.deepEqual([status, body.errors[0].code], [403, 'FORBIDDEN'])
    assert.equal(headers['x-0auth-scopes'], 'EXECUTION_INFO')
    assert.match(String(headers['x-accepted-0auth-scopes']), /EXECUTION_RUN/)
    assert.equal((await api.ask('GET', mine, undefined, bearer(token))).status, 200)
  })

  test('is nobody from the request after the revocation on', async () => {
    const { body } = await api.ask('POST', '/user/tokens', { name: 'short', scopes: ['EXECUTION_INFO'] })
    assert.equal((await api.ask('GET', mine, undefined, bearer(body.token))).status, 200)
    assert.equal((await api.ask('DELETE', `/user/tokens/${body.id}`)).status, 204)
    assert.equal((await api.ask('GET', mine, undefined, bearer(body.token))).status, 401)
    assert.equal((await api.ask('GET', `/user/tokens/${body.id}`)).status, 404)
  })

  test('is shown a token once', async () => {
    const { body } = await api.ask('POST', '/user/tokens', { name: 'once', expires_in: 3 })
    const again = await api.ask('GET', `/user/tokens/${body.id}`)
    assert.equal(again.text.includes(body.token), false)
    assert.ok(Date.parse(again.body.expires_at) > Date.now() + 2 * 86_400_000)
    assert.equal((await api.ask('GET', '/user/tokens')).text.includes(body.token), false)
  })
})
