import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
})
after(() => api[Symbol.asyncDispose]())

const PROJECTS = '/workspaces/acme/projects'

describe('workspaces', () => {
  test('exist when they were made, and not before', async () => {
    assert.equal((await api.ask('GET', '/workspaces/later')).status, 404)
    const made = await api.ask('POST', '/workspaces', { domain: 'later' })
    assert.deepEqual(
      [made.status, made.body.name, made.body.url],
      [201, 'later', 'http://127.0.0.1:7070/workspaces/later'],
    )
    assert.equal((await api.ask('POST', '/workspaces', { domain: 'later' })).status, 409)
    assert.equal((await api.ask('PATCH', '/workspaces/later', { name: 'Later' })).body.name, 'Later')
    assert.equal((await api.ask('DELETE', '/workspaces/later')).status, 204)
    assert.equal((await api.ask('GET', '/workspaces/later')).status, 404)
  })

  test('have domains that can stand in a URL', async () => {
    for (const domain of ['-a', 'a-', 'a b', 'a/b', 'ä', '', 'x'.repeat(64)]) {
      const { status, body } = await api.ask('POST', '/workspaces', { domain })
      assert.deepEqual([status, body.errors[0].field], [400, 'domain'], domain)
    }
  })
})

describe('projects and pipelines', () => {
  test('make their names of what they are called', async () => {
    const { status, body } = await api.ask('POST', PROJECTS, { display_name: 'Größe & Maß' })
    assert.deepEqual([status, body.name, body.display_name], [201, 'gro-e-ma', 'Größe & Maß'])
    const made = await api.ask('POST', `${PROJECTS}/gro-e-ma/pipelines`, { name: 'Build & Ship' })
    assert.equal(made.body.identifier, 'build_ship')
    assert.equal(
      (await api.ask('POST', `${PROJECTS}/gro-e-ma/pipelines`, { name: 'Build & Ship' })).status,
      409,
    )
    assert.equal((await api.ask('POST', PROJECTS, {})).body.errors[0].field, 'display_name')
  })

  test('come in pages, and a page past the end is empty', async () => {
    for (const n of [1, 2, 3]) await api.ask('POST', PROJECTS, { display_name: `Page ${n}` })
    const names = async (query: string) => {
      const { body } = await api.ask('GET', `${PROJECTS}?${query}`)
      return body.projects.map(({ name }: { name: string }) => name)
    }
    const all = await names('per_page=50&sort_by=name&sort_direction=ASC')
    assert.deepEqual(await names('per_page=2&page=2&sort_by=name'), all.slice(2, 4))
    assert.deepEqual(await names('per_page=50&sort_by=name&sort_direction=desc'), all.toReversed())
    assert.deepEqual(await names('page=99'), [])
    for (const [query, field] of [
      ['page=0', 'page'],
      ['per_page=x', 'per_page'],
      ['sort_by=size', 'sort_by'],
    ] as const) {
      const { status, body } = await api.ask('GET', `${PROJECTS}?${query}`)
      assert.deepEqual([status, body.errors[0].field], [400, field])
    }
  })

  test('keep what has no effect here, and change what is sent alone', async () => {
    const made = await api.ask('POST', `${PROJECTS}/shop/pipelines`, {
      name: 'Full',
      priority: 'HIGH',
      refs: ['refs/heads/main'],
      events: [{ type: 'PUSH', refs: ['refs/heads/*'] }],
      always_from_scratch: true,
      folder: null,
      nobody_knows: 1,
    })
    assert.equal(made.status, 201)
    assert.deepEqual(
      [made.body.priority, made.body.refs, made.body.folder],
      ['HIGH', ['refs/heads/main'], null],
    )
    assert.equal(made.body.always_from_scratch, true)
    assert.equal('nobody_knows' in made.body, false)
    const path = `${PROJECTS}/shop/pipelines/${made.body.id}`
    const changed = await api.ask('PATCH', path, { disabled: true, disabled_reason: 'later', cpu: 'ARM' })
    assert.deepEqual(
      { ...changed.body },
      { ...made.body, disabled: true, disabled_reason: 'later', cpu: 'ARM' },
    )
    const refused = await api.ask('PATCH', path, { pause_on_repeated_failures: 0 })
    assert.deepEqual([refused.status, refused.body.errors[0].field], [400, 'pause_on_repeated_failures'])
  })

  test('show their actions, and go with them', async () => {
    const made = await api.ask('POST', `${PROJECTS}/shop/pipelines`, { name: 'Gone' })
    const path = `${PROJECTS}/shop/pipelines/${made.body.id}`
    await api.ask('POST', `${path}/actions`, ACTION)
    assert.equal((await api.ask('GET', path)).body.actions[0].name, 'Promote')
    assert.equal((await api.ask('DELETE', path)).status, 204)
    assert.equal((await api.ask('GET', `${path}/actions`)).status, 404)
  })
})

