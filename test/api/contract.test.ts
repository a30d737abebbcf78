import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'
import { differences, type Operation, type Schema } from './description.ts'
import { anything, spoiled, valuesOf } from './values.ts'

const SEED = 20_261_124
const base64 = (text: string) => Buffer.from(text).toString('base64')
const TEXT = base64('- {pipeline: text, actions: [{action: a, type: WAIT_FOR_APPLY}]}')

/** Bodies that are taken, where a schema alone hardly ever makes one. */
const BODIES: Record<string, object> = {
  addAction: ACTION,
  editAction: ACTION,
  addWorkspace: { domain: 'other', name: 'Other' },
  addIntegration: {
    name: 'G',
    identifier: 'g',
    type: 'GIT_HUB',
    token: 't',
    scope: 'PROJECT',
    project_name: 'shop',
  },
  addToken: { name: 't', expires_in: 1, scopes: ['WORKSPACE'], workspace_restrictions: ['acme'] },
  addWebhook: { target_url: 'https://hook.example/x', events: ['PUSH'], projects: ['shop'] },
  editWebhook: { target_url: 'https://hook.example/y', events: ['EXECUTION_FAILED'] },
  operateExecution: { operation: 'CANCEL' },
  runPipeline: { comment: 'c', priority: 'HIGH' },
  triggerExecutionByPush: { push_data: { tag: '1' }, repository: { repo_name: 'acme/app' } },
  triggerPostExecution: { comment: 'c', VERSION: '1' },
  addVariable: { key: 'A', value: 'v', type: 'FILE', project: { name: 'shop' } },
  applyPipelines: { yaml: TEXT },
  tryPipelines: { yaml: TEXT },
  applyPipeline: { yaml: base64('- {pipeline: one}') },
  addMember: { email: 'grace@example.com' },
  addGroup: { name: 'Group', description: 'd' },
  addPermissionSet: { name: 'Set', pipeline_access_level: 'RUN_ONLY' },
  addMemberToken: { name: 't', expires_in: 1, scopes: ['WORKSPACE'] },
}
const WORDS = [
  'acme',
  'shop',
  'hub',
  'google',
  'acme/app:1',
  'latest',
  'us-central1-docker.pkg.dev',
  'u',
  'https://hook.example',
  'WORKSPACE',
  '2030-01-01T00:00:00Z',
  '* * * * *',
  'ada@example.com',
]
const QUERY_WORDS = ['1', '2', 'name', 'id', 'ASC', 'true', '']
const HOSTILE = [
  '0',
  '-1',
  '1e3',
  '999999999',
  '99999999999999999999',
  'a%00b',
  'a%2fb',
  '%0d%0aX:y',
  '%ff',
  'x'.repeat(290),
  '__proto__',
  'null',
  "'",
]
const RAW = [
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '{"name":"a","name":"b"}',
  '{"name":"\\ud800"}',
  '\ufeff{}',
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
]
const TYPES = [
  'text/plain',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'application/json, text/plain',
  'APPLICATION/JSON',
  'nonsense',
]

interface Place {
  readonly method: string
  readonly template: string
  readonly operation: Operation
}

let api: TestApi
let places: readonly Place[]
let named: Readonly<Record<string, Schema>>
/** What fills each part of a path now. */
const keys = new Map<string, string | number>()
before(async () => {
  api = await startApi()
  keys.set('pipeline', (await furnish(api, 'acme')).split('/').at(-1) ?? '')
  const { body } = await api.ask('GET', '/openapi.json')
  named = body.components.schemas
  places = Object.entries<Record<string, Operation>>(body.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      template,
      operation,
    })),
  )
  // A stream has no end while its execution has none.
  places = places.filter(({ operation }) => !operation.responses[200]?.content['text/event-stream'])
  keys.set('workspace', 'acme').set('project', 'shop')
  for (const name of Object.keys(makers)) if (!keys.has(name)) await renew(name)
  // Somebody who is in no group and no project, and a group that is in none.
  await renew('member')
  await renew('group')
  const [member, group] = [keys.get('member'), keys.get('group')]
  const permission_set = { id: keys.get('set') }
  Object.assign(BODIES, {
    addGroupMember: { id: member, status: 'MANAGER' },
    addProjectMember: { id: member, permission_set },
    addProjectGroup: { id: group, permission_set },
    editProjectMember: { permission_set },
    editProjectGroup: { permission_set },
  })
})
after(() => api[Symbol.asyncDispose]())

