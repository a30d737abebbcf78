import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActionExecutionId, advance, type ExecutionId } from '#model'
import { type Answer, furnish, startApi, type TestApi } from './api.ts'

/** Runs the pipeline up to its question, as a worker would. Answers with the execution's number. */
async function ask(api: TestApi, pipeline: string): Promise<number> {
  const { body } = await api.ask('POST', `${pipeline}/executions`)
  const { store } = api.open
  const pipelineId = Number(pipeline.split('/').at(-1))
  const open = await store.executions.takeOpen(pipelineId as never)
  const id = open.at(-1) as ExecutionId
  const asked = body.action_executions[0].action_execution_id as ActionExecutionId
  const at = new Date()
  const approval = { question: 'Ship it?', plan: [], until: undefined, answer: undefined }
  await store.executions.change(id, (execution) =>
    [
      { kind: 'started', at } as const,
      { kind: 'action-started', id: asked, at } as const,
      { kind: 'action-waits', id: asked, at, approval } as const,
      { kind: 'parked' } as const,
    ].reduce(advance, execution),
  )
  return body.id
}

test('what waits in a workspace is listed for those who see it, and says who is asked', {
  timeout: 30_000,
}, async () => {
  await using api = await startApi()
  const pipeline = await furnish(api, 'acme')
  const other = await furnish(api, 'other')
  const owner = (await api.ask('GET', '/user')).body.id
  for (const [path, permissions] of [
    [pipeline, { others: 'ALLOWED', users: [{ id: owner, access_level: 'DENIED' }] }],
    [other, { others: 'ALLOWED' }],
  ] as const) {
    const action = { name: 'Ask', type: 'WAIT_FOR_APPLY', comment: 'Ship it?', permissions }
    assert.equal((await api.ask('POST', `${path}/actions`, action)).status, 200)
  }
  assert.deepEqual((await api.ask('GET', '/workspaces/acme/approvals')).body.approvals, [])
  const numbers = [await ask(api, pipeline), await ask(api, pipeline)]
  await ask(api, other)

  const { status, body } = await api.ask('GET', '/workspaces/acme/approvals')
  assert.equal(status, 200)
  assert.equal(body.html_url, 'http://127.0.0.1:7070/ui/acme/-/approvals')
  const shown = body.approvals.map((each: Answer['body']) => [
    each.execution.id,
    each.pipeline.name,
    each.project.name,
    each.action_execution.status,
    each.action_execution.question,
    each.may_answer,
  ])
  const asked = ['To production', 'shop', 'WAITING_FOR_APPLY', 'Ship it?', false]
  assert.deepEqual(
    shown,
    numbers.map((number) => [number, ...asked]),
  )
  const second = await api.ask('GET', '/workspaces/acme/approvals?page=2&per_page=1')
  assert.deepEqual(second.body.approvals, body.approvals.slice(1))
  assert.deepEqual((await api.ask('GET', '/workspaces/acme/approvals?page=3')).body.approvals, [])
  assert.equal((await api.ask('GET', '/workspaces/other/approvals')).body.approvals[0].may_answer, true)

  const added = await api.ask('POST', '/workspaces/acme/members', { email: 'ada@example.com' })
  const made = await api.ask('POST', `/workspaces/acme/members/${added.body.id}/tokens`, { name: 'a' })
  const authorization = `Bearer ${made.body.token}`
  const seen = async () =>
    (await api.ask('GET', '/workspaces/acme/approvals', undefined, { authorization })).body
  assert.deepEqual((await seen()).approvals, [], 'whoever is not in the project sees nothing')
  const { body: sets } = await api.ask('GET', '/workspaces/acme/permissions')
  for (const [type, mayAnswer] of [
    ['READ_ONLY', false],
    ['DEVELOPER', true],
  ] as const) {
    const id = sets.permission_sets.find((set: { type: string }) => set.type === type).id
    const join = { id: added.body.id, permission_set: { id } }
    await api.ask('DELETE', `/workspaces/acme/projects/shop/members/${added.body.id}`)
    assert.equal((await api.ask('POST', '/workspaces/acme/projects/shop/members', join)).status, 201)
    assert.deepEqual(
      (await seen()).approvals.map(({ may_answer }: { may_answer: boolean }) => may_answer),
      [mayAnswer, mayAnswer],
    )
  }

  const last = `${pipeline}/executions/${numbers[1]}`
  await api.ask('PATCH', last, { operation: 'CANCEL' })
  assert.equal((await api.ask('GET', '/workspaces/acme/approvals')).body.approvals.length, 1)
})