describe('integrations', () => {
  const path = '/workspaces/acme/integrations'
  const AMAZON = { type: 'AMAZON', access_key: 'AKIA-canary', secret_key: 'aws-canary' }
  const ROLE = 'arn:aws:iam::123456789012:role/canary/push'

  test('need what their type needs', async () => {
    const cases = [
      [{ type: 'DOCKER_HUB', username: 'a' }, 'password'],
      [{ type: 'AMAZON', access_key: 'a' }, 'secret_key'],
      [{ type: 'GOOGLE_SERVICE_ACCOUNT' }, 'api_key'],
      [{ type: 'GIT_HUB' }, 'token'],
      [{ type: 'GIT_LAB' }, 'token'],
      [{ type: 'DIGITAL_OCEAN' }, 'token'],
      [{ type: 'AZURE_CLOUD', password: 'a' }, 'app_id'],
      [{ type: 'AZURE_CLOUD', app_id: 'a' }, 'password'],
      [{ type: 'AMAZON', auth_type: 'OIDC', audience: 'a' }, 'auth_type'],
      [{ ...AMAZON, role_assumptions: [{ arn: 'no arn' }] }, 'role_assumptions.0.arn'],
      [{ ...AMAZON, role_assumptions: [{ arn: ROLE, duration: 60 }] }, 'role_assumptions.0.duration'],
      [{ ...AMAZON, role_assumptions: [{ external_id: 'x' }] }, 'role_assumptions.0.arn'],
      [{ type: 'PIGEON' }, 'type'],
      [{ type: 'GIT_HUB', token: 5 }, 'token'],
      [{ type: 'GIT_HUB', token: 'a', scope: 'PROJECT' }, 'project_name'],
    ] as const
    for (const [body, field] of cases) {
      const { status, body: answer } = await api.ask('POST', path, { name: 'New', ...body })
      assert.deepEqual([status, answer.errors[0].field], [400, field], JSON.stringify(body))
    }
  })

  test('take both names of the keys, and tell none of what they hold', async () => {
    const secret = { access_key_id: 'AKIA-canary', secret_access_key: 'aws-canary', region: 'eu-canary-1' }
    const made = await api.ask('POST', path, { name: 'Amazon', type: 'AMAZON', ...secret })
    assert.equal(made.status, 201)
    assert.equal(made.body.identifier, 'amazon')
    for (const { text } of [
      made,
      await api.ask('GET', path),
      await api.ask('GET', `${path}/${made.body.hash_id}`),
    ]) {
      assert.equal(/canary/.test(text), false)
    }
    const patched = await api.ask('PATCH', `${path}/${made.body.hash_id}`, { name: 'AWS' })
    assert.equal(patched.body.name, 'AWS')
    const hash = made.body.hash_id
    const [, workspace] = [0, await api.open.store.workspaces.find('acme')]
    assert.ok(workspace)
    assert.equal(
      (await api.open.store.integrations.find(workspace.id, hash))?.secrets.secretKey?.reveal(),
      'aws-canary',
    )
    const second = await api.ask('POST', path, { name: 'Amazon', type: 'AMAZON', ...secret })
    assert.deepEqual([second.status, second.body.identifier], [201, 'amazon_2'])
    const taken = { name: 'A', identifier: 'amazon', type: 'AMAZON', ...secret }
    assert.equal((await api.ask('POST', path, taken)).status, 409)
    assert.equal(
      (await api.ask('PATCH', `${path}/${hash}`, { type: 'GIT_HUB' })).body.errors[0].field,
      'type',
    )
    assert.equal((await api.ask('DELETE', `${path}/${hash}`)).status, 204)
    assert.equal((await api.ask('GET', `${path}/${hash}`)).status, 404)
  })
})

