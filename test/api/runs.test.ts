import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ActionExecutionId, advance, type ExecutionEvent, type PipelineId } from '#model'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipelines: string
before(async () => {
  api = await startApi()
  const pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

let made = 0
async function newPipeline(more: object = {}): Promise<string> {
  made += 1
  const { status, body, text } = await api.ask('POST', pipelines, { name: `Run ${made}`, ...more })
  assert.equal(status, 201, text)
  return `${pipelines}/${body.id}`
}

async function add(path: string, body: object) {
  const answer = await api.ask('POST', `${path}/actions`, body)
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

const WAIT = { name: 'Ask', type: 'WAIT_FOR_APPLY', comment: 'Ship?' }
const refused = (answer: { status: number; body: { errors: { field?: string; code: string }[] } }) => [
  answer.status,
  answer.body.errors[0]?.field,
]

describe('an action', () => {
  test('gives back how it runs as it was told', async () => {
    const path = await newPipeline()
    const said = {
      trigger_time: 'ON_FAILURE',
      run_only_on_first_failure: true,
      run_next: 'IN_HARD_PARALLEL',
      timeout: 30,
      retry_count: 3,
      retry_interval: 5,
      loop: ['REGION'],
      ignore_errors: true,
    }
    const body = await add(path, { ...ACTION, ...said })
    for (const [name, value] of Object.entries(said)) assert.deepEqual(body[name], value, name)
    const { body: kept } = await api.ask('GET', `${path}/actions/${body.id}`)
    assert.deepEqual(kept, body)
    const { body: patched } = await api.ask('PATCH', `${path}/actions/${body.id}`, {
      trigger_time: 'ON_SUCCESS',
      timeout: 0,
    })
    assert.deepEqual(
      [patched.run_only_on_first_failure, patched.timeout, patched.retry_count],
      [false, null, 3],
    )
    const misplaced = await api.ask('POST', `${path}/actions`, { ...ACTION, run_only_on_first_failure: true })
    assert.deepEqual(refused(misplaced), [400, 'run_only_on_first_failure'])
  })

  test('has conditions in whatever spelling, and a zone in both', async () => {
    const path = await newPipeline()
    const days = { trigger_days: [1, 5], trigger_hours: [24] }
    const given = [
      { trigger_condition: 'VAR_IS', trigger_variable_key: 'A', trigger_variable_value: '1' },
      { trigger_condition: 'OR' },
      { trigger_condition: 'DATETIME', ...days, timezone: 'Europe/Warsaw' },
      { trigger_condition: 'DAY', trigger_days: [7], zone_id: 'UTC' },
      { trigger_condition: 'HOUR', trigger_hours: [8] },
      { trigger_condition: 'SUCCESS_PIPELINE', trigger_project_name: 'p', trigger_pipeline_name: 'q' },
      { trigger_condition: 'TRIGGERING_USER_IS_NOT', trigger_user: 'a@b.example' },
      { trigger_condition: 'TRIGGERING_USER_IS_IN_GROUP', trigger_group: 'ops' },
      { trigger_condition: 'ACTION_STATUS_IS', trigger_action_name: 'X', trigger_status: 'SUPRESSED' },
      { trigger_condition: 'ON_CHANGE_AT_PATH', trigger_condition_paths: ['/src'] },
      { trigger_condition: 'ALWAYS' },
    ]
    const { trigger_conditions: kept } = await add(path, { ...ACTION, trigger_conditions: given })
    const zones = [
      [2, 'Europe/Warsaw'],
      [3, 'UTC'],
    ] as const
    const expected = given.map((condition, index) => {
      const zone = zones.find(([place]) => place === index)?.[1]
      return zone === undefined ? condition : { ...condition, timezone: zone, zone_id: zone }
    })
    assert.deepEqual(kept, expected)
    const { body } = await api.ask('PATCH', path, { trigger_conditions: given })
    assert.deepEqual(body.trigger_conditions, expected)
    const wrong: [object, string][] = [
      [{ trigger_condition: 'SOMETIMES' }, 'trigger_conditions.0.trigger_condition'],
      [{ trigger_condition: 'VAR_IS' }, 'trigger_conditions.0.trigger_variable_key'],
      [{ trigger_condition: 'DAY', trigger_days: [0] }, 'trigger_conditions.0.trigger_days.0'],
      [{ trigger_condition: 'HOUR', trigger_hours: [25] }, 'trigger_conditions.0.trigger_hours.0'],
      [{ trigger_condition: 'DAY', timezone: 'Mars/Olympus' }, 'trigger_conditions.0.timezone'],
      [{ trigger_condition: 'HOUR', zone_id: 'nowhere' }, 'trigger_conditions.0.zone_id'],
    ]
    for (const [condition, field] of wrong) {
      const answer = await api.ask('POST', `${path}/actions`, { ...ACTION, trigger_conditions: [condition] })
      assert.deepEqual(refused(answer), [400, field])
    }
  })

  test('asks whom it is told to ask', async () => {
    const path = await newPipeline()
    const { body: member } = await api.ask('POST', '/workspaces/acme/members', { email: 'Bea@b.example' })
    const { body: group } = await api.ask('POST', '/workspaces/acme/groups', { name: 'ops' })
    const level = (access_level: string) => ({ access_level })
    const permissions = {
      others: 'DENIED',
      users: [
        { email: 'bea@b.example', ...level('ALLOWED') },
        { id: 1, ...level('DENIED') },
      ],
      groups: [{ name: 'ops', ...level('ALLOWED') }],
    }
    const body = await add(path, {
      ...WAIT,
      type: 'WAIT_FOR_APPROVE',
      permissions,
      prevent_self_approval: true,
    })
    assert.deepEqual([body.type, body.comment, body.prevent_self_approval], ['WAIT_FOR_APPLY', 'Ship?', true])
    assert.deepEqual(body.permissions, {
      others: 'DENIED',
      users: [
        { id: member.id, ...level('ALLOWED') },
        { id: 1, ...level('DENIED') },
      ],
      groups: [{ id: group.id, ...level('ALLOWED') }],
    })
    const nobody = { users: [{ id: 4_000_000, ...level('ALLOWED') }] }
    const answer = await api.ask('POST', `${path}/actions`, { ...WAIT, permissions: nobody })
    assert.deepEqual(refused(answer), [400, 'permissions.users.0'])
    assert.deepEqual((await add(path, WAIT)).permissions, { others: 'ALLOWED', users: [], groups: [] })
  })

  test('runs another pipeline by its number or its names', async () => {
    const [path, other] = [await newPipeline(), await newPipeline({ identifier: 'onward' })]
    const id = Number(other.split('/').at(-1))
    const next = { name: 'Next', type: 'RUN_NEXT_PIPELINE' }
    const byId = await add(path, { ...next, next_pipeline_id: id, comment: 'c', priority: 'HIGH' })
    assert.deepEqual(
      [byId.next_project_name, byId.next_pipeline_name, byId.comment, byId.priority],
      ['shop', 'onward', 'c', 'HIGH'],
    )
    const named = await add(path, { ...next, next_project_name: 'shop', next_pipeline_name: 'later' })
    const waits = await api.ask('POST', `${path}/actions`, { ...next, next_pipeline_id: id, wait: true })
    assert.deepEqual(refused(waits), [400, 'wait'])
    assert.equal(named.next_pipeline_name, 'later')
    const own = { ...next, next_pipeline_id: Number(path.split('/').at(-1)) }
    assert.deepEqual(refused(await api.ask('POST', `${path}/actions`, own)), [400, 'next_pipeline_id'])
    const none = { ...next, next_pipeline_id: 4_000_000 }
    assert.deepEqual(refused(await api.ask('POST', `${path}/actions`, none)), [400, 'next_pipeline_id'])
    assert.deepEqual(refused(await api.ask('POST', `${path}/actions`, next)), [400, 'next_pipeline_name'])
  })

  test('has images with variables in them, and keeps a password where it was for', async () => {
    const path = await newPipeline()
    const src = { docker_registry: 'DOCKER_HUB', image: 'acme/app:$VERSION' }
    const dest = { docker_registry: 'OTHER', registry: '$HOST', image: 'app', tag: `v\${VERSION}` }
    const login = { username: 'ada', password: 'c4n4ry' }
    const body = await add(path, { ...ACTION, src, dest: { ...dest, ...login } })
    assert.deepEqual([body.src.image, body.dest.registry, body.dest.tag], [src.image, '$HOST', dest.tag])
    const patch = (more: object) =>
      api.ask('PATCH', `${path}/actions/${body.id}`, { dest: { ...dest, username: 'ada', ...more } })
    assert.equal((await patch({ tag: 'other' })).status, 200)
    assert.deepEqual(refused(await patch({ registry: '$OTHER' })), [400, 'dest.password'])
    assert.deepEqual(refused(await patch({ registry: 'evil.example' })), [400, 'dest.password'])
  })
})

describe('an execution', () => {
  /** One that waits, as a worker would have left it. */
  async function asking(type = 'WAIT_FOR_APPLY', more: object = {}) {
    const path = await newPipeline()
    const action = await add(path, { ...WAIT, type, ...more })
    const run = await api.ask('POST', `${path}/executions`)
    assert.equal(run.status, 200, run.text)
    const id = run.body.action_executions[0].action_execution_id as ActionExecutionId
    const { executions } = api.open.store
    const found = await executions.find(Number(path.split('/').at(-1)) as PipelineId, run.body.id)
    const at = new Date()
    const approval = { question: 'Ship?', plan: [], until: undefined, answer: undefined }
    const events: ExecutionEvent[] = [
      { kind: 'started', at },
      { kind: 'action-waits', id, at, approval },
      { kind: 'parked' },
    ]
    await executions.change(found?.id ?? assert.fail(), (execution) => events.reduce(advance, execution))
    const operate = (body: object, token = api.token) =>
      api.ask('PATCH', `${path}/executions/${run.body.id}`, body, { authorization: `Bearer ${token}` })
    return { path: `${path}/executions/${run.body.id}`, operate, action, id }
  }

  test('that waits says what for, and goes on when it is applied, saying by whom', async () => {
    const { path, operate, id } = await asking()
    const { body } = await api.ask('GET', path)
    assert.equal(body.status, 'WAITING_FOR_APPLY')
    const [asked] = body.action_executions
    assert.deepEqual(
      [asked.status, asked.question, asked.plan, asked.approver_id],
      ['WAITING_FOR_APPLY', 'Ship?', [], null],
    )
    assert.deepEqual(refused(await operate({ operation: 'APPLY', approve_action_id: '99' })), [
      400,
      'approve_action_id',
    ])
    const applied = await operate({ operation: 'APPLY', approve_action_id: id, comment: 'fine' })
    assert.deepEqual([applied.status, applied.body.status], [200, 'ENQUEUED'], applied.text)
    const [done] = applied.body.action_executions
    assert.deepEqual([done.status, done.approver_id, done.approval_comment], ['SUCCESSFUL', 1, 'fine'])
    assert.ok(done.approval_date)
    assert.equal((await operate({ operation: 'APPLY' })).status, 409)
  })

  test('is not applied by those who are denied', async () => {
    const { operate } = await asking('WAIT_FOR_APPLY', { permissions: { others: 'DENIED' } })
    assert.equal((await operate({ operation: 'APPLY' })).status, 403)
    const { operate: own } = await asking('WAIT_FOR_APPLY', { prevent_self_approval: true })
    assert.equal((await own({ operation: 'APPLY' })).status, 403)
  })

  test('that waits for variables takes them', async () => {
    const variables = [{ key: 'VERSION' }, { key: 'TOKEN', value: 'c4n4ry', encrypted: true }]
    const { path, operate, action } = await asking('WAIT_FOR_VARIABLES', { variables })
    assert.equal((await api.ask('GET', path)).body.status, 'WAITING_FOR_VARIABLES')
    const give = (values?: object[]) =>
      operate({ operation: 'APPLY_VARIABLES', approve_action_id: action.id, variables: values })
    assert.deepEqual(refused(await give()), [400, 'variables'])
    assert.deepEqual(refused(await give([])), [400, 'variables'])
    assert.deepEqual(refused(await give([{ key: 'VERSION', value: '1' }, { key: 'X' }])), [400, 'variables'])
    const { status, body, text } = await give([{ key: 'VERSION', value: '1.2' }])
    assert.equal(status, 200, text)
    assert.equal(text.includes('c4n4ry'), false)
    const [done] = body.action_executions
    assert.deepEqual(
      done.passed_variables.map(({ key, value, encrypted }: Record<string, unknown>) => [
        key,
        String(value).slice(0, 10),
        encrypted,
      ]),
      [
        ['VERSION', '1.2', false],
        ['TOKEN', '!encrypted', true],
      ],
    )
    assert.equal((await operate({ operation: 'APPLY_VARIABLES', variables: [] })).status, 409)
  })

  test('that is refused says who refused it, and why', async () => {
    const { operate } = await asking()
    const { body } = await operate({ operation: 'CANCEL', comment: 'no' })
    const [off] = body.action_executions
    assert.deepEqual([body.status, off.status], ['TERMINATED', 'TERMINATED'])
    assert.deepEqual([off.terminator_id, off.termination_comment], [1, 'no'])
    assert.ok(off.termination_date)
    assert.deepEqual((await operate({ operation: 'CANCEL' })).body, body)
  })

  test('waits for its time unless somebody is in a hurry', async () => {
    const path = await newPipeline()
    await add(path, ACTION)
    const delay_until = '2036-11-18T12:38:16.000Z'
    const { status, body } = await api.ask('POST', `${path}/executions`, { delay_until })
    assert.deepEqual([status, body.status, body.delay_until], [200, 'ENQUEUED', delay_until])
    const hurry = () => api.ask('PATCH', `${path}/executions/${body.id}`, { operation: 'RUN_DELAYED' })
    assert.deepEqual([(await hurry()).status, (await hurry()).status], [200, 409])
  })

  test('has settable variables set, and no others', async () => {
    const path = await newPipeline({
      variables: [
        { key: 'A', value: '1', settable: true },
        { key: 'B', value: '2' },
      ],
    })
    await add(path, ACTION)
    const { body } = await api.ask('POST', `${path}/executions`)
    const set = (variables: object[]) =>
      api.ask('PATCH', `${path}/executions/${body.id}`, { operation: 'SET_VARIABLES', variables })
    assert.equal((await set([{ key: 'A', value: '3' }])).status, 200)
    assert.deepEqual(refused(await set([{ key: 'B', value: '3' }])), [400, 'variables'])
  })
})

test('a plan says of each promotion by itself what is wrong with it', async () => {
  const path = await newPipeline()
  await add(path, ACTION)
  await add(path, { ...ACTION, src: { ...ACTION.src, image: 'acme/app:$NOBODY' } })
  const { status, body, text } = await api.ask('POST', `${path}/plan`)
  assert.equal(status, 200, text)
  assert.deepEqual(
    body.plan.map(({ error_code, error_side }: Record<string, string>) => [error_code, error_side]),
    [
      ['REGISTRY_UNAVAILABLE', 'source'],
      ['VARIABLE_UNDEFINED', 'source'],
    ],
  )
  const [first] = body.plan
  assert.deepEqual(
    [first.source, first.target],
    ['docker.io/acme/app:1', 'us-central1-docker.pkg.dev/p/r/app:prod'],
  )
  assert.equal((await api.ask('GET', `${path}/executions`)).body.total_element_count, 0)
})
