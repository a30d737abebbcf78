import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Answer, furnish, startApi, type TestApi } from './api.ts'
import { bodiesFor } from './bodies.ts'
import { Everything } from './everything.ts'
import { breachesOf, type Description, type Place, partsOf, pathOf, placesIn } from './operations.ts'
import { anything, spoiled, valuesOf } from './values.ts'

const SEED = 20_261_124
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

let api: TestApi
let places: readonly Place[]
let description: Description
let there: Everything
let bodies: Readonly<Record<string, object>>
/** What the URLs that start the pipeline are known by. */
let triggerToken = ''
before(async () => {
  api = await startApi()
  const pipeline = (await furnish(api, 'acme')).split('/').at(-1) ?? ''
  there = await new Everything(api, { workspace: 'acme', project: 'shop', pipeline }).fill()
  bodies = bodiesFor(there.keys)
  description = (await api.ask('GET', '/openapi.json')).body
  places = placesIn(description)
})
after(() => api[Symbol.asyncDispose]())

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
  const named = description.components.schemas
  const schema = operation.requestBody?.content['application/json']?.schema
  const example = bodies[operation.operationId]
  const rarely = (values: readonly string[]) => maybe(12, fc.constantFrom(...values))
  const values =
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
    body: values,
    raw: schema === undefined ? fc.constant(undefined) : rarely(RAW),
    type: rarely(TYPES),
    key: rarely(HOSTILE),
    query: fc.record(Object.fromEntries(query)),
  })
  // Where more can be said, more is tried.
  const numRuns = schema !== undefined || example !== undefined ? 40 : query.length > 0 ? 20 : 8
  return fc.sample(request, { seed: SEED, numRuns })
}

async function send({ method, template }: Place, sent: Sent): Promise<Answer> {
  const parts = partsOf(template)
  const last = parts.at(-1)
  if (last !== undefined && method === 'DELETE') await there.renew(last)
  // A hostile one takes the place of any of them.
  const odd = sent.key === undefined ? undefined : parts[sent.key.length % parts.length]
  const path = pathOf(template, (name) =>
    name === odd ? String(sent.key) : (there.keys.get(name) ?? assert.fail(`no {${name}}`)),
  )
  const said = Object.entries(sent.query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString()
  const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body))
  const headers = sent.type === undefined ? {} : { 'content-type': sent.type }
  return api.ask(method, search === '' ? path : `${path}?${search}`, text, headers)
}

/** What of an answer is otherwise than was promised. */
function breaches({ operation }: Place, sent: Sent, answer: Answer): string[] {
  const isAsked = sent.raw === undefined && sent.type === undefined && sent.key === undefined
  const isNameless = answer.status === 400 && isAsked && !answer.body?.errors?.[0]?.field
  return [
    ...breachesOf(operation, answer, description),
    ...(isNameless ? [`${answer.text} names no field`] : []),
  ]
}

test('every operation keeps its word, whatever it is asked', { timeout: 300_000 }, async () => {
  const wrong: string[] = []
  const undone = new Set(places.map(({ operation }) => operation.operationId))
  let count = 0
  for (const place of places) {
    const { operationId } = place.operation
    const lasting = new Map(there.keys)
    // What is changed is not what others build on.
    const [last] = place.template.match(/\w+(?=\}[^{]*$)/) ?? []
    if (place.method === 'PATCH' && last !== undefined) await there.renew(last)
    if (operationId.startsWith('trigger')) triggerToken = await there.makeTriggers()
    const asked = requestsFor(place)
    // What only reads is asked all at once.
    const answers = place.method === 'GET' ? await Promise.all(asked.map((sent) => send(place, sent))) : []
    for (const [index, sent] of asked.entries()) {
      const answer = answers[index] ?? (await send(place, sent))
      count += 1
      if (answer.status < 300) undone.delete(operationId)
      for (const breach of breaches(place, sent, answer))
        wrong.push(`${operationId} ${JSON.stringify(sent).slice(0, 400)}: ${breach}`)
      // It is called something else from now on.
      if (operationId === 'editProject' && answer.status === 200) there.keys.set('project', answer.body.name)
    }
    for (const [name, key] of lasting) there.keys.set(name, key)
  }
  assert.deepEqual(wrong.slice(0, 20), [])
  assert.deepEqual([...undone], [], 'what was never done is not tried')
  assert.ok(count > 1_500)
})
