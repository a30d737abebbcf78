import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTION, furnish, startApi } from './api.ts'
import { differences, type Operation, operationOf } from './description.ts'

test('every answer is described, member by member', { timeout: 120_000 }, async () => {
  await using api = await startApi()
  const pipeline = await furnish(api, 'acme')
  const { body: description } = await api.ask('GET', '/openapi.json')
  const wrong: string[] = []
  const seen = new Set<string>()

  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await api.ask(method, path, body)
    const operation = operationOf(description.paths, method, path.replace(/\?.*/, ''))
    assert.ok(operation, `${method} ${path} is described`)
    seen.add(operation.operationId)
    const described = operation.responses[answer.status] ?? operation.responses['4XX']
    assert.ok(described, `${method} ${path}: ${answer.status} ${answer.text}`)
    if (answer.body !== undefined) {
      const { schema } = described.content['application/json']
      wrong.push(
        ...differences(answer.body, schema, description.components.schemas).map(
          (what) => `${operation.operationId}: ${what}`,
        ),
      )
    }
    return answer.body
  }

  const { hash_id } = (await ask('GET', '/workspaces/acme/integrations')).integrations[0]
  const extra = await ask('POST', '/workspaces/acme/integrations', { name: 'X', type: 'GIT_HUB', token: 't' })
  await ask('GET', `/workspaces/acme/integrations/${hash_id}`)
  await ask('PATCH', `/workspaces/acme/integrations/${hash_id}`, { name: 'Y' })
  await ask('DELETE', `/workspaces/acme/integrations/${extra.hash_id}`)
  const slack = await ask('POST', '/workspaces/acme/integrations', { name: 'S', type: 'SLACK' })
  await ask('POST', `/workspaces/acme/integrations/${slack.hash_id}/test`)

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
  const heard = await ask('POST', `${pipeline}/registry-webhook?token=${triggerToken}`, pushed)
  assert.equal(heard.executions.length, 1)
  await ask('DELETE', `${pipeline}/trigger-key`)
  const run = await ask('POST', `${pipeline}/executions`)
  const execution = `${pipeline}/executions/${run.id}`
  const { action_execution_id } = run.action_executions[0]
  await ask('GET', `${execution}/action_executions/${action_execution_id}`)
  await ask('GET', `${execution}/action_executions/${action_execution_id}/logs`)
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

  assert.deepEqual([...new Set(wrong)], [])
  const all = Object.values<Record<string, Operation>>(description.paths).flatMap((path) =>
    Object.values(path),
  )
  assert.deepEqual(
    all.map(({ operationId }) => operationId).filter((operationId) => !seen.has(operationId)),
    [],
  )
})
