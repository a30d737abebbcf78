import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipeline: string
let pipelines: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

const NUL = 'a\0b'
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('what the database cannot keep', () => {
  test('a NUL in a text: 400 that names the field', async () => {
    const integration = { name: 'Odd', identifier: 'odd', type: 'GIT_HUB', token: 't' }
    const cases: [string, string, object, string][] = [
      ['POST', '/workspaces', { domain: 'odd', name: NUL }, 'name'],
      ['POST', '/workspaces/acme/projects', { display_name: NUL }, 'display_name'],
      ['POST', pipelines, { name: NUL }, 'name'],
      ['PATCH', pipeline, { disabled_reason: NUL }, 'disabled_reason'],
      ['PATCH', pipeline, { events: [{ type: NUL }] }, 'events.0.type'],
      ['POST', `${pipeline}/actions`, { ...ACTION, name: NUL }, 'name'],
      ['POST', `${pipeline}/actions`, { ...ACTION, src: { ...ACTION.src, image: NUL } }, 'src.image'],
      ['POST', `${pipeline}/executions`, { comment: NUL }, 'comment'],
      ['POST', '/workspaces/acme/integrations', { ...integration, token: NUL }, 'token'],
      ['POST', '/workspaces/acme/integrations', { ...integration, auth_type: NUL }, 'auth_type'],
      ['POST', '/user/tokens', { name: NUL }, 'name'],
    ]
    for (const [method, path, body, field] of cases) {
      const { status, text, body: answer } = await api.ask(method, path, body)
      assert.deepEqual([status, answer.errors[0].field], [400, field], `${method} ${path}: ${text}`)
    }
    const { status, body } = await api.ask('PATCH', pipeline, { variables: [{ [NUL]: 1 }] })
    assert.deepEqual([status, body.errors[0].field], [400, 'variables.0'])
  })

  test('a NUL in a query: 400 that names the field', async () => {
    for (const [query, field] of [
      ['sort_by=a%00', 'sort_by'],
      ['status=%00', 'status'],
      ['nobody_knows=%00', 'nobody_knows'],
    ] as const) {
      const { status, body } = await api.ask('GET', `/workspaces/acme/projects?${query}`)
      assert.deepEqual([status, body.errors[0].field], [400, field])
    }
  })

  test('a NUL in a path, and what is longer than any name: 404 as for any other', async () => {
    const nobody = await api.ask('GET', '/workspaces/nobody')
    const paths = [
      '/workspaces/a%00',
      '/workspaces/acme/projects/a%00',
      `${pipelines}/1%00`,
      '/workspaces/acme/integrations/a%00',
      '/user/tokens/a%00',
      `/workspaces/${'a'.repeat(400)}`,
    ]
    for (const path of paths) {
      const { status, text } = await api.ask('GET', path)
      assert.deepEqual([status, text], [404, nobody.text], path)
    }
  })

  test('what is nested without end: 400 that names the field, however deep', async () => {
    for (const depth of [70, 2_500, 3_500, 100_000]) {
      const body = `{"variables":[{"x":${nested(depth)}}],${JSON.stringify(ACTION).slice(1)}`
      const { status, body: answer } = await api.ask('POST', `${pipeline}/actions`, body)
      assert.deepEqual([status, answer.errors[0].field], [400, 'variables'], `${depth}`)
    }
    const fine = `{"variables":[{"key":"K","x":${nested(40)}}],${JSON.stringify(ACTION).slice(1)}`
    assert.equal((await api.ask('POST', `${pipeline}/actions`, fine)).status, 200)
  })
})
