import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
let sets: Record<string, number>
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  const { body } = await api.ask('GET', '/workspaces/acme/permissions')
  sets = Object.fromEntries(
    body.permission_sets.map(({ type, id }: { type: string; id: number }) => [type, id]),
  )
})
after(() => api[Symbol.asyncDispose]())

const PROJECT = '/workspaces/acme/projects/shop'
let people = 0

/** A member of acme with a token that grants everything, and what they ask. */
async function letIn(more: object = {}) {
  people += 1
  const added = await api.ask('POST', '/workspaces/acme/members', {
    email: `p${people}@example.com`,
    ...more,
  })
  assert.equal(added.status, 201, added.text)
  const { id } = added.body
  const made = await api.ask('POST', `/workspaces/acme/members/${id}/tokens`, { name: 'first' })
  assert.equal(made.status, 201, made.text)
  const authorization = `Bearer ${made.body.token}`
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    api.ask(method, path, body, { authorization })
  const statuses = async (...paths: string[]) =>
    Promise.all(paths.map(async (path) => (await ask('GET', path)).status))
  return { id: id as number, token: made.body, ask, statuses }
}

const join = (id: number, type: string) =>
  api.ask('POST', `${PROJECT}/members`, { id, permission_set: { id: sets[type] } })

describe('the profile', () => {
  test('is the one who asks, who may take another name', async () => {
    const { body } = await api.ask('GET', '/user')
    assert.deepEqual(body, {
      url: 'http://127.0.0.1:7070/user',
      html_url: 'http://127.0.0.1:7070/ui/my-id',
      id: body.id,
      name: 'Owner',
      avatar_url: null,
      workspaces_url: 'http://127.0.0.1:7070/workspaces',
    })
    const changed = await api.ask('PATCH', '/user', { name: 'Ada', id: 9, owner: false, admin: true })
    assert.deepEqual([changed.status, changed.body], [200, { ...body, name: 'Ada' }])
    assert.deepEqual((await api.ask('PATCH', '/user', { name: null })).body.name, 'Ada')
    assert.equal((await api.ask('PATCH', '/user', { name: '' })).body.errors[0].field, 'name')
  })
})

describe('members', () => {
  test('are let in by email, once, listed in pages, and put out', async () => {
    const added = await api.ask('POST', '/workspaces/acme/members', {
      email: 'Grace@Example.com',
      admin: true,
      workspace_owner: true,
      id: 1,
    })
    assert.equal(added.status, 201)
    const { id } = added.body
    assert.deepEqual(added.body, {
      url: `http://127.0.0.1:7070/workspaces/acme/members/${id}`,
      html_url: `http://127.0.0.1:7070/ui/acme/-/people/${id}`,
      id,
      name: '',
      avatar_url: null,
      admin: false,
      workspace_owner: false,
      email: 'Grace@Example.com',
      auto_assign_to_new_projects: false,
      auto_assign_permission_set_id: null,
    })
    const again = await api.ask('POST', '/workspaces/acme/members', { email: 'grace@example.COM' })
    assert.deepEqual([again.status, again.body.errors[0].field], [409, 'email'])
    for (const email of ['', 'x', 'a b@c', '@c', 'a@', 'a@b@c', 'a@b\r\nBcc: c', 5]) {
      const { status, body } = await api.ask('POST', '/workspaces/acme/members', { email })
      assert.deepEqual([status, body.errors[0].field], [400, 'email'], String(email))
    }
    const list = async (query: string) =>
      (await api.ask('GET', `/workspaces/acme/members?${query}`)).body.members
    assert.deepEqual((await list('sort_by=id&sort_direction=DESC'))[0], added.body)
    assert.deepEqual(await list('page=9'), [])
    assert.equal((await list('per_page=1&page=2')).length, 1)

    const path = `/workspaces/acme/members/${id}`
    assert.equal((await api.ask('PATCH', path, { admin: true })).body.admin, true)
    assert.deepEqual((await api.ask('GET', path)).body, { ...added.body, admin: true })
    assert.equal((await api.ask('DELETE', path)).status, 204)
    assert.equal((await api.ask('GET', path)).status, 404)
  })

  test('keep their owner, who stays an admin', async () => {
    const { body: owner } = await api.ask('GET', '/user')
    const path = `/workspaces/acme/members/${owner.id}`
    assert.equal((await api.ask('GET', path)).body.workspace_owner, true)
    assert.equal((await api.ask('PATCH', path, { admin: false })).status, 409)
    assert.equal((await api.ask('DELETE', path)).status, 409)
  })

  test('show their addresses to tokens that are for that', async () => {
    const ada = await letIn()
    const authorization = `Bearer ${await api.tokenFor(['WORKSPACE'])}`
    const path = `/workspaces/acme/members/${ada.id}`
    assert.equal((await api.ask('GET', path, undefined, { authorization })).body.email, null)
    const known = `Bearer ${await api.tokenFor(['WORKSPACE', 'MEMBER_EMAIL'])}`
    assert.match((await api.ask('GET', path, undefined, { authorization: known })).body.email, /@example/)
  })

  test('are put into new projects as they are to be', async () => {
    const refused = await api.ask('POST', '/workspaces/acme/members', {
      email: 'auto@example.com',
      auto_assign_to_new_projects: true,
    })
    assert.deepEqual([refused.status, refused.body.errors[0].field], [400, 'auto_assign_permission_set_id'])
    const ada = await letIn({
      auto_assign_to_new_projects: true,
      auto_assign_permission_set_id: sets.DEVELOPER,
    })
    const { body: group } = await api.ask('POST', '/workspaces/acme/groups', {
      name: 'Readers',
      auto_assign_to_new_projects: true,
      auto_assign_permission_set_id: sets.READ_ONLY,
    })
    assert.equal((await api.ask('POST', '/workspaces/acme/projects', { display_name: 'Auto' })).status, 201)
    const { body } = await api.ask('GET', '/workspaces/acme/projects/auto/members')
    assert.deepEqual(
      body.members.map((each: { id: number; permission_set: { type: string } }) => [
        each.id,
        each.permission_set.type,
      ]),
      [
        [(await api.ask('GET', '/user')).body.id, 'PROJECT_MANAGER'],
        [ada.id, 'DEVELOPER'],
      ],
    )
    const { body: groups } = await api.ask('GET', '/workspaces/acme/projects/auto/groups')
    assert.deepEqual(
      groups.groups.map(({ id }: { id: number }) => id),
      [group.id],
    )
    assert.deepEqual(await ada.statuses('/workspaces/acme/projects/auto', PROJECT), [200, 404])
  })
})

