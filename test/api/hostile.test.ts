import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
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
    const fine = `{"variables":[{"x":${nested(40)}}],${JSON.stringify(ACTION).slice(1)}`
    assert.equal((await api.ask('POST', `${pipeline}/actions`, fine)).status, 200)
  })
})

describe('any JSON whatever', () => {
  const awkward = [
    NUL,
    '',
    ' ',
    '\ud800',
    '__proto__',
    'constructor',
    'x'.repeat(5_000),
    -1,
    0.5,
    1e300,
    2 ** 53,
  ]
  const values = fc.oneof(
    fc.constantFrom<unknown>(...awkward, [], {}, [null], [NUL]),
    fc.jsonValue({ maxDepth: 3 }),
  )
  // Bodies that are nearly right get further than those that are not.
  const spoilt = (body: object) =>
    fc.tuple(fc.constantFrom(...pathsOf(body)), values).map(([path, value]) => replaced(body, path, value))

  test('is answered below 500 by all that takes a body', async () => {
    const { body: action } = await api.ask('POST', `${pipeline}/actions`, ACTION)
    const { body: integrations } = await api.ask('GET', '/workspaces/acme/integrations')
    const image = { ...ACTION.dest, tag: 'prod', region: 'r', username: 'u', login: 'u', password: 'p' }
    const whole = {
      ...ACTION,
      trigger_time: 'ON_SUCCESS',
      same_location: true,
      dest: image,
      after_action_id: 0,
    }
    const integration = { name: 'N', identifier: 'n', type: 'AMAZON', scope: 'PROJECT', project_name: 'shop' }
    const targets: [string, string, object][] = [
      ['POST', `${pipeline}/actions`, whole],
      ['PATCH', `${pipeline}/actions/${action.id}`, whole],
      ['POST', pipelines, { name: 'P', identifier: 'p', priority: 'LOW', refs: ['a'], permissions: {} }],
      ['PATCH', pipeline, { name: 'P', disabled: false, disabled_reason: 'r', clone_depth: 1 }],
      ['POST', '/workspaces/acme/integrations', { ...integration, access_key: 'a', secret_key: 'b' }],
      ['PATCH', `/workspaces/acme/integrations/${integrations.integrations[0].hash_id}`, integration],
      ['POST', '/workspaces/acme/projects', { display_name: 'D', name: 'd', access: 'PRIVATE' }],
      ['PATCH', '/workspaces/acme', { name: 'A' }],
      ['POST', '/workspaces', { domain: 'd', name: 'D' }],
      [
        'POST',
        `${pipeline}/executions`,
        { comment: 'c', priority: 'LOW', actions_to_run: [1], variables: [] },
      ],
      ['PATCH', `${pipeline}/executions/1`, { operation: 'CANCEL' }],
      ['POST', '/user/tokens', { name: 't', expires_at: '2099-01-01', scopes: ['WORKSPACE'] }],
    ]
    for (const [method, path, body] of targets) {
      const bodies = fc.oneof({ weight: 4, arbitrary: spoilt(body) }, fc.jsonValue())
      await fc.assert(
        fc.asyncProperty(bodies, async (given) => {
          const { status, text, body: answer } = await api.ask(method, path, JSON.stringify(given))
          assert.ok(status < 500, `${method} ${path} ${JSON.stringify(given)}: ${status} ${text}`)
          if (status === 400) assert.equal(typeof answer.errors[0].message, 'string')
        }),
        { numRuns: 60 },
      )
    }
    assert.equal((await api.ask('GET', `${pipeline}/actions`)).status, 200)
  })
})

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))
  return path.length === 0 ? below : [path, ...below]
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by
  const member = (value as Record<string, unknown>)[name]
  const changed = replaced(member, rest, by)
  if (Array.isArray(value)) return value.with(Number(name), changed)
  return { ...(value as object), [name]: changed }
}