describe('the integrations of other vendors', () => {
  const path = '/workspaces/acme/integrations'
  const kept = async (hash: string) => {
    const workspace = await api.open.store.workspaces.find('acme')
    assert.ok(workspace)
    return (await api.open.store.integrations.find(workspace.id, hash as never))?.secrets
  }

  test('keep what they hold, tell none of it, and show what is no secret', async () => {
    const role = { arn: 'arn:aws:iam::123456789012:role/canary', external_id: 'canary/1', duration: 900 }
    const amazon = { access_key: 'AKIA-canary', secret_key: 'aws-canary', session_token: 'session-canary' }
    const bodies = [
      { name: 'Roles', type: 'AMAZON', ...amazon, role_assumptions: [role] },
      { name: 'Lab', type: 'GIT_LAB', token: 'lab-canary', host_url: 'https://gitlab.example' },
      { name: 'Ocean', type: 'DIGITAL_OCEAN', token: 'ocean-canary' },
      {
        name: 'Azure',
        type: 'AZURE_CLOUD',
        app_id: 'app-1',
        tenant_id: 'tenant-canary',
        password: 'az-canary',
      },
    ]
    const made = await Promise.all(bodies.map((body) => api.ask('POST', path, body)))
    for (const { status, text } of [...made, await api.ask('GET', path)]) {
      assert.ok(status < 300, text)
      assert.doesNotMatch(text, /canary/)
    }
    const [roles, lab, , azure] = made
    assert.deepEqual([lab?.body.host_url, azure?.body.app_id], ['https://gitlab.example', 'app-1'])
    const secrets = await kept(roles?.body.hash_id)
    assert.equal(secrets?.sessionToken?.reveal(), 'session-canary')
    const { external_id: externalId, duration: durationS, arn } = role
    assert.deepEqual(JSON.parse(secrets?.roles?.reveal() ?? ''), [{ arn, externalId, durationS }])
    const without = await api.ask('PATCH', `${path}/${roles?.body.hash_id}`, { role_assumptions: [] })
    assert.equal(without.status, 200)
    assert.equal((await kept(roles?.body.hash_id))?.roles?.reveal(), '[]')
  })

  test('do not lead a token that was kept to another host', async () => {
    const { body } = await api.ask('POST', path, { name: 'Mine', type: 'GIT_LAB', token: 'lab-canary' })
    const change = { host_url: 'https://evil.example' }
    const refused = await api.ask('PATCH', `${path}/${body.hash_id}`, change)
    assert.deepEqual([refused.status, refused.body.errors[0].field], [400, 'token'])
    assert.equal((await api.ask('PATCH', `${path}/${body.hash_id}`, { ...change, token: 'new' })).status, 200)
    assert.equal((await api.ask('PATCH', `${path}/${body.hash_id}`, { ...change, name: 'M' })).status, 200)
  })
})