describe('a member', () => {
  test('sees the projects they are in, and may there what their set says', async () => {
    const ada = await letIn()
    const projects = async () =>
      (await ada.ask('GET', '/workspaces/acme/projects')).body.projects.map(
        ({ name }: { name: string }) => name,
      )
    assert.deepEqual(await projects(), [])
    assert.deepEqual(
      await ada.statuses('/workspaces', '/workspaces/acme', PROJECT, pipeline),
      [200, 200, 404, 404],
    )
    const joined = await join(ada.id, 'READ_ONLY')
    assert.deepEqual([joined.status, joined.body.permission_set.type], [201, 'READ_ONLY'])
    assert.equal((await join(ada.id, 'READ_ONLY')).status, 409)
    assert.deepEqual(await projects(), ['shop'])
    assert.deepEqual(await ada.statuses(PROJECT, pipeline, `${pipeline}/actions`), [200, 200, 200])
    assert.equal((await ada.ask('POST', `${pipeline}/actions`, ACTION)).status, 403)
    assert.equal((await ada.ask('POST', `${pipeline}/executions`)).status, 403)
    assert.equal((await ada.ask('DELETE', PROJECT)).status, 403)

    const mine = `${PROJECT}/members/${ada.id}`
    const raised = await api.ask('PATCH', mine, { permission_set: { id: sets.DEVELOPER } })
    assert.deepEqual([raised.status, raised.body.permission_set.type], [200, 'DEVELOPER'])
    const added = await ada.ask('POST', `${pipeline}/actions`, ACTION)
    assert.equal(added.status, 200)
    assert.equal((await ada.ask('DELETE', `${pipeline}/actions/${added.body.id}`)).status, 204)
    assert.equal(
      (await ada.ask('POST', `${PROJECT}/members`, { id: 1, permission_set: { id: 1 } })).status,
      403,
    )

    assert.equal((await api.ask('DELETE', mine)).status, 204)
    assert.deepEqual(await ada.statuses(PROJECT, pipeline), [404, 404])
  })

  test('has what their groups have, until they leave the group or it goes', async () => {
    const ada = await letIn()
    const { body: group } = await api.ask('POST', '/workspaces/acme/groups', { name: 'Runners' })
    const path = `/workspaces/acme/groups/${group.id}`
    const put = await api.ask('POST', `${path}/members`, { id: ada.id })
    assert.deepEqual([put.status, put.body.id, put.body.status], [201, ada.id, 'MEMBER'])
    const mate = { id: group.id, permission_set: { id: sets.READ_ONLY } }
    assert.equal((await api.ask('POST', `${PROJECT}/groups`, mate)).status, 201)
    assert.deepEqual(await ada.statuses(pipeline), [200])
    assert.equal((await api.ask('DELETE', `${path}/members/${ada.id}`)).status, 204)
    assert.deepEqual(await ada.statuses(pipeline), [404])
    await api.ask('POST', `${path}/members`, { id: ada.id, status: 'MANAGER' })
    assert.deepEqual(await ada.statuses(pipeline), [200])
    assert.equal((await api.ask('DELETE', path)).status, 204)
    assert.deepEqual(await ada.statuses(pipeline), [404])
  })

  test('who is put out sees nothing from the next request on, and comes back with nothing', async () => {
    const ada = await letIn()
    await join(ada.id, 'DEVELOPER')
    assert.deepEqual(await ada.statuses('/workspaces/acme', pipeline), [200, 200])
    await api.ask('DELETE', `/workspaces/acme/members/${ada.id}`)
    const nobody = await ada.ask('GET', '/workspaces/nobody')
    for (const path of ['/workspaces/acme', PROJECT, pipeline]) {
      const { status, text } = await ada.ask('GET', path)
      assert.deepEqual([status, text], [404, nobody.text])
    }
    assert.deepEqual((await ada.ask('GET', '/workspaces')).body.workspaces, [])
    const { body } = await api.ask('POST', '/workspaces/acme/members', { email: `p${people}@example.com` })
    assert.equal(body.id, ada.id)
    assert.deepEqual(await ada.statuses('/workspaces/acme', PROJECT), [200, 404])
  })

  test('does not see a pipeline that is denied to them, nor do with it what it does not allow', async () => {
    const ada = await letIn()
    await join(ada.id, 'DEVELOPER')
    const { body } = await api.ask('POST', `${PROJECT}/pipelines`, { name: 'Held' })
    const held = `${PROJECT}/pipelines/${body.id}`
    assert.deepEqual(body.permissions, { others: 'DEFAULT', users: [], groups: [] })
    await api.ask('POST', `${held}/actions`, ACTION)
    const seen = async () =>
      (await ada.ask('GET', `${PROJECT}/pipelines`)).body.pipelines.map(({ name }: { name: string }) => name)
    const set = async (permissions: object) => {
      const answer = await api.ask('PATCH', held, { permissions })
      assert.equal(answer.status, 200, answer.text)
      return answer.body.permissions
    }
    assert.ok((await seen()).includes('Held'))
    await set({ others: 'DENIED' })
    const nobody = await ada.ask('GET', `${PROJECT}/pipelines/123456`)
    assert.equal(nobody.status, 404)
    for (const [method, path] of [
      ['GET', held],
      ['PATCH', held],
      ['DELETE', held],
      ['POST', `${held}/executions`],
      ['GET', `${held}/actions`],
    ] as const) {
      const { status, text } = await ada.ask(method, path)
      assert.deepEqual([status, text], [404, nobody.text], `${method} ${path}`)
    }
    assert.equal((await seen()).includes('Held'), false)
    const users = [{ id: ada.id, access_level: 'RUN_ONLY' }]
    assert.deepEqual(await set({ others: 'DENIED', users }), { others: 'DENIED', users, groups: [] })
    assert.equal((await ada.ask('POST', `${held}/executions`)).status, 200)
    assert.equal((await ada.ask('PATCH', held, { permissions: { others: 'DEFAULT' } })).status, 403)
    assert.deepEqual(await seen(), ['To production', 'Held'])
    assert.deepEqual(
      (await ada.ask('GET', `${PROJECT}/pipelines?per_page=1&page=2`)).body.pipelines.length,
      1,
    )
    for (const [permissions, field] of [
      [{ others: 'MANAGE' }, 'permissions.others'],
      [{ users: [{ id: 999_999, access_level: 'DENIED' }] }, 'permissions.users.0.id'],
      [{ groups: [{ id: 999_999, access_level: 'DENIED' }] }, 'permissions.groups.0.id'],
      [{ users: [{ id: ada.id }] }, 'permissions.users.0.access_level'],
    ] as const) {
      const refused = await api.ask('PATCH', held, { permissions })
      assert.deepEqual([refused.status, refused.body.errors[0].field], [400, field])
    }
  })

  test('runs no pipeline by way of another that they may not run by themselves', async () => {
    const ada = await letIn()
    await join(ada.id, 'DEVELOPER')
    await api.ask('POST', '/workspaces/acme/projects', { name: 'vault', display_name: 'Vault' })
    const { body: secret } = await api.ask('POST', '/workspaces/acme/projects/vault/pipelines', {
      name: 'Secret',
    })
    const next = { name: 'Next', type: 'RUN_NEXT_PIPELINE' }
    for (const id of [secret.id, 999_999]) {
      const refused = await ada.ask('POST', `${pipeline}/actions`, { ...next, next_pipeline_id: id })
      assert.deepEqual(
        [refused.status, refused.body.errors[0].message],
        [400, 'next_pipeline_id: there is no such pipeline in this workspace'],
      )
    }
    const own = await api.ask('POST', `${pipeline}/actions`, { ...next, next_pipeline_id: secret.id })
    assert.equal(own.status, 200, own.text)
    assert.equal((await api.ask('DELETE', `${pipeline}/actions/${own.body.id}`)).status, 204)
  })

  test('uses the integrations that they may, and no others', async () => {
    const ada = await letIn()
    await join(ada.id, 'DEVELOPER')
    const path = '/workspaces/acme/integrations'
    const made = await api.ask('POST', path, {
      ...{ name: 'Held', identifier: 'held', type: 'DOCKER_HUB', username: 'u', password: 'p' },
      permissions: { others: 'DENIED', users: [{ id: ada.id, access_level: 'USE_ONLY' }] },
    })
    const one = `${path}/${made.body.hash_id}`
    const src = { ...ACTION.src, integration: 'held' }
    const names = async () =>
      (await ada.ask('GET', path)).body.integrations.map(({ name }: { name: string }) => name)
    assert.deepEqual(await names(), ['Hub', 'Google', 'Held'])
    assert.equal((await ada.ask('PATCH', one, { name: 'Mine' })).status, 403)
    assert.equal((await ada.ask('POST', path, { name: 'X', type: 'GIT_HUB', token: 't' })).status, 403)
    assert.equal((await ada.ask('POST', `${pipeline}/actions`, { ...ACTION, src })).status, 200)

    await api.ask('PATCH', one, { permissions: { others: 'DENIED' } })
    assert.deepEqual(await names(), ['Hub', 'Google'])
    for (const integration of ['held', { hash_id: made.body.hash_id }, 'nobodys']) {
      const refused = await ada.ask('POST', `${pipeline}/actions`, {
        ...ACTION,
        src: { ...src, integration },
      })
      assert.deepEqual(
        [refused.status, refused.body.errors],
        [
          400,
          [
            {
              message: 'src.integration: there is no such integration in this workspace',
              code: 'INVALID',
              field: 'src.integration',
            },
          ],
        ],
      )
    }
    assert.equal((await ada.ask('GET', one)).status, 404)
  })
})

