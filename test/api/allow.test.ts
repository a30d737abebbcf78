import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import type { Caller, Place, Store } from '#model'
import { authorizeOperations } from '../../src/api/allow.ts'
import { answerError } from '../../src/api/errors.ts'

test('no route is reached without having been asked who may', async () => {
  await using app = fastify()
  const person = { id: 1, owner: false }
  const caller = {
    person,
    token: { scopes: ['EXECUTION_INFO'], workspaces: [], addresses: [] },
  } as unknown as Caller
  const place = { workspace: { domain: 'acme' }, standing: { owner: true } } as unknown as Place
  const store = {
    places: {
      find: async (_: unknown, { domain }: { domain: string }) => (domain === 'acme' ? place : undefined),
    },
  } as unknown as Store
  let reached = 0
  const say = async () => {
    reached += 1
    return {}
  }
  app.setErrorHandler((error, _, reply) => answerError(reply, error))
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request) => {
    request.caller = caller
  })
  authorizeOperations(app, store)
  app.get('/silent', say)
  app.get('/workspaces/:workspace/silent', say)
  app.get('/workspaces/:workspace/read', { config: { permission: 'pipeline.read' } }, say)
  app.get('/workspaces/:workspace/manage', { config: { permission: 'pipeline.manage' } }, say)
  app.get('/workspaces/:other/odd', { config: { permission: 'pipeline.read' } }, say)
  const ask = async (url: string) => (await app.inject({ url })).statusCode
  for (const [url, status] of [
    ['/silent', 500],
    ['/workspaces/acme/silent', 500],
    ['/workspaces/acme/manage', 403],
    ['/workspaces/other/manage', 403],
    ['/workspaces/other/read', 404],
    ['/workspaces/acme/odd', 404],
  ] as const)
    assert.equal(await ask(url), status, url)
  assert.equal(reached, 0)
  assert.equal(await ask('/workspaces/acme/read'), 200)
  assert.equal(reached, 1)
})
