import { createHash } from 'node:crypto'
import { hello, push } from '#support/images'
import { startRegistry } from '#support/registry'
import { ACTION, furnish, startApi } from './api.ts'
import { askedOf } from './description.ts'
import type { Description } from './operations.ts'

/** One request and its answer, as they were. */
export interface Exchange {
  readonly label: string
  /** Undefined: it is not described. */
  readonly operationId: string | undefined
  /** What stood in the path and the query, by name. */
  readonly parameters: Readonly<Record<string, string>>
  readonly sent: unknown
  readonly status: number
  /** What came, as a value or as a text. */
  readonly answer: unknown
}

/** What an operation is shown with. */
export interface Example {
  readonly parameters?: Readonly<Record<string, string>>
  readonly request?: unknown
  readonly response?: unknown
}

/** Goes through all operations of the API, in the order in which a person would come to them. */
export async function record(): Promise<{
  readonly description: Description
  readonly exchanges: readonly Exchange[]
}> {
  await using registry = await startRegistry()
  await push(registry.url, 'acme/app', '1', hello())
  const hosts = ['docker.io', 'us-central1-docker.pkg.dev', 'r.example']
  const endpoints = new Map(hosts.map((host) => [host, new URL(registry.url)]))
  await using api = await startApi({ publicUrl: 'https://tagboat.example' }, { endpoints })
  const pipeline = await furnish(api, 'acme')
  const description: Description = (await api.ask('GET', '/openapi.json')).body
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 })
  const exchanges: Exchange[] = []
  await walk(async (method, path, body) => {
    // A stream is for sockets.
    const { status, answer, text } = path.endsWith('/events')
      ? await listen(`${url}${path}`, api.token)
      : await api.ask(method, path, body).then((said) => ({ ...said, answer: said.body }))
    const { operation, parameters = {} } = askedOf(description.paths, method, path) ?? {}
    exchanges.push({
      ...{ label: `${method} ${path}`, operationId: operation?.operationId, parameters, sent: body, status },
      answer: answer ?? (text === '' ? undefined : text),
    })
    return answer
  }, pipeline)
  return { description, exchanges }
}

async function listen(url: string, token: string) {
  const said = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  return { status: said.status, answer: undefined, text: await said.text() }
}

/** The first that went well of each operation, with whatever differs from one time to the next made the same. */
export function examplesOf(exchanges: readonly Exchange[]): Readonly<Record<string, Example>> {
  const examples: Record<string, Example> = {}
  for (const { operationId, parameters, status, sent, answer } of exchanges) {
    if (operationId === undefined || operationId in examples || status >= 300) continue
    examples[operationId] = {
      ...(Object.keys(parameters).length > 0 && { parameters }),
      ...(sent !== undefined && { request: sent }),
      ...(answer !== undefined && { response: answer }),
    }
  }
  return JSON.parse(steady(JSON.stringify(examples)))
}

const RANDOM =
  /"(?:hash_id|token|totp|secret|totp_secret|signing_secret|action_execution_id)":"([\w+/=-]{16,})"|"id":"([\w-]{16,})"/g
const UUID = /^\w{8}-\w{4}-\w{4}-\w{4}-\w{12}$/

/** Dates, and what is made at random, are the same each time; everywhere, since one is part of another's address. */
function steady(text: string): string {
  const found = new Set([...text.matchAll(RANDOM)].map(([, one, other]) => one ?? other ?? ''))
  const dated = text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-01-15T09:30:00.000Z')
  return [...found].reduce((all, random, index) => all.replaceAll(random, likeness(random, index)), dated)
}

/** As long, of the same letters, and always the same. */
function likeness(random: string, index: number): string {
  const hash = createHash('sha256').update(`example ${index}`)
  const hex = hash.copy().digest('hex')
  if (UUID.test(random)) return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-4$3-8$4-$5')
  if (/^[0-9a-f]+$/.test(random)) return hex.slice(0, random.length)
  const [prefix = ''] = /^(?:tb_|whsec_)/.exec(random) ?? []
  return (
    prefix + hash.digest(prefix === 'whsec_' ? 'base64' : 'base64url').slice(0, random.length - prefix.length)
  )
}

// biome-ignore lint/suspicious/noExplicitAny: it looks into answers of every shape
type Ask = (method: string, path: string, body?: unknown) => Promise<any>

