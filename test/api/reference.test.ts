import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { registerHooks } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { formatPage } from '../../src/api/reference/page.ts'
import { startApi, type TestApi } from './api.ts'

describe('the description as a page', () => {
  let api: TestApi
  let page: string
  let policy: string
  before(async () => {
    const loaded: string[] = []
    const hooks = registerHooks({
      load(url, context, next) {
        loaded.push(url)
        return next(url, context)
      },
    })
    api = await startApi()
    const examples = () => loaded.filter((url) => url.endsWith('examples.json')).length
    assert.equal(examples(), 0, 'a service starts without them')
    const answer = await api.app.inject({ url: '/docs' })
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'text/html; charset=utf-8'])
    page = answer.body
    assert.equal(examples(), 1)
    hooks.deregister()
    policy = String(answer.headers['content-security-policy'])
  })
  after(() => api[Symbol.asyncDispose]())

  test('has every operation and every schema, and leads to nothing that is not on it', async () => {
    const { body } = await api.ask('GET', '/openapi.json', undefined, { authorization: '' })
    const operations = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    )
    const schemas = Object.keys(body.components.schemas).map((name) => `schema-${name}`)
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    assert.deepEqual(
      [...operations, ...schemas].filter((id) => !ids.has(id)),
      [],
    )
    const targets = [...page.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, target = '']) => target)
    const wrong = targets.filter((target) => target !== 'openapi.json' && !ids.has(target.slice(1)))
    assert.deepEqual(wrong, [])
  })

  test('lets nothing in but its one style, and has no other', () => {
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/)
    assert.ok(policy.includes(`'sha256-${hash}'`))
    assert.doesNotMatch(page, /<script|<link|<img| style=| on\w+=|@import|url\(/)
  })

  test('shows whatever it is given as text', () => {
    const evil = '"><script>alert(1)</script>'
    const schema = {
      type: 'object',
      properties: { [evil]: { type: 'string', description: evil, enum: [evil] } },
    }
    const content = { 'application/json': { schema, example: { [evil]: evil } } }
    const operation = {
      operationId: evil,
      summary: evil,
      tags: [evil],
      responses: { 200: { description: evil, content } },
    }
    const made = formatPage({
      info: { title: evil, version: evil, description: evil },
      paths: { [evil]: { get: operation } },
      components: { schemas: { [evil]: schema } },
    })
    assert.doesNotMatch(made, /<script/)
  })
})