describe('a token for a member', () => {
  test('is for that workspace, and may no more than the one that asked for it', async () => {
    const ada = await letIn()
    assert.deepEqual(ada.token.workspace_restrictions, ['acme'])
    assert.equal((await api.ask('POST', '/workspaces', { domain: 'other' })).status, 201)
    await api.ask('POST', '/workspaces/other/members', { email: `p${people}@example.com` })
    assert.deepEqual(await ada.statuses('/workspaces/acme', '/workspaces/other'), [200, 404])

    const asking = await api.tokenFor(['WORKSPACE', 'TOKEN_MANAGE', 'EXECUTION_INFO'])
    const make = (id: number, body: object, token = asking) =>
      api.ask(
        'POST',
        `/workspaces/acme/members/${id}/tokens`,
        { name: 't', ...body },
        {
          authorization: `Bearer ${token}`,
        },
      )
    assert.equal((await make(ada.id, { scopes: ['EXECUTION_RUN'] })).body.errors[0].field, 'scopes')
    const { body } = await make(ada.id, { workspace_restrictions: ['other'], person_id: 1, personId: 1 })
    assert.deepEqual(body.scopes, ['WORKSPACE', 'TOKEN_MANAGE', 'EXECUTION_INFO'])
    assert.deepEqual(body.workspace_restrictions, ['acme'])
    assert.equal((await make(ada.id, {}, await api.tokenFor(['TOKEN_MANAGE']))).status, 403)
    assert.equal((await make(999_999, {})).status, 404)
  })

  test('is made by admins, and never for the owner', async () => {
    const [ada, boss] = [await letIn(), await letIn()]
    assert.equal(
      (await ada.ask('POST', `/workspaces/acme/members/${boss.id}/tokens`, { name: 't' })).status,
      403,
    )
    await api.ask('PATCH', `/workspaces/acme/members/${boss.id}`, { admin: true })
    const own = await boss.ask('POST', `/workspaces/acme/members/${ada.id}/tokens`, { name: 't' })
    assert.equal(own.status, 201)
    const { body: owner } = await api.ask('GET', '/user')
    const theirs = await boss.ask('POST', `/workspaces/acme/members/${owner.id}/tokens`, { name: 't' })
    assert.deepEqual([theirs.status, theirs.body.errors[0].code], [403, 'FORBIDDEN'])
    // An admin runs the workspace, and neither renames nor removes it, nor makes others.
    assert.deepEqual(
      await boss.statuses('/workspaces/acme', PROJECT, '/workspaces/acme/integrations'),
      [200, 200, 200],
    )
    assert.equal((await boss.ask('PATCH', '/workspaces/acme', { name: 'Mine' })).status, 403)
    assert.equal((await boss.ask('DELETE', '/workspaces/acme')).status, 403)
    assert.equal((await boss.ask('POST', '/workspaces', { domain: 'bosses' })).status, 403)
  })
})