async function walk(ask: Ask, pipeline: string): Promise<void> {
  const { hash_id } = (await ask('GET', '/workspaces/acme/integrations')).integrations[0]
  const extra = await ask('POST', '/workspaces/acme/integrations', { name: 'X', type: 'GIT_HUB', token: 't' })
  await ask('GET', `/workspaces/acme/integrations/${hash_id}`)
  await ask('PATCH', `/workspaces/acme/integrations/${hash_id}`, { name: 'Y' })
  await ask('DELETE', `/workspaces/acme/integrations/${extra.hash_id}`)
  const slack = await ask('POST', '/workspaces/acme/integrations', { name: 'S', type: 'SLACK' })
  await ask('POST', `/workspaces/acme/integrations/${slack.hash_id}/test`, { image: 'acme/app' })

  const { id } = await ask('POST', `${pipeline}/actions`, ACTION)
  const action = `${pipeline}/actions/${id}`
  const login = {
    docker_registry: 'OTHER',
    registry: 'r.example',
    image: 'a:1',
    username: 'u',
    password: 'p',
  }
  await ask('PATCH', action, { dest: login, variables: [{ key: 'A', value: 'b' }], timeout: 5 })
  await ask('GET', action)
  await ask('GET', `${pipeline}/actions`)

  const trigger_conditions = [
    { trigger_condition: 'VAR_IS', trigger_variable_key: 'A', trigger_variable_value: 'b' },
    { trigger_condition: 'OR' },
    { trigger_condition: 'DATETIME', trigger_days: [1], trigger_hours: [24], zone_id: 'Europe/Warsaw' },
  ]
  const asks = {
    type: 'WAIT_FOR_APPLY',
    comment: '?',
    permissions: { users: [{ id: 1, access_level: 'DENIED' }] },
  }
  const waits = await ask('POST', `${pipeline}/actions`, { name: 'W', ...asks, trigger_conditions })
  const next = { type: 'RUN_NEXT_PIPELINE', next_pipeline_name: 'n', priority: 'LOW', revision: 'HEAD' }
  const nexts = await ask('POST', `${pipeline}/actions`, { name: 'N', ...next, disabled: true })
  await ask('PATCH', `${pipeline}/actions/${nexts.id}`, { comment: 'c' })

  await ask('GET', '/workspaces/acme/approvals')
  await ask('POST', `${pipeline}/plan`, { variables: [{ key: 'A', value: 'b' }] })
  const events = [{ type: 'WEBHOOK' }, { type: 'PUSH_IMAGE', images: ['**'] }]
  await ask('PATCH', pipeline, { events })
  const { token: triggerToken } = await ask('POST', `${pipeline}/trigger-key`)
  await ask('GET', `${pipeline}/trigger-webhook?token=${triggerToken}`)
  await ask('POST', `${pipeline}/trigger-webhook?token=${triggerToken}`, { comment: 'c' })
  const pushed = { docker_url: 'quay.io/acme/app', updated_tags: ['latest'] }
  await ask('POST', `${pipeline}/registry-webhook?token=${triggerToken}`, pushed)
  await ask('DELETE', `${pipeline}/trigger-key`)
  const run = await ask('POST', `${pipeline}/executions`, { comment: 'Release 1.2', priority: 'HIGH' })
  const execution = `${pipeline}/executions/${run.id}`
  const { action_execution_id } = run.action_executions[0]
  await ask('GET', `${execution}/action_executions/${action_execution_id}`)
  await ask('GET', `${execution}/action_executions/${action_execution_id}/logs`)
  await ask('GET', `${execution}/action/${id}`)
  await ask('PATCH', execution, { operation: 'CANCEL' })
  await ask('GET', execution)
  await ask('GET', `${execution}/events`)
  await ask('GET', `${pipeline}/executions`)
  await ask('GET', `${pipeline.slice(0, pipeline.indexOf('/pipelines/'))}/board`)
  await ask('POST', `${pipeline.slice(0, pipeline.indexOf('/pipelines/'))}/board/look`)
  await ask('GET', `${pipeline.slice(0, pipeline.indexOf('/pipelines/'))}/history?tag=a`)
  await ask('DELETE', action)
  await ask('DELETE', `${pipeline}/actions/${waits.id}`)

  const pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
  await ask('GET', pipelines)
  await ask('GET', pipeline)
  const refs = { refs: ['refs/heads/main'], git_config: { path: 'a' }, clone_depth: 1, folder: 'f' }
  const rules = { loop: ['A'], variables: [{ key: 'A', value: 'b' }], trigger_conditions, paused: true }
  await ask('PATCH', pipeline, { ...refs, ...rules, disabled: true, disabled_reason: 'r' })
  const other = await ask('POST', pipelines, { name: 'Other' })
  await ask('DELETE', `${pipelines}/${other.id}`)

  const set = { id: (await ask('GET', '/workspaces/acme/permissions')).permission_sets[0].id }
  const custom = await ask('POST', '/workspaces/acme/permissions', { name: 'Custom' })
  await ask('GET', `/workspaces/acme/permissions/${custom.id}`)
  await ask('PATCH', `/workspaces/acme/permissions/${custom.id}`, { pipeline_access_level: 'RUN_ONLY' })
  await ask('DELETE', `/workspaces/acme/permissions/${custom.id}`)
  const mate = await ask('POST', '/workspaces/acme/members', { email: 'ada@example.com' })
  const member = `/workspaces/acme/members/${mate.id}`
  await ask('GET', '/workspaces/acme/members')
  await ask('GET', member)
  await ask('PATCH', member, { admin: true })
  await ask('POST', `${member}/tokens`, { name: 'T' })
  const { id: groupId } = await ask('POST', '/workspaces/acme/groups', { name: 'G', description: 'd' })
  const group = `/workspaces/acme/groups/${groupId}`
  await ask('GET', '/workspaces/acme/groups')
  await ask('GET', group)
  await ask('PATCH', group, {
    auto_assign_to_new_projects: true,
    auto_assign_permission_set_id: set.id,
  })
  await ask('POST', `${group}/members`, { id: mate.id })
  await ask('GET', `${group}/members`)
  await ask('GET', `${group}/members/${mate.id}`)
  await ask('PATCH', `${group}/members/${mate.id}`, { status: 'MANAGER' })
  for (const [many, id] of [
    ['members', mate.id],
    ['groups', groupId],
  ]) {
    const team = `/workspaces/acme/projects/shop/${many}`
    await ask('POST', team, { id, permission_set: set })
    await ask('GET', team)
    await ask('GET', `${team}/${id}`)
    await ask('PATCH', `${team}/${id}`, { permission_set: set })
    await ask('DELETE', `${team}/${id}`)
  }
  await ask('DELETE', `${group}/members/${mate.id}`)
  await ask('DELETE', group)
  await ask('DELETE', member)
  await ask('GET', '/user')
  await ask('GET', '/user/integrations')
  await ask('GET', '/workspaces/acme/identifiers?project=shop')
  await ask('PATCH', '/user', { name: 'Ada' })

  const yaml = Buffer.from('- {pipeline: text, variables: [{key: A, value: b}]}').toString('base64')
  const applied = await ask('POST', `${pipelines}/yaml`, { yaml })
  await ask('POST', `${pipelines}/yaml/dry_run`, { yaml })
  await ask('POST', `${pipelines}/next_runs`, { cron: '* * * * *' })
  await ask('POST', `${pipelines}/${applied.id}/yaml/dry_run`, { yaml })
  await ask('PATCH', `${pipelines}/${applied.id}/yaml`, { yaml })
  await ask('GET', `${pipelines}/${applied.id}/yaml`)
  await ask('GET', `${pipelines}/yaml`)

  await ask('GET', '/workspaces/acme/projects')
  await ask('POST', '/workspaces/acme/projects', { display_name: 'Other' })
  await ask('GET', '/workspaces/acme/projects/other')
  await ask('PATCH', '/workspaces/acme/projects/other', { access: 'PUBLIC' })
  await ask('DELETE', '/workspaces/acme/projects/other')

  await ask('GET', '/workspaces')
  await ask('POST', '/workspaces', { domain: 'other' })
  await ask('GET', '/workspaces/other')
  await ask('PATCH', '/workspaces/other', { name: 'Other' })
  await ask('DELETE', '/workspaces/other')
  await ask('GET', '/workspaces/other')

  const key = { key: 'K', type: 'SSH_KEY', value: 'k', file_place: 'CONTAINER', project: { name: 'shop' } }
  const variable = await ask('POST', '/workspaces/acme/variables', key)
  await ask('GET', '/workspaces/acme/variables?projectName=shop')
  await ask('GET', `/workspaces/acme/variables/${variable.id}`)
  await ask('PATCH', `/workspaces/acme/variables/${variable.id}`, { description: 'd' })
  await ask('DELETE', `/workspaces/acme/variables/${variable.id}`)

  const webhook = await ask('POST', '/workspaces/acme/webhooks', {
    target_url: 'https://hook.example',
    events: ['PUSH'],
  })
  await ask('GET', '/workspaces/acme/webhooks')
  await ask('GET', `/workspaces/acme/webhooks/${webhook.id}`)
  await ask('PATCH', `/workspaces/acme/webhooks/${webhook.id}`, { signing_secret: webhook.signing_secret })
  await ask('DELETE', `/workspaces/acme/webhooks/${webhook.id}`)

  await ask('GET', '/user/token')
  const token = await ask('POST', '/user/tokens', { name: 'T', expires_in: 1 })
  await ask('GET', `/user/tokens/${token.id}`)
  await ask('GET', '/user/tokens')
  await ask('DELETE', `/user/tokens/${token.id}`)
  for (const path of ['/', '/health', '/ready']) await ask('GET', path)
}