let made = 0
/** What the URLs that start the pipeline are known by. */
let triggerToken = ''

async function makeTriggers(): Promise<void> {
  const events = [{ type: 'WEBHOOK' }, { type: 'PUSH_IMAGE', images: ['docker.io/acme/*'] }]
  await api.ask('PATCH', own(), { events, disabled: false })
  triggerToken = (await api.ask('POST', `${own()}/trigger-key`)).body.token
}

const ACME = '/workspaces/acme'
const pipelines = `${ACME}/projects/shop/pipelines`
const own = () => `${pipelines}/${keys.get('pipeline')}`
/** How to make one more of what a part of a path names. */
const makers: Readonly<Record<string, () => Promise<Answer>>> = {
  workspace: () => api.ask('POST', '/workspaces', { domain: `w${made}` }),
  project: () => api.ask('POST', `${ACME}/projects`, { name: `p${made}` }),
  pipeline: () => api.ask('POST', pipelines, { name: `P${made}` }),
  action: () => api.ask('POST', `${own()}/actions`, ACTION),
  execution: () => api.ask('POST', `${own()}/executions`),
  integration: () =>
    api.ask('POST', `${ACME}/integrations`, { name: `I${made}`, type: 'GIT_HUB', token: 't' }),
  variable: () => api.ask('POST', `${ACME}/variables`, { key: `K${made}`, value: 'v' }),
  webhook: () => api.ask('POST', `${ACME}/webhooks`, BODIES.addWebhook),
  token: () => api.ask('POST', '/user/tokens', { name: 't' }),
  member: () => api.ask('POST', `${ACME}/members`, { email: `m${made}@example.com` }),
  group: () => api.ask('POST', `${ACME}/groups`, { name: `G${made}` }),
  set: () => api.ask('POST', `${ACME}/permissions`, { name: `S${made}` }),
  groupMember: () => join('member', `${ACME}/groups/${keys.get('group')}/members`),
  projectMember: () => join('member', `${ACME}/projects/${keys.get('project')}/members`),
  projectGroup: () => join('group', `${ACME}/projects/${keys.get('project')}/groups`),
}

/** Makes one more, for the requests to come. */
async function renew(name: string): Promise<void> {
  made += 1
  const answer = await (makers[name] ?? assert.fail(`nobody makes {${name}}`))()
  assert.ok(answer.status < 300, `${name}: ${answer.text}`)
  const { domain, hash_id, id, name: own_name } = answer.body
  keys.set(name, domain ?? hash_id ?? (name === 'project' ? own_name : id))
  const [run] = answer.body.action_executions ?? []
  if (run !== undefined) keys.set('actionExecution', run.action_execution_id)
}

/** Makes one, and puts it where the path says. */
async function join(noun: 'member' | 'group', path: string): Promise<Answer> {
  const before = keys.get(noun)
  await renew(noun)
  const body = { id: keys.get(noun), permission_set: { id: keys.get('set') } }
  if (before !== undefined) keys.set(noun, before)
  return api.ask('POST', path, body)
}

/** How one request differs from what its operation would have. */
interface Sent {
  readonly body: unknown
  readonly raw: string | undefined
  readonly type: string | undefined
  readonly key: string | undefined
  readonly query: Readonly<Record<string, unknown>>
}

/** Undefined so many times as often as the value. */
function maybe<T>(weight: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary: fc.constant(undefined) }, value)
}