describe('executions', () => {
  test('are run, listed newest first, seen, cancelled once, and run again', async () => {
    await api.ask('POST', `${pipeline}/actions`, ACTION)
    for (const comment of ['one', 'two']) {
      const { status, body } = await api.ask('POST', `${pipeline}/executions`, { comment, priority: 'HIGH' })
      assert.deepEqual([status, body.status, body.comment, body.priority], [200, 'ENQUEUED', comment, 'HIGH'])
      assert.equal(body.action_executions[0].status, 'INITIAL')
      assert.equal(body.creator.workspace_owner, true)
    }
    const { body: list } = await api.ask('GET', `${pipeline}/executions?per_page=1`)
    assert.deepEqual(
      list.executions.map(({ comment }: { comment: string }) => comment),
      ['two'],
    )
    assert.deepEqual([list.total_element_count, list.total_page_count, list.element_count], [2, 2, 1])

    const operate = (operation: string) => api.ask('PATCH', `${pipeline}/executions/1`, { operation })
    assert.equal((await operate('RETRY')).status, 409)
    const cancelled = await operate('CANCEL')
    assert.deepEqual([cancelled.status, cancelled.body.status], [200, 'TERMINATED'])
    assert.equal(cancelled.body.action_executions[0].status, 'NOT_EXECUTED')
    assert.deepEqual((await operate('CANCEL')).body, cancelled.body)
    assert.equal((await operate('RETRY')).body.status, 'ENQUEUED')
    for (const [operation, field] of [
      ['APPROVE_VT', 'operation'],
      ['EXPLODE', 'operation'],
      [undefined, 'operation'],
    ]) {
      const { status, body } = await operate(operation as string)
      assert.deepEqual([status, body.errors[0].field], [400, field])
    }
  })

  test('are not run otherwise than asked', async () => {
    const cases = [
      [{ actions_to_run: [999_999] }, 'actions_to_run'],
      [{ actions_to_run: 'all' }, 'actions_to_run'],
      [{ delay_until: 'tomorrow' }, 'delay_until'],
      [{ variables: [{ key: '1A', value: 'b' }] }, 'variables.0.key'],
      [{ expected: [{ action_id: 999_999, digest: `sha256:${'a'.repeat(64)}` }] }, 'expected'],
      [{ expected: [{ action_id: 1, digest: 'latest' }] }, 'expected.0.digest'],
      [{ priority: 'URGENT' }, 'priority'],
    ] as const
    for (const [body, field] of cases) {
      const { status, body: answer } = await api.ask('POST', `${pipeline}/executions`, body)
      assert.deepEqual([status, answer.errors[0].field], [400, field])
    }
    const empty = await api.ask('POST', `${PROJECTS}/shop/pipelines`, { name: 'Empty' })
    const run = await api.ask('POST', `${PROJECTS}/shop/pipelines/${empty.body.id}/executions`)
    assert.equal(run.status, 409)
  })

  test('have logs that are read by offset', async () => {
    const { body } = await api.ask('GET', `${pipeline}/executions/1`)
    const id = body.action_executions[0].action_execution_id
    const path = `${pipeline}/executions/1/action_executions/${id}`
    await api.open.store.executions.appendLog(id, ['a', 'b', 'c'])
    const { body: log } = await api.ask('GET', `${path}/logs?offset=1&limit=1`)
    assert.deepEqual([log.logs, log.offset, log.element_count, log.total_element_count], [['b'], 1, 1, 3])
    assert.deepEqual((await api.ask('GET', `${path}/logs?offset=9`)).body.logs, [])
    const { action } = (await api.ask('GET', path)).body
    const old = path.replace(/action_executions.*/, 'action')
    const { status, body: told } = await api.ask('GET', `${old}/${action.id}`)
    assert.deepEqual(
      [status, Object.keys(told).toSorted(), told.log.length, told.action],
      [
        200,
        ['action', 'finish_date', 'log', 'progress', 'start_date', 'status'],
        log.total_element_count,
        action,
      ],
    )
    assert.equal((await api.ask('GET', `${old}/987654`)).status, 404)
    assert.equal((await api.ask('GET', `${path}/logs?offset=-1`)).status, 400)
    assert.equal((await api.ask('GET', path)).body.action_execution_id, id)
    assert.equal((await api.ask('GET', `${path.slice(0, -1)}x`)).status, 404)
  })
})
