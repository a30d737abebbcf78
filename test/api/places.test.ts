import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OTHER_INTEGRATION_TYPES } from '#model'
import { furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
})
after(() => api[Symbol.asyncDispose]())

const ACME = '/workspaces/acme'
const at = (path: string) => `http://127.0.0.1:7070${path}`
const page = (path: string) => `http://127.0.0.1:7070/ui${path}`

describe('a workspace', () => {
  test('has every member that Buddy gives one', async () => {
    const made = await api.ask('POST', '/workspaces', {
      ...{ domain: 'whole', name: 'Whole', encryption_salt: 'salt-canary' },
      ...{ id: 1, owner_id: 9, frozen: true, create_date: 'x', sso_enabled: true },
    })
    assert.equal(made.status, 201)
    const { id, owner_id, create_date, ...rest } = made.body
    assert.ok(id > 1 && owner_id !== 9 && Date.parse(create_date) > Date.now() - 60_000)
    assert.deepEqual(rest, {
      url: at('/workspaces/whole'),
      html_url: page('/whole'),
      ...{ name: 'Whole', domain: 'whole', frozen: false, sso_enabled: false },
      ...{ default_pipeline_resource: 'DEFAULT', public_pipelines_disabled: false },
    })
    assert.equal(made.headers.location, at('/workspaces/whole'))
    const patched = await api.ask('PATCH', '/workspaces/whole', { name: 'W', domain: 'other', owner_id: 9 })
    assert.deepEqual([patched.status, patched.body], [200, { ...made.body, name: 'W' }])
    assert.deepEqual((await api.ask('GET', '/workspaces/whole')).body, patched.body)
    const { body } = await api.ask('GET', '/workspaces')
    assert.deepEqual(
      body.workspaces.find(({ domain }: { domain: string }) => domain === 'whole'),
      { id, url: at('/workspaces/whole'), html_url: page('/whole'), name: 'W', domain: 'whole' },
    )
    assert.equal((await api.ask('DELETE', '/workspaces/whole')).status, 204)
  })
})

