import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '#api'
import { furnish, startApi } from './api.ts'

test('each request is told of once, by its route and never by what was asked', async () => {
  const told: Exchange[] = []
  await using api = await startApi({ observe: (exchange) => told.push(exchange) })
  const pipeline = await furnish(api, 'acme')
  told.length = 0
  await api.ask('GET', `/api${pipeline}?token=canary`)
  await api.ask('GET', pipeline, undefined, { authorization: 'Bearer canary' })
  await api.ask('GET', '/canary')
  await api.ask('GET', '/workspaces/%zz?canary')
  await api.ask('OPTIONS', '/workspaces', undefined, { 'access-control-request-method': 'GET' })
  const route = '/workspaces/:workspace/projects/:project/pipelines/:pipeline'
  assert.deepEqual(
    told.map(({ method, route, status, tokenId }) => [method, route, status, tokenId !== undefined]),
    [
      ['GET', route, 200, true],
      ['GET', route, 401, false],
      ['GET', 'none', 404, true],
      ['GET', 'none', 400, false],
      ['OPTIONS', 'none', 204, true],
    ],
  )
  assert.ok(told.every(({ ms }) => ms >= 0))
  assert.equal(/canary/.test(JSON.stringify(told)), false)
})
