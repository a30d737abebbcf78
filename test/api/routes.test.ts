import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { furnish, startApi, type TestApi } from './api.ts'

interface Operation {
  readonly method: string
  readonly template: string
  readonly open: boolean
}

let api: TestApi
let pipeline: string
let operations: readonly Operation[]
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  const { body } = await api.ask('GET', '/openapi.json')
  operations = Object.entries<Record<string, { security?: [] }>>(body.paths).flatMap(([template, path]) =>
    Object.entries(path).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      template,
      open: security?.length === 0,
    })),
  )
})
after(() => api[Symbol.asyncDispose]())

/** A path that leads to what is there, as far as it is there. */
function pathOf(template: string): string {
  const [, , workspace, , project, , number] = pipeline.split('/')
  const known: Record<string, string | undefined> = { workspace, project, pipeline: number }
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '1')
}

async function everything(): Promise<string> {
  const paths = [
    '/workspaces',
    '/workspaces/acme/integrations',
    '/workspaces/acme/projects',
    '/workspaces/acme/webhooks',
    pipeline,
  ]
  const answers = await Promise.all(paths.map((path) => api.ask('GET', path)))
  return answers.map(({ status, text }) => `${status} ${text}`).join('\n')
}

describe('every operation that is described', () => {
  test('is closed to all without a token, but what says how the service is', async () => {
    const open = operations.filter((operation) => operation.open).map(({ template }) => template)
    const pipeline = '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}'
    // These ask for a key of their own.
    const keyed = ['registry-webhook', 'trigger-webhook', 'trigger-webhook'].map(
      (end) => `${pipeline}/${end}`,
    )
    assert.deepEqual(open.toSorted(), ['/', '/health', '/ready', ...keyed])
    assert.ok(operations.length > 35)
  })

  test('asks who it is before anything else: 401, and nothing changed', async () => {
    const before = await everything()
    for (const { method, template } of operations.filter(({ open }) => !open)) {
      for (const authorization of ['', 'Bearer tb_wrong']) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : '{"broken'
        const answer = await api.ask(method, pathOf(template), body, { authorization })
        assert.equal(answer.status, 401, `${method} ${template}: ${answer.text}`)
        assert.equal(answer.headers['content-type'], 'application/json')
        assert.ok(Number(answer.headers['x-rate-limit-reset']) * 1000 > Date.now())
      }
    }
    assert.equal(await everything(), before)
  })

  test('asks for a scope: 403 that names those that would do, and nothing changed', async () => {
    const before = await everything()
    const authorization = `Bearer ${await api.tokenFor([])}`
    for (const { method, template } of operations.filter(({ open }) => !open)) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {}
      const answer = await api.ask(method, pathOf(template), body, { authorization })
      assert.equal(answer.status, 403, `${method} ${template}: ${answer.text}`)
      assert.equal(answer.headers['x-0auth-scopes'], '')
      assert.ok(String(answer.headers['x-accepted-0auth-scopes']).length > 0)
    }
    assert.equal(await everything(), before)
  })

  test('changes nothing for a token that may only read', async () => {
    const before = await everything()
    const reading = [
      'WORKSPACE',
      'PROJECT_READ',
      'EXECUTION_INFO',
      'INTEGRATION_INFO',
      'WEBHOOK_INFO',
      'TOKEN_INFO',
    ]
    const authorization = `Bearer ${await api.tokenFor(reading)}`
    // WORKSPACE lets projects be made and people let in, as Buddy's does; a calendar may be asked for by whoever reads.
    const writing = operations.filter(
      ({ method, template, open }) =>
        !open &&
        method !== 'GET' &&
        !/\/(projects|members|groups|permissions|next_runs)(\/\{\w+\})?$/.test(template),
    )
    assert.ok(writing.length > 12)
    for (const { method, template } of writing) {
      const answer = await api.ask(method, pathOf(template), method === 'DELETE' ? undefined : {}, {
        authorization,
      })
      assert.equal(answer.status, 403, `${method} ${template}: ${answer.text}`)
    }
    assert.equal(await everything(), before)
  })
})