describe('a project', () => {
  test('keeps what has to do with repositories, and no password', async () => {
    const { body: integrations } = await api.ask('GET', `${ACME}/integrations`)
    const { hash_id } = integrations.integrations[0]
    const kept = {
      ...{ external_project_id: 'o/r', git_lab_project_id: '7', custom_repo_user: 'ada' },
      ...{ custom_repo_ssh_key_id: 3, fetch_submodules: true, fetch_submodules_env_key: 'KEY' },
      ...{ allow_pull_requests: true, update_default_branch_from_external: true, without_repository: false },
    }
    const made = await api.ask('POST', `${ACME}/projects`, {
      ...{ display_name: 'Whole', name: 'whole', access: 'PUBLIC', ...kept },
      ...{ custom_repo_url: 'https://ada:url-canary@git.example/r', custom_repo_pass: 'pass-canary' },
      ...{ integration: { hash_id, token: 'token-canary' }, id: 7, created_by: { id: 9 }, status: 'CLOSED' },
    })
    assert.equal(made.status, 201)
    const { created_by, create_date, ...rest } = made.body
    assert.ok(created_by.workspace_owner && Date.parse(create_date) > Date.now() - 60_000)
    assert.deepEqual(rest, {
      url: at(`${ACME}/projects/whole`),
      html_url: page('/acme/whole'),
      ...{ name: 'whole', display_name: 'Whole', status: 'ACTIVE', access: 'PUBLIC' },
      ...{ http_repository: null, ssh_repository: null, default_branch: null },
      ...{ integration: { hash_id }, custom_repo_url: 'https://git.example/r', ...kept },
    })
    const path = `${ACME}/projects/whole`
    assert.deepEqual((await api.ask('GET', path)).body, made.body)
    const closed = await api.ask('PATCH', path, { status: 'CLOSED', allow_pull_requests: false })
    assert.deepEqual(closed.body, { ...made.body, status: 'CLOSED', allow_pull_requests: false })
    const names = async (query: string) =>
      (await api.ask('GET', `${ACME}/projects?${query}`)).body.projects.map(
        ({ name }: { name: string }) => name,
      )
    assert.deepEqual(await names('status=CLOSED'), ['whole'])
    assert.deepEqual(await names('status=closed&membership=true'), ['whole'])
    assert.equal((await names('status=ACTIVE')).includes('whole'), false)
    assert.equal((await names('sort_by=create_date&sort_direction=DESC'))[0], 'whole')
    assert.equal((await names('sort_by=repository_size')).length, 2)
    for (const integration of [{ hash_id: 'nobodys' }, {}]) {
      const { status, body } = await api.ask('PATCH', path, { integration })
      assert.deepEqual([status, body.errors[0].field], [400, 'integration.hash_id'])
    }
    assert.equal(
      /canary/.test(JSON.stringify(await api.open.store.projects.find(1 as never, 'whole'))),
      false,
    )
  })

  test('takes its integrations along, to its new name and out of the world', async () => {
    const made = await api.ask('POST', `${ACME}/integrations`, {
      ...{ name: 'Moved', type: 'GIT_HUB', token: 't', scope: 'PROJECT', project_name: 'moving' },
    })
    assert.deepEqual([made.status, made.body.errors[0].field], [400, 'project_name'])
    await api.ask('POST', `${ACME}/projects`, { name: 'moving', display_name: 'Moving' })
    const { body } = await api.ask('POST', `${ACME}/integrations`, {
      ...{ name: 'Moved', type: 'GIT_HUB', token: 't', scope: 'PROJECT', project_name: 'moving' },
    })
    const one = `${ACME}/integrations/${body.hash_id}`
    assert.deepEqual([body.scope, body.project_name], ['PROJECT', 'moving'])
    assert.equal((await api.ask('PATCH', `${ACME}/projects/moving`, { name: 'moved' })).status, 200)
    assert.equal((await api.ask('GET', one)).body.project_name, 'moved')
    assert.equal((await api.ask('DELETE', `${ACME}/projects/moved`)).status, 204)
    assert.equal((await api.ask('GET', one)).status, 404)
  })
})

