import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let mine: string
let theirs: string
const ids = { action: 0, hash: '', execution: 0, actionExecution: '', webhook: 0 }
before(async () => {
  api = await startApi()
  mine = await furnish(api, 'mine')
  theirs = await furnish(api, 'theirs')
  ids.action = (await api.ask('POST', `${theirs}/actions`, ACTION)).body.id
  ids.hash = (await api.ask('GET', '/workspaces/theirs/integrations')).body.integrations[0].hash_id
  const { body } = await api.ask('POST', `${theirs}/executions`)
  ids.execution = body.id
  ids.actionExecution = body.action_executions[0].action_execution_id
  ids.webhook = (await api.ask('POST', '/workspaces/theirs/webhooks', WEBHOOK)).body.id
})
after(() => api[Symbol.asyncDispose]())

const WEBHOOK = { target_url: 'https://hook.example/', events: ['EXECUTION_FINISHED'] }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Every operation below a workspace, with the ids of what belongs to `theirs`. */
function operations(): [string, string, unknown?][] {
  const pipeline = theirs.split('/').at(-1)
  const below = (place: string): [string, string, unknown?][] => [
    ['GET', `${place}/pipelines/${pipeline}`],
    ['PATCH', `${place}/pipelines/${pipeline}`, { name: 'x' }],
    ['DELETE', `${place}/pipelines/${pipeline}`],
    ['GET', `${place}/pipelines/${pipeline}/actions`],
    ['POST', `${place}/pipelines/${pipeline}/actions`, ACTION],
    ['GET', `${place}/pipelines/${pipeline}/actions/${ids.action}`],
    ['PATCH', `${place}/pipelines/${pipeline}/actions/${ids.action}`, { name: 'x' }],
    ['DELETE', `${place}/pipelines/${pipeline}/actions/${ids.action}`],
    ['GET', `${place}/pipelines/${pipeline}/executions`],
    ['POST', `${place}/pipelines/${pipeline}/executions`, {}],
    ['POST', `${place}/pipelines/${pipeline}/trigger-key`],
    ['DELETE', `${place}/pipelines/${pipeline}/trigger-key`],
    ['GET', `${place}/pipelines/${pipeline}/trigger-webhook`],
    ['POST', `${place}/pipelines/${pipeline}/registry-webhook`, {}],
    ['GET', `${place}/pipelines/${pipeline}/executions/${ids.execution}`],
    ['PATCH', `${place}/pipelines/${pipeline}/executions/${ids.execution}`, { operation: 'CANCEL' }],
    [
      'GET',
      `${place}/pipelines/${pipeline}/executions/${ids.execution}/action_executions/${ids.actionExecution}`,
    ],
    [
      'GET',
      `${place}/pipelines/${pipeline}/executions/${ids.execution}/action_executions/${ids.actionExecution}/logs`,
    ],
  ]
  return [
    // The way to another's workspace,
    ['GET', '/workspaces/theirs'],
    ['PATCH', '/workspaces/theirs', { name: 'x' }],
    ['DELETE', '/workspaces/theirs'],
    ['GET', '/workspaces/theirs/projects'],
    ['POST', '/workspaces/theirs/projects', { display_name: 'x' }],
    ['GET', '/workspaces/theirs/projects/shop'],
    ['PATCH', '/workspaces/theirs/projects/shop', { display_name: 'x' }],
    ['DELETE', '/workspaces/theirs/projects/shop'],
    ['GET', '/workspaces/theirs/projects/shop/pipelines'],
    ['POST', '/workspaces/theirs/projects/shop/pipelines', { name: 'x' }],
    ['GET', '/workspaces/theirs/integrations'],
    ['POST', '/workspaces/theirs/integrations', { name: 'x', type: 'GIT_HUB', token: 'x' }],
    ['GET', `/workspaces/theirs/integrations/${ids.hash}`],
    ['PATCH', `/workspaces/theirs/integrations/${ids.hash}`, { name: 'x' }],
    ['DELETE', `/workspaces/theirs/integrations/${ids.hash}`],
    ['GET', '/workspaces/theirs/webhooks'],
    ['POST', '/workspaces/theirs/webhooks', WEBHOOK],
    ...['theirs', 'mine'].flatMap((domain): [string, string, unknown?][] => [
      ['GET', `/workspaces/${domain}/webhooks/${ids.webhook}`],
      ['PATCH', `/workspaces/${domain}/webhooks/${ids.webhook}`, { projects: [] }],
      ['DELETE', `/workspaces/${domain}/webhooks/${ids.webhook}`],
    ]),
    ...below('/workspaces/theirs/projects/shop'),
    // and one's own workspace and project with another's things in it.
    ['GET', `/workspaces/mine/integrations/${ids.hash}`],
    ['PATCH', `/workspaces/mine/integrations/${ids.hash}`, { name: 'x' }],
    ['DELETE', `/workspaces/mine/integrations/${ids.hash}`],
    ...below('/workspaces/mine/projects/shop'),
    ['GET', `${mine}/actions/${ids.action}`],
    ['PATCH', `${mine}/actions/${ids.action}`, { name: 'x' }],
    ['DELETE', `${mine}/actions/${ids.action}`],
    ['GET', `${mine}/executions/${ids.execution}`],
    ['PATCH', `${mine}/executions/${ids.execution}`, { operation: 'CANCEL' }],
  ]
}

