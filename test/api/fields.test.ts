import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
let pipelines: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

const refused = ({ status, body }: Answer) => [status, body.errors?.[0]?.field]
const AWS = { type: 'AMAZON', access_key: 'AKIA', secret_key: 's' }

/** What there is of a new thing, which is to be there. */
async function made(path: string, body: object): Promise<Answer['body']> {
  const answer = await api.ask('POST', path, body)
  assert.ok(answer.status === 201 || answer.status === 200, answer.text)
  return answer.body
}

describe('a pipeline', () => {
  const WORDS = {
    definition_source: ['LOCAL', 'REMOTE'],
    git_config_ref: ['NONE', 'DYNAMIC', 'FIXED'],
    resources: ['DEFAULT', 'NANO', 'SMALL', 'MEDIUM', 'LARGE', 'XLARGE', 'X2LARGE', 'CUSTOM'],
    git_changeset_base: ['LATEST_RUN', 'LATEST_RUN_MATCHING_REF', 'PULL_REQUEST'],
    filesystem_changeset_base: ['DATE_MODIFIED', 'CONTENTS'],
    cpu: ['X64', 'ARM', 'X86'],
  }

  test('takes of what has to do with git the words that there are, and no others', async () => {
    for (const [name, words] of Object.entries(WORDS)) {
      for (const word of words)
        assert.equal((await api.ask('PATCH', pipeline, { [name]: word })).body[name], word)
      for (const wrong of ['SOMETHING', words[0]?.toLowerCase(), '', 7])
        assert.deepEqual(refused(await api.ask('PATCH', pipeline, { [name]: wrong })), [400, name])
    }
    const wrong: readonly [object, string][] = [
      [{ git_config: 'x' }, 'git_config'],
      [{ git_config: { branch: 7 } }, 'git_config.branch'],
      [{ remote_parameters: [{ key: 7 }] }, 'remote_parameters.0.key'],
    ]
    for (const [body, field] of wrong)
      assert.deepEqual(refused(await api.ask('POST', pipelines, { name: 'W', ...body })), [400, field])
  })

  test('keeps nothing that nobody knows inside of what it keeps', async () => {
    const git_config = { project: 'p', branch: 'b', path: 'c' }
    const parameter = { key: 'k', value: 'v' }
    const body = await made(pipelines, {
      name: 'Kept',
      git_config_ref: 'FIXED',
      git_config: { ...git_config, more: 1 },
      remote_parameters: [{ ...parameter, more: { a: 1 } }],
    })
    assert.deepEqual([body.git_config, body.remote_parameters], [git_config, [parameter]])
  })

  test('has no git configuration any more when none is fixed', async () => {
    const git_config = { project: 'p', branch: 'b', path: 'c' }
    const { url } = await made(pipelines, { name: 'Fixed', git_config_ref: 'FIXED', git_config })
    const { pathname } = new URL(url)
    assert.deepEqual((await api.ask('PATCH', pathname, { name: 'Still' })).body.git_config, git_config)
    assert.equal((await api.ask('PATCH', pathname, { git_config_ref: 'NONE' })).body.git_config, null)
    assert.equal((await api.ask('GET', pathname)).body.git_config, null)
  })

  test('has the branch of a remote definition under both of its names', async () => {
    for (const [name, value] of [
      ['remote_branch', 'main'],
      ['remote_ref', 'v2'],
    ] as const) {
      const { body } = await api.ask('PATCH', pipeline, { [name]: value })
      assert.deepEqual([body.remote_branch, body.remote_ref], [value, value])
    }
    assert.equal((await api.ask('PATCH', pipeline, { cpu: 'ARM' })).body.remote_ref, 'v2')
  })

  test('fails on a warning of its environment unless told otherwise, as everywhere', async () => {
    const { fail_on_prepare_env_warning: fails } = await made(pipelines, { name: 'Usual' })
    assert.equal(fails, true)
  })

  test('takes conditions of clients that send every member, those without meaning empty', async () => {
    const EMPTY = {
      ...{ trigger_condition_paths: null, trigger_variable_key: '', trigger_variable_value: '' },
      ...{ trigger_hours: null, trigger_days: null, timezone: '', zone_id: '', trigger_project_name: '' },
      ...{ trigger_pipeline_name: '', trigger_user: '', trigger_group: '', trigger_action_name: '' },
    }
    const said = [
      { trigger_condition: 'ON_CHANGE', trigger_condition_paths: [] },
      { trigger_condition: 'VAR_IS', trigger_variable_key: 'A', trigger_variable_value: '' },
      { trigger_condition: 'DATETIME', trigger_days: [1], trigger_hours: [8] },
      { trigger_condition: 'SUCCESS_PIPELINE', trigger_pipeline_name: 'q' },
    ]
    const sent = said.map((one) => ({ ...EMPTY, ...one }))
    const { trigger_conditions: kept } = await made(pipelines, { name: 'Empty', trigger_conditions: sent })
    assert.deepEqual(kept, said)
    for (const kind of ['VAR_IS', 'SUCCESS_PIPELINE', 'TRIGGERING_USER_IS', 'TRIGGERING_USER_IS_IN_GROUP']) {
      const body = { name: 'E', trigger_conditions: [{ ...EMPTY, trigger_condition: kind }] }
      const [status, field] = refused(await api.ask('POST', pipelines, body))
      assert.deepEqual([status, /^trigger_conditions\.0\.trigger_/.test(field)], [400, true], kind)
    }
  })

  test('has the date of a schedule as it was written', async () => {
    const dates = [
      '2036-11-18T12:38:16Z',
      '2036-11-18T12:38:16.250Z',
      '2036-11-18T14:38:16+02:00',
      '2036-11-18',
    ]
    for (const [index, start_date] of dates.entries()) {
      const events = [{ type: 'SCHEDULE', start_date, delay: 5 }]
      const body = await made(pipelines, { name: `At ${index}`, events })
      assert.equal(body.events[0].start_date, start_date)
      const old = await made(pipelines, { name: `On ${index}`, on: 'SCHEDULE', start_date, delay: 5 })
      assert.equal(old.events[0].start_date, start_date)
    }
  })
})