describe('an integration', () => {
  const path = `${ACME}/integrations`

  test('can be of each of the 51 types, and tells nothing that is secret', async () => {
    const { body: description } = await api.ask('GET', '/openapi.json')
    const { schema } =
      description.paths['/workspaces/{workspace}/integrations'].post.requestBody.content['application/json']
    const types: string[] = schema.properties.type.enum
    assert.equal(types.length, 51)
    const secrets = {
      ...{
        username: 'canary',
        password: 'canary',
        token: 'canary',
        access_key: 'canary',
        secret_key: 'canary',
      },
      ...{ api_key: 'canary', tenant_id: 'canary', region: 'canary', shop: 'canary', email: 'canary' },
      ...{ partner_token: 'canary', config: 'canary' },
    }
    const shown = {
      ...{
        app_id: 'app',
        google_project: 'p',
        host_url: 'https://h.example',
        webhook_address: 'https://w.example',
      },
      ...{ audience: 'aud', atop_url: 'https://a.example' },
    }
    for (const type of types) {
      const { status, text, body } = await api.ask('POST', path, { name: 'Same', type, ...secrets, ...shown })
      assert.equal(status, 201, `${type}: ${text}`)
      assert.equal(/canary/.test(text), false, type)
      assert.deepEqual({ ...body, ...shown, type }, body)
    }
    const { text, body } = await api.ask('GET', path)
    assert.equal(/canary/.test(text), false)
    const identifiers = body.integrations.map(({ identifier }: { identifier: string }) => identifier)
    assert.equal(new Set(identifiers).size, identifiers.length)
    assert.ok(OTHER_INTEGRATION_TYPES.length < types.length)
    const { body: legacy } = await api.ask('GET', '/user/integrations')
    assert.deepEqual(legacy.integrations, body.integrations)
    assert.equal(legacy.url, at('/user/integrations'))
  })

  test('is for the pipelines that it names, which are shown as they are called', async () => {
    const id = Number(pipeline.split('/').at(-1))
    const body = { name: 'Held', type: 'GIT_HUB', token: 't', all_pipelines_allowed: false }
    const made = await api.ask('POST', path, { ...body, allowed_pipelines: [{ id, name: 'x' }] })
    assert.equal(made.status, 201)
    assert.deepEqual(made.body.allowed_pipelines, [
      {
        url: at(pipeline),
        html_url: page(`/acme/shop/pipelines/pipeline/${id}`),
        ...{ id, identifier: 'to_production', name: 'To production' },
      },
    ])
    assert.deepEqual(made.body.permissions, { others: 'USE_ONLY', users: [], groups: [], admins: 'MANAGE' })
    const one = `${path}/${made.body.hash_id}`
    assert.deepEqual((await api.ask('GET', one)).body, made.body)
    const opened = await api.ask('PATCH', one, { all_pipelines_allowed: true, name: null, token: null })
    assert.deepEqual(opened.body, { ...made.body, all_pipelines_allowed: true })
    for (const [more, field] of [
      [{ allowed_pipelines: [{ id }, { id: 999_999 }] }, 'allowed_pipelines.1.id'],
      [{ allowed_pipelines: [{ id: 2 ** 40 }] }, 'allowed_pipelines.0.id'],
      [{ permissions: { others: 'READ_ONLY' } }, 'permissions.others'],
      [{ permissions: { groups: [{ id: 999_999, access_level: 'MANAGE' }] } }, 'permissions.groups.0.id'],
      [{ auth_type: 'PASSWORD' }, 'auth_type'],
      [{ scope: 'PROJECT', project_name: 'nobodys' }, 'project_name'],
    ] as const) {
      const { status, body: answer } = await api.ask('PATCH', one, more)
      assert.deepEqual([status, answer.errors[0].field], [400, field], JSON.stringify(more))
    }
  })
})

describe('identifiers', () => {
  test('lead to the numbers of what is there, and is visible', async () => {
    const path = `${ACME}/identifiers`
    const none = {
      ...{
        url: at(path),
        html_url: page('/acme'),
        domain: 'acme',
        project_identifier: null,
        pipeline_id: null,
      },
      ...{ environment_id: null, pkg_id: null, pkg_version_id: null, sandbox_id: null },
    }
    assert.deepEqual((await api.ask('GET', path)).body, none)
    const found = await api.ask('GET', `${path}?project=shop&pipeline=to_production`)
    const id = Number(pipeline.split('/').at(-1))
    assert.deepEqual(found.body, { ...none, project_identifier: 'shop', pipeline_id: id })
    const authorization = `Bearer ${await api.tokenFor(['EXECUTION_RUN'])}`
    assert.deepEqual((await api.ask('GET', `${path}?project=shop`, undefined, { authorization })).body, {
      ...none,
      project_identifier: 'shop',
    })
    const nobody = await api.ask('GET', `${ACME}/projects/nobody`)
    for (const query of ['project=nobody', 'project=shop&pipeline=nobody', 'sandbox=a', 'environment=a']) {
      const { status, text } = await api.ask('GET', `${path}?${query}`)
      assert.deepEqual([status, text], [404, nobody.text], query)
    }
    assert.equal((await api.ask('GET', `${path}?pipeline=x`)).body.errors[0].field, 'project')
  })
})

test('every answer says which media type it is of', async () => {
  for (const path of ['/workspaces', '/nowhere', `${ACME}/projects`]) {
    const { headers } = await api.ask('GET', path, undefined, { 'x-buddy-media-type': 'buddy.v1.0.0' })
    assert.equal(headers['x-buddy-media-type'], 'buddy.v1.1.0')
  }
})
