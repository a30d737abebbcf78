import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, furnish, startApi, type TestApi } from './api.ts'
import { base64, bodiesFor } from './bodies.ts'
import type { Schema } from './description.ts'
import { Dump } from './dump.ts'
import { Everything } from './everything.ts'
import {
  breachesOf,
  type Description,
  errorBreachesOf,
  type Place,
  partsOf,
  pathOf,
  placesIn,
} from './operations.ts'

let api: TestApi
let there: Everything
let database: Dump
let description: Description
let places: readonly Place[]
before(async () => {
  api = await startApi()
  const pipeline = (await furnish(api, 'acme')).split('/').at(-1) ?? ''
  there = await new Everything(api, { workspace: 'acme', project: 'shop', pipeline }).fill()
  database = await Dump.open(api.open.url)
  description = (await api.ask('GET', '/openapi.json')).body
  places = placesIn(description)
})
after(async () => {
  await database[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

/** One request, and what is wrong with an answer to it. */
interface Try {
  readonly place: Place
  readonly path?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly wrong: (answer: Answer) => readonly string[]
}

const keyOf = (name: string) => there.keys.get(name) ?? assert.fail(`no {${name}}`)
const usual = ({ template }: Place) => pathOf(template, keyOf)
const bodyOf = ({ operation }: Place) => bodiesFor(there.keys)[operation.operationId] ?? {}
/** Those that take JSON, with the schema of it. */
const taking = (): readonly (Place & { readonly schema: Schema })[] =>
  places.flatMap((place) => {
    const { schema } = place.operation.requestBody?.content['application/json'] ?? {}
    return schema === undefined ? [] : [{ ...place, schema: resolved(schema) }]
  })

function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  return description.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {}
}

let turn = 0

/** The next so many of these: each of them has its turn, though not everywhere. */
function some<T>(values: readonly T[], count: number): readonly T[] {
  turn += count
  const chosen = Array.from({ length: count }, (_, index) => (turn + index) % values.length)
  return values.length <= count ? values : chosen.map((index) => values[index] as T)
}

/** Several at once: none is to change what another sees. */
async function tryAll(tries: readonly Try[]): Promise<void> {
  const wrong: string[] = []
  const left = tries.values()
  const lane = async () => {
    for (const { place, path = usual(place), body, headers, wrong: judge } of left) {
      const answer = await api.ask(place.method, path, body, headers)
      const found = answer.status >= 500 ? [`${answer.status} ${answer.text}`] : judge(answer)
      const shown = `${place.method} ${path} ${JSON.stringify(body)} ${JSON.stringify(headers)}`.slice(0, 300)
      wrong.push(...found.map((what) => `${shown}: ${what}`))
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  assert.deepEqual(wrong.slice(0, 20), [])
}

/** The same, of what is refused: not a row is another one afterwards. */
async function refuseAll(tries: readonly Try[]): Promise<void> {
  assert.ok(tries.length > 20, `${tries.length}`)
  const before = await database.read()
  await tryAll(tries)
  assert.deepEqual(await database.read(), before)
}

/** A refusal with this status, and of this field or of what it is in. */
function refused(status: number, field?: string): Try['wrong'] {
  return (answer) => {
    const { field: said = '' } = answer.body?.errors?.[0] ?? {}
    const isNamed = field === undefined || said.split('.')[0] === field.split('.')[0]
    if (answer.status === status && isNamed) return errorBreachesOf(answer)
    return [`${status} ${field} was expected: ${answer.status} ${answer.text.slice(0, 300)}`]
  }
}

describe('every route', () => {
  const PARTS = [
    ...['%2e%2e%2f', 'a%2fb', '%2f', '%5c..%5c', '%0d%0aSet-Cookie:%20a=b', 'a%00', '%00', '%20', '%ff'],
    ...['%ed%a0%80', '%f0%9f%92%a9', '__proto__', 'constructor', 'null', 'undefined', "'%20or%201=1--", '*'],
    ...['0', '-1', '01', '+1', '1e1', '1.0', '0x1', '%EF%BC%91', '999999999999999999999', 'x'.repeat(299)],
  ]
  const isUnknown: Try['wrong'] = (answer) =>
    [400, 404].includes(answer.status) ? errorBreachesOf(answer) : [`${answer.status} ${answer.text}`]

  test('finds nothing by a path that was tampered with, in any of its parts', async () => {
    await refuseAll(
      places.flatMap((place) =>
        partsOf(place.template).flatMap((part) =>
          some(PARTS, 6).map((odd) => ({
            place,
            path: pathOf(place.template, (name) => (name === part ? odd : keyOf(name))),
            ...(['POST', 'PATCH'].includes(place.method) && { body: bodyOf(place) }),
            wrong: isUnknown,
          })),
        ),
      ),
    )
  })

  test('answers a method that it does not have as one that is not there, or not allowed', async () => {
    const methods = Map.groupBy(places, ({ template }) => template)
    await refuseAll(
      [...methods].flatMap(([, known]) => {
        const [place] = known as [Place]
        const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
          (method) => !known.some((one) => one.method === method),
        )
        return others.map((method) => ({
          place: { ...place, method },
          body: method === 'GET' || method === 'OPTIONS' ? undefined : {},
          wrong: (answer: Answer) =>
            [404, 405].includes(answer.status)
              ? errorBreachesOf(answer)
              : [`${answer.status} ${answer.text}`],
        }))
      }),
    )
  })

  test('says to HEAD what it says to GET, and takes no notice of a body there', async () => {
    for (const place of places.filter(({ method }) => method === 'GET')) {
      if (/webhook$/.test(place.template)) continue
      const plain = await api.ask('GET', usual(place))
      for (const body of ['null', '{', '{"__proto__":{"polluted":true}}']) {
        const answer = await api.ask('GET', usual(place), body)
        assert.deepEqual([answer.status, answer.text], [plain.status, plain.text], usual(place))
      }
      const head = await api.ask('HEAD', usual(place))
      const { 'content-type': type, 'content-length': length } = plain.headers
      assert.deepEqual(
        [head.status, head.text, head.headers['content-type'], head.headers['content-length']],
        [plain.status, '', type, length],
        usual(place),
      )
    }
  })

  test('takes what it can of a query, and names what it cannot', async () => {
    const values = [
      ...['-1', '0', 'x', '1.5', '1e9', '99999999999999999999', '%00', '%0d%0aX:%20y', '%ff', '%ed%a0%80'],
      ...['', 'x'.repeat(5000), '__proto__', '%5B%5D', '2147483648', '9007199254740993'],
    ]
    await tryAll(
      places
        .filter(({ template }) => !/webhook$/.test(template))
        .flatMap((place) =>
          (place.operation.parameters ?? [])
            .filter((one) => one.in === 'query')
            .flatMap(({ name }) =>
              [...values.map((value) => `${name}=${value}`), `${name}=1&${name}=2`, `${name}[a]=1`].map(
                (query) => ({
                  place,
                  path: `${usual(place)}?${query}`,
                  wrong: (answer: Answer) => {
                    const { field } = answer.body?.errors?.[0] ?? {}
                    const isNamed = place.operation.parameters?.some((one) => one.name === field)
                    return [
                      ...breachesOf(place.operation, answer, description),
                      ...(answer.status === 400 && !isNamed ? [`${answer.text} names none of it`] : []),
                    ]
                  },
                }),
              ),
            ),
        ),
    )
  })
})

describe('every body', () => {
  test('is JSON, and says so', async () => {
    const types = [
      ...['text/plain', 'text/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a'],
      ...['application/json, text/plain', 'application/jsonp', 'application/json-patch+json', 'nonsense', ''],
      ...['application/xml', '*/*', 'application/json/x', 'application/ json'],
    ]
    await refuseAll(
      taking().flatMap((place) =>
        types.map((type) => ({
          place,
          body: bodyOf(place),
          headers: { 'content-type': type },
          wrong: refused(415),
        })),
      ),
    )
  })

  test('is one that can be read, and has each of its members once', async () => {
    const broken = [
      '{',
      '}',
      '[]',
      '"x"',
      '1',
      'true',
      '[{}]',
      '{"a":1,}',
      "{'a':1}",
      'NaN',
      '{}{}',
      '\ufeff{}',
    ]
    await refuseAll(
      taking().flatMap((place) => {
        const text = JSON.stringify(bodyOf(place))
        const [name = 'x'] = Object.keys(bodyOf(place))
        const again = text === '{}' ? '{"x":1,"x":2}' : `${text.slice(0, -1)},${text.slice(1)}`
        const escaped = `{"x":{"y":[{"a\\u0062":1,"ab":1}]},${text.slice(1)}`.replace(',}', '}')
        return [
          ...broken.map((body) => ({ place, body, wrong: refused(400, 'body') })),
          { place, body: again, wrong: refused(400, name) },
          { place, body: escaped, wrong: refused(400, 'x') },
        ]
      }),
    )
  })

  test('is of 1 MiB at most', async () => {
    await refuseAll(
      taking().map((place) => ({
        place,
        body: { ...bodyOf(place), filler: 'x'.repeat(1024 * 1024) },
        wrong: refused(413),
      })),
    )
  })

  test('is what its schema says in every place, however deep: otherwise 400 that names the place', async () => {
    const tries = taking().flatMap((place) =>
      leavesOf(place.schema).flatMap(([path, schema]) =>
        some(unfitFor(schema), 2).map((value) => ({
          place,
          body: withMember(bodyOf(place), path, value),
          wrong: refused(400, path.join('.')),
        })),
      ),
    )
    assert.ok(tries.length > 1_000, `${tries.length}`)
    await refuseAll(tries)
  })

  test('gives nobody what only the service gives, and pollutes nothing', { timeout: 120_000 }, async () => {
    const lasting = new Map(there.keys)
    for (const place of taking()) {
      for (const [name, key] of lasting) there.keys.set(name, key)
      const { operation, method, template } = place
      const [last] = /\w+(?=\}[^{]*$)/.exec(template) ?? []
      const made = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1]
      const shown = resolved(made?.content?.['application/json']?.schema ?? {}).properties ?? {}
      const sent = place.schema.properties ?? {}
      const given = Object.entries(shown).filter(([name]) => !Object.hasOwn(sent, name))
      const once = async (more: (body: object) => object): Promise<Answer> => {
        // One of its own, for each.
        if (method === 'PATCH' && last !== undefined) await there.renew(last)
        if (/^add(?:Project|Group)(?:Member|Group)$/.test(operation.operationId))
          for (const noun of ['member', 'group']) await there.renew(noun)
        return api.ask(method, usual(place), more(unique(bodyOf(place))))
      }
      const plain = await once((body) => body)
      const extra = Object.fromEntries([
        ...[
          'ownerId',
          'workspaceId',
          'workspace_id',
          'creatorId',
          'personId',
          'createdAt',
          'hash',
          'sealed',
        ].map((name) => [name, CANARY] as const),
        ...given.map(([name, schema]) => [name, canaryFor(schema, plain.body?.[name])] as const),
        ['__proto__', { polluted: true, admin: true }],
        ['constructor', { prototype: { polluted: true } }],
        [CANARY, CANARY],
      ])
      const answer = await once((body) => everywhere(body, place.schema, extra))
      const label = `${operation.operationId}: ${answer.text.slice(0, 300)}`
      assert.equal(answer.status, plain.status, label)
      assert.ok(answer.status < 300 || operation.operationId === 'operateExecution', label)
      assert.equal(answer.text.includes(CANARY), false, label)
      for (const [name] of given) {
        const value = plain.body?.[name]
        if (typeof value === 'boolean' || value === null)
          assert.equal(answer.body[name], value, `${name} of ${label}`)
      }
    }
    assert.equal(
      Object.values(await database.read())
        .join()
        .includes(CANARY),
      false,
    )
    assert.equal(({} as { readonly polluted?: unknown }).polluted, undefined)
  })
})

const CANARY = 'mass-canary'
let uniques = 0

/** The same, under a name that nothing has yet. */
function unique(body: { readonly yaml?: string }): object {
  uniques += 1
  const names = ['domain', 'email', 'key', 'name', 'identifier', 'display_name']
  const renamed = Object.entries(body).filter(([name]) => names.includes(name))
  const text = body.yaml && Buffer.from(body.yaml, 'base64').toString()
  return {
    ...body,
    ...Object.fromEntries(renamed.map(([name, before]) => [name, `u${uniques}${before}`])),
    ...(text && { yaml: base64(text.replace('{pipeline: ', `{pipeline: u${uniques}`)) }),
  }
}

function canaryFor({ type }: Schema, plain: unknown): unknown {
  if (typeof plain === 'boolean') return !plain
  if (type === 'array') return [CANARY]
  return type === 'object' ? { [CANARY]: CANARY } : CANARY
}

/** The body with more in it, and in all that is in it but for what is kept as it comes. */
function everywhere(value: unknown, schema: Schema, extra: object): object {
  const { items, properties = {}, additionalProperties } = resolved(schema)
  if (Array.isArray(value)) return value.map((one) => everywhere(one, items ?? {}, extra))
  if (typeof value !== 'object' || value === null || additionalProperties) return value as object
  const members = Object.entries(value).map(([name, one]) => [
    name,
    everywhere(one, properties[name] ?? {}, extra),
  ])
  return Object.fromEntries([...Object.entries(extra), ...members])
}

/** Every place in a body, and its schema. */
function leavesOf(given: Schema, path: readonly string[] = []): [readonly string[], Schema][] {
  const schema = resolved(given)
  return [
    ...(path.length > 0 ? [[path, schema] as [readonly string[], Schema]] : []),
    ...(schema.items === undefined ? [] : leavesOf(schema.items, [...path, '0'])),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => leavesOf(one, [...path, name])),
  ]
}

/** What a schema cannot let pass. */
function unfitFor({
  type,
  anyOf,
  enum: words,
  minLength,
  maxLength,
  minimum,
  maximum,
  maxItems,
}: Schema & { readonly maxItems?: number }): readonly unknown[] {
  if (anyOf !== undefined) return [true]
  if (words !== undefined) return ['NO_SUCH_WORD', '__proto__', 'constructor', '', 1, {}, []]
  if (type === 'boolean') return ['true', 1, 0, [], {}]
  if (type === 'array')
    return ['x', {}, 1, ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => ({}))])]
  if (type === 'object') return ['x', 1, true, []]
  if (type === 'integer')
    return [
      ...['5', 0.5, true, [], {}],
      ...(minimum === undefined ? [] : [minimum - 1]),
      ...(maximum === undefined ? [] : [maximum + 1, 1e300]),
    ]
  if (type !== 'string') return []
  return [
    ...['a\0b', 5, true, [], { a: 'b' }],
    ...(minLength ? [''] : []),
    ...(maxLength === undefined || maxLength > 100_000 ? [] : ['x'.repeat(maxLength + 1)]),
  ]
}

function withMember(value: unknown, [name, ...rest]: readonly string[], member: unknown): unknown {
  if (name === undefined) return member
  const inside = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  if (name === '0') return [withMember(inside[0], rest, member)]
  return { ...inside, [name]: withMember(inside[name], rest, member) }
}
