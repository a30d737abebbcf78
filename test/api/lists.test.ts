import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { furnish, startApi, type TestApi } from './api.ts'
import type { Schema } from './description.ts'
import { Everything } from './everything.ts'
import { type Description, type Place, pathOf, placesIn } from './operations.ts'

const LARGEST = 2 ** 31 - 1

let api: TestApi
let all: Everything
let description: Description
before(async () => {
  api = await startApi()
  await furnish(api, 'acme')
  await furnish(api, 'other')
  all = await new Everything(api, { workspace: 'acme', project: 'shop' }).fill()
  // Of each at least two, for there to be a second page.
  const twice =
    'action execution integration variable webhook token set groupMember projectMember projectGroup'
  for (const name of twice.split(' ')) await all.renew(name)
  await api.ask('POST', '/workspaces/acme/projects/shop/pipelines', { name: 'Another' })
  await api.ask('POST', '/workspaces/acme/projects', { name: 'another' })
  description = (await api.ask('GET', '/openapi.json')).body
})
after(() => api[Symbol.asyncDispose]())

/** What a list is called in its answer. */
function itemsIn({ operation }: Place): string | undefined {
  const schema: Schema = operation.responses[200]?.content['application/json']?.schema ?? {}
  const named = description.components.schemas
  const { properties = {} } = named[schema.$ref?.split('/').at(-1) ?? ''] ?? schema
  return Object.entries(properties).find(([, { type }]) => type === 'array')?.[0]
}

const lists = () =>
  placesIn(description).filter(
    ({ method, operation }) => method === 'GET' && /^list/.test(operation.operationId),
  )
const pathTo = ({ template }: Place) => pathOf(template, (name) => all.keys.get(name) ?? assert.fail(name))

describe('every list', () => {
  test('can be asked for page by page, and comes to an end', async () => {
    assert.ok(lists().length > 15)
    for (const place of lists()) {
      const { operationId } = place.operation
      const items = itemsIn(place) ?? assert.fail(operationId)
      const path = pathTo(place)
      const ask = async (query: string) => {
        const { status, body, text } = await api.ask('GET', `${path}${query}`)
        assert.equal(status, 200, `${operationId} ${text}`)
        return body[items] as readonly object[]
      }
      const whole = await ask('')
      // Nothing has run here: these two are looked at where something does.
      const isBare = /^list(?:Approvals|ProjectHistory)$/.test(operationId)
      assert.ok(isBare || whole.length > 1, `${operationId} has ${whole.length}`)
      assert.deepEqual(await ask('?page=&per_page='), whole, operationId)
      assert.deepEqual(await ask('?page=1'), whole.slice(0, 20), operationId)
      assert.deepEqual(await ask('?per_page=1'), whole.slice(0, 1), operationId)
      assert.deepEqual(await ask('?page=2&per_page=1'), whole.slice(1, 2), operationId)
      for (const page of [99, 2 ** 30, LARGEST]) assert.deepEqual(await ask(`?page=${page}`), [], operationId)
      assert.deepEqual(await ask(`?per_page=${LARGEST}`), whole.slice(0, 50), operationId)
    }
  })

  test('refuses a page that is none, by its name', async () => {
    for (const place of lists())
      for (const name of ['page', 'per_page'])
        for (const wrong of ['0', '-1', 'x', '1.5', String(LARGEST + 1), '9'.repeat(30), `1&${name}=2`]) {
          const { status, body } = await api.ask('GET', `${pathTo(place)}?${name}=${wrong}`)
          assert.deepEqual(
            [status, body.errors?.[0]?.field],
            [400, name],
            `${place.operation.operationId} ${wrong}`,
          )
        }
  })
})

describe('a number that the database cannot count to', () => {
  test('is 400 in a query, and no filter that anything passes', async () => {
    const logs = `${all.pipeline}/executions/${all.keys.get('execution')}/action_executions/${all.keys.get('actionExecution')}/logs`
    for (const name of ['offset', 'limit']) {
      assert.equal((await api.ask('GET', `${logs}?${name}=${LARGEST}`)).status, 200)
      const { status, body } = await api.ask('GET', `${logs}?${name}=${LARGEST + 1}`)
      assert.deepEqual([status, body.errors[0].field], [400, name])
    }
    const history = `/workspaces/acme/projects/shop/history?person=`
    assert.equal((await api.ask('GET', `${history}${LARGEST}`)).status, 200)
    assert.equal((await api.ask('GET', `${history}${LARGEST + 1}`)).status, 400)
    for (const name of ['pipeline_id', 'actionId'])
      for (const number of [LARGEST, LARGEST + 1]) {
        const { status, body } = await api.ask('GET', `/workspaces/acme/variables?${name}=${number}`)
        assert.deepEqual([status, body.variables], [200, []])
      }
  })

  test('is nothing in a path', async () => {
    for (const number of [LARGEST, LARGEST + 1, '9'.repeat(12)])
      for (const noun of [
        'variables',
        'webhooks',
        'members',
        'groups',
        'permissions',
        'projects/shop/pipelines',
      ])
        assert.equal((await api.ask('GET', `/workspaces/acme/${noun}/${number}`)).status, 404, noun)
  })

  test('is too large for every number that a body may have', () => {
    const open = (schema: Schema, path: string): readonly string[] => {
      const { $ref, type, anyOf = [], items, properties = {}, maximum = Number.POSITIVE_INFINITY } = schema
      const named = $ref === undefined ? {} : description.components.schemas[$ref.split('/').at(-1) ?? '']
      return [
        ...(type === 'integer' && maximum > LARGEST ? [path] : []),
        ...(named === undefined || $ref === undefined ? [] : open(named, path)),
        ...anyOf.flatMap((one) => open(one, path)),
        ...(items === undefined ? [] : open(items, `${path}.0`)),
        ...Object.entries(properties).flatMap(([name, one]) => open(one, `${path}.${name}`)),
      ]
    }
    const found = placesIn(description).flatMap(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) =>
        open(schema, operation.operationId),
      ),
    )
    assert.deepEqual(found, [])
  })
})