test('a project follows the default branch of its repository unless told otherwise, as everywhere', async () => {
  const body = await made('/workspaces/acme/projects', { name: 'usual' })
  assert.equal(body.update_default_branch_from_external, true)
})

describe('an integration', () => {
  const at = '/workspaces/acme/integrations'

  test('is refused when two names of one secret contradict each other, and tells neither', async () => {
    for (const [one, other] of [
      ['access_key', 'access_key_id'],
      ['secret_key', 'secret_access_key'],
    ] as const) {
      const answer = await api.ask('POST', at, { name: 'A', ...AWS, [one]: 'c4n4ry-1', [other]: 'c4n4ry-2' })
      assert.deepEqual(refused(answer), [400, other])
      assert.equal(answer.text.includes('c4n4ry'), false)
      const body = await made(at, { name: 'B', ...AWS, [one]: 'same', [other]: 'same' })
      const patch = await api.ask('PATCH', `${at}/${body.hash_id}`, { [one]: 'a', [other]: 'b' })
      assert.deepEqual(refused(patch), [400, other])
      assert.equal((await api.ask('PATCH', `${at}/${body.hash_id}`, { [other]: 'b' })).status, 200)
    }
  })

  test('has the usual way to authenticate of its type unless told otherwise', async () => {
    const shop = { type: 'SHOPIFY', shop: 's', token: 't' }
    assert.equal((await made(at, { name: 'Usual', ...AWS })).auth_type, 'DEFAULT')
    assert.equal((await made(at, { name: 'Shop', ...shop })).auth_type, 'TOKEN')
    const told = await made(at, { name: 'Told', ...shop, auth_type: 'TOKEN_APP_EXTENSION' })
    assert.equal(told.auth_type, 'TOKEN_APP_EXTENSION')
    const { body } = await api.ask('PATCH', `${at}/${told.hash_id}`, { name: 'Still' })
    assert.equal(body.auth_type, 'TOKEN_APP_EXTENSION')
  })

  test('has a project while that is its scope, and no longer', async () => {
    const wide = await made(at, { name: 'Wide', ...AWS, project_name: 'shop' })
    assert.deepEqual([wide.scope, wide.project_name], ['WORKSPACE', null])
    const own = { scope: 'PROJECT', project_name: 'shop' }
    const path = `${at}/${wide.hash_id}`
    const narrow = (await api.ask('PATCH', path, own)).body
    assert.deepEqual([narrow.scope, narrow.project_name], ['PROJECT', 'shop'])
    assert.equal((await api.ask('PATCH', path, { name: 'Still' })).body.project_name, 'shop')
    const back = (await api.ask('PATCH', path, { scope: 'WORKSPACE' })).body
    assert.deepEqual([back.scope, back.project_name], ['WORKSPACE', null])
    assert.deepEqual(refused(await api.ask('PATCH', path, { scope: 'PROJECT' })), [400, 'project_name'])
  })

  test('is known by both of its names only where they are of one', async () => {
    const { integrations } = (await api.ask('GET', at)).body
    const hash = (identifier: string) =>
      integrations.find((one: { identifier: string }) => one.identifier === identifier).hash_id
    const add = (integration: object) =>
      api.ask('POST', `${pipeline}/actions`, { ...ACTION, src: { ...ACTION.src, integration } })
    assert.equal((await add({ hash_id: hash('hub'), identifier: 'hub' })).status, 200)
    const contradictory = await add({ hash_id: hash('hub'), identifier: 'google' })
    assert.deepEqual(refused(contradictory), [400, 'src.integration'])
    assert.deepEqual(refused(await add({})), [400, 'src.integration'])
  })
})

test('a refusal says what the bound is', async () => {
  const wrong: readonly [string, object, string][] = [
    [pipelines, { name: 'x'.repeat(256) }, 'name: is to have at most 255 characters'],
    [pipelines, { name: '' }, 'name: is to have at least 1 character'],
    [pipelines, { name: 'a', loop: Array(11).fill('A') }, 'loop: is to have at most 10 items'],
    [pipelines, { name: 'a', clone_depth: -1 }, 'clone_depth: is to be 0 or more'],
    [
      pipelines,
      { name: 'a', pause_on_repeated_failures: 101 },
      'pause_on_repeated_failures: is to be 100 or less',
    ],
    [`${pipeline}/executions`, { tag: 7 }, 'tag: is to be of type object or string'],
  ]
  for (const [path, body, message] of wrong)
    assert.equal((await api.ask('POST', path, body)).body.errors[0].message, message)
})

test('what is looked up by no name is not looked up', async () => {
  const at = '/workspaces/acme/identifiers'
  const { body: nothing } = await api.ask('GET', at)
  const empty = 'project=&pipeline=&environment=&package=&package_version=&sandbox='
  assert.deepEqual((await api.ask('GET', `${at}?${empty}`)).body, nothing)
  const found = await api.ask('GET', `${at}?project=shop&environment=&pipeline=`)
  assert.deepEqual([found.status, found.body.project_identifier], [200, 'shop'])
  assert.equal((await api.ask('GET', `${at}?environment=stage`)).status, 404)
  assert.deepEqual(refused(await api.ask('GET', `${at}?project=&pipeline=x`)), [400, 'project'])
})