function requestsFor({ operation }: Place): Sent[] {
  const schema = operation.requestBody?.content['application/json']?.schema
  const example = BODIES[operation.operationId]
  const rarely = (values: readonly string[]) => maybe(12, fc.constantFrom(...values))
  const bodies =
    schema === undefined && example === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          ...(schema === undefined
            ? []
            : [
                { weight: 3, arbitrary: valuesOf(schema, named, WORDS) },
                { weight: 2, arbitrary: valuesOf(schema, named, WORDS).chain(spoiled) },
              ]),
          ...(example === undefined
            ? []
            : [
                { weight: 2, arbitrary: fc.constant(example) },
                { weight: 5, arbitrary: spoiled(example) },
              ]),
          anything,
        )
  const odd = fc.constantFrom('-1', '0', 'x', '1e9', '\0', '999999999999')
  const query = (operation.parameters ?? [])
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) => {
      // Without its token a URL leads nowhere.
      if (name === 'token')
        return [name, fc.oneof({ weight: 5, arbitrary: fc.constant(triggerToken) }, odd)] as const
      const fitting = valuesOf(schema, named, QUERY_WORDS)
      return [name, maybe(3, fc.oneof({ weight: 3, arbitrary: fitting }, odd))] as const
    })
  const request = fc.record({
    body: bodies,
    raw: schema === undefined ? fc.constant(undefined) : rarely(RAW),
    type: rarely(TYPES),
    key: rarely(HOSTILE),
    query: fc.record(Object.fromEntries(query)),
  })
  // Where more can be said, more is tried.
  const numRuns = schema !== undefined || example !== undefined ? 60 : query.length > 0 ? 30 : 8
  return fc.sample(request, { seed: SEED, numRuns })
}

async function send({ method, template }: Place, sent: Sent): Promise<Answer> {
  const parts = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const last = parts.at(-1)
  if (last !== undefined && method === 'DELETE') await renew(last)
  // A hostile one takes the place of any of them.
  const odd = sent.key === undefined ? undefined : parts[sent.key.length % parts.length]
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === odd ? String(sent.key) : encodeURIComponent(keys.get(name) ?? assert.fail(`no {${name}}`)),
  )
  const said = Object.entries(sent.query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString()
  const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body))
  const headers = sent.type === undefined ? {} : { 'content-type': sent.type }
  return api.ask(method, search === '' ? path : `${path}?${search}`, text, headers)
}

/** What of an answer is otherwise than was promised. */
function breaches({ operation }: Place, sent: Sent, answer: Answer, sentAt: number): string[] {
  const { status, headers, body, text } = answer
  if (status >= 500) return [`${status} ${text}`]
  const described = operation.responses[status] ?? operation.responses[`${String(status)[0]}XX`]
  if (described === undefined) return [`${status} is not described`]
  const { schema } = described.content?.['application/json'] ?? {}
  const wrong = schema === undefined || body === undefined ? [] : differences(body, schema, named)
  if (Number(headers['x-rate-limit-reset']) * 1000 <= sentAt) wrong.push('the reset is over')
  if (status < 400) return wrong
  const [error] = body?.errors ?? []
  if (headers['content-type'] !== 'application/json') wrong.push(`it is ${headers['content-type']}`)
  if (!/^[A-Z_]+$/.test(error?.code) || !error?.message) wrong.push(`${text} is no error of ours`)
  const isAsked = sent.raw === undefined && sent.type === undefined && sent.key === undefined
  if (status === 400 && isAsked && !error?.field) wrong.push(`${text} names no field`)
  return wrong
}

test('every operation keeps its word, whatever it is asked', { timeout: 300_000 }, async () => {
  const wrong: string[] = []
  const undone = new Set(places.map(({ operation }) => operation.operationId))
  let count = 0
  for (const place of places) {
    const { operationId } = place.operation
    const lasting = new Map(keys)
    // What is changed is not what others build on.
    const [last] = place.template.match(/\w+(?=\}[^{]*$)/) ?? []
    if (place.method === 'PATCH' && last !== undefined) await renew(last)
    if (operationId.startsWith('trigger')) await makeTriggers()
    for (const sent of requestsFor(place)) {
      const sentAt = Date.now()
      const answer = await send(place, sent)
      count += 1
      if (answer.status < 300) undone.delete(operationId)
      for (const breach of breaches(place, sent, answer, sentAt))
        wrong.push(`${operationId} ${JSON.stringify(sent).slice(0, 400)}: ${breach}`)
      // It is called something else from now on.
      if (operationId === 'editProject' && answer.status === 200) keys.set('project', answer.body.name)
    }
    for (const [name, key] of lasting) keys.set(name, key)
  }
  assert.deepEqual(wrong.slice(0, 20), [])
  assert.deepEqual([...undone], [], 'what was never done is not tried')
  assert.ok(count > 1_500)
})