async function everythingOf(domain: string): Promise<string> {
  const paths = [
    `/workspaces/${domain}`,
    `/workspaces/${domain}/integrations`,
    `/workspaces/${domain}/webhooks`,
    theirs,
    `${theirs}/executions`,
  ]
  return (await Promise.all(paths.map((path) => api.ask('GET', path)))).map(({ text }) => text).join('\n')
}

describe('a token of one workspace', () => {
  test("finds nothing of another's, in no way, and changes nothing there", async () => {
    const { scopes } = (await api.ask('GET', '/user/token')).body
    const token = await api.tokenFor(scopes, ['mine'])
    const before = await everythingOf('theirs')
    const nobody = await api.ask('GET', `${mine}/actions/123456`, undefined, bearer(token))
    assert.equal(nobody.status, 404)
    for (const [method, path, body] of operations()) {
      const answer = await api.ask(method, path, body, bearer(token))
      assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`)
      assert.equal(answer.text, nobody.text, `${method} ${path}`)
    }
    assert.equal(await everythingOf('theirs'), before)
    const { body } = await api.ask('GET', '/workspaces', undefined, bearer(token))
    assert.deepEqual(
      body.workspaces.map(({ domain }: { domain: string }) => domain),
      ['mine'],
    )
  })

  test("cannot use another's integration", async () => {
    const src = { ...ACTION.src, integration: { hash_id: ids.hash } }
    const { status, body } = await api.ask('POST', `${mine}/actions`, { ...ACTION, src })
    assert.deepEqual([status, body.errors[0].field], [400, 'src.integration'])
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

describe('a thing', () => {
  test('is found in its own project and pipeline alone, though they are in one workspace', async () => {
    assert.equal(
      (await api.ask('POST', '/workspaces/theirs/projects', { display_name: 'Next door' })).status,
      201,
    )
    const { body: sibling } = await api.ask('POST', '/workspaces/theirs/projects/shop/pipelines', {
      name: 'Sibling',
    })
    const nobody = await api.ask('GET', `${theirs}/actions/123456`)
    const shop = theirs.slice(0, theirs.lastIndexOf('/'))
    const below = (place: string): string[] => [
      `${place}/actions/${ids.action}`,
      `${place}/executions/${ids.execution}`,
      `${place}/executions/${ids.execution}/action_executions/${ids.actionExecution}/logs`,
    ]
    const elsewhere = theirs.replace('/shop/', '/next-door/')
    for (const path of [elsewhere, ...below(elsewhere), ...below(`${shop}/${sibling.id}`)]) {
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const answer = await api.ask(method, path, method === 'PATCH' ? { operation: 'CANCEL' } : undefined)
        assert.deepEqual([answer.status, answer.text], [404, nobody.text], `${method} ${path}`)
      }
    }
    const { status, body } = await api.ask('POST', `${elsewhere}/actions`, ACTION)
    assert.deepEqual([status, body], [404, nobody.body])
    for (const path of [theirs, ...below(theirs)])
      assert.equal((await api.ask('GET', path)).status, 200, path)
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