describe('permission sets', () => {
  const path = '/workspaces/acme/permissions'

  test('are three to begin with, which stay as they are', async () => {
    const { body } = await api.ask('GET', path)
    assert.deepEqual(
      body.permission_sets
        .slice(0, 3)
        .map(({ type, pipeline_access_level }: Record<string, string>) => [type, pipeline_access_level]),
      [
        ['DEVELOPER', 'READ_WRITE'],
        ['READ_ONLY', 'READ_ONLY'],
        ['PROJECT_MANAGER', 'READ_WRITE'],
      ],
    )
    for (const id of Object.values(sets)) {
      assert.equal(
        (await api.ask('PATCH', `${path}/${id}`, { pipeline_access_level: 'READ_WRITE' })).status,
        403,
      )
      assert.equal((await api.ask('DELETE', `${path}/${id}`)).status, 403)
    }
  })

  test('that were made count at once for all who have them, and go when nobody has them', async () => {
    const levels = {
      pipeline_access_level: 'RUN_ONLY',
      repository_access_level: 'READ_WRITE',
      sandbox_access_level: 'DENIED',
      project_team_access_level: 'READ_ONLY',
      environment_access_level: 'USE_ONLY',
      target_access_level: 'MANAGE',
    }
    const made = await api.ask('POST', path, {
      name: 'Runner',
      description: 'runs',
      type: 'DEVELOPER',
      ...levels,
    })
    assert.equal(made.status, 201)
    const { id } = made.body
    assert.deepEqual(made.body, {
      url: `http://127.0.0.1:7070${path}/${id}`,
      html_url: `http://127.0.0.1:7070/ui/acme/-/people/permissions/${id}`,
      id,
      ...{ name: 'Runner', description: 'runs', type: 'CUSTOM' },
      ...levels,
    })
    const ada = await letIn()
    await api.ask('POST', `${PROJECT}/members`, { id: ada.id, permission_set: { id } })
    assert.notEqual((await ada.ask('POST', `${pipeline}/executions`)).status, 403)
    const changed = await api.ask('PATCH', `${path}/${id}`, { pipeline_access_level: 'DENIED' })
    assert.deepEqual(changed.body, { ...made.body, pipeline_access_level: 'DENIED' })
    assert.deepEqual(await ada.statuses(PROJECT, pipeline, `${PROJECT}/pipelines`), [200, 404, 403])

    assert.equal((await api.ask('DELETE', `${path}/${id}`)).status, 409)
    await api.ask('DELETE', `${PROJECT}/members/${ada.id}`)
    assert.equal((await api.ask('DELETE', `${path}/${id}`)).status, 204)
    assert.equal((await api.ask('GET', `${path}/${id}`)).status, 404)
    const { body } = await api.ask('POST', path, { name: 'X', pipeline_access_level: 'ROOT' })
    assert.equal(body.errors[0].field, 'pipeline_access_level')
  })
})
