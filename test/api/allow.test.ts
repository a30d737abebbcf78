import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import type { Caller, Place } from '#model'
import { allow, authorizeOperations } from '../../src/api/allow.ts'

test('a route that forgets to ask who may answers nobody', async () => {
  await using app = fastify()
  const caller = {
    person: { id: 1 },
    token: { scopes: ['EXECUTION_INFO'], workspaces: [] },
  } as unknown as Caller
  const place = { workspace: { domain: 'acme' }, standing: { owner: true } } as unknown as Place
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request) => {
    request.caller = caller
  })
  authorizeOperations(app)
  const config = { permission: 'pipeline.read' } as const
  const say = async () => ({ secret: true })
  app.get('/silent', say)
  app.get('/workspaces/:workspace/silent', say)
  app.get('/workspaces/:workspace/forgetful', { config }, say)
  // Asked, and for nowhere.
  app.get('/workspaces/:workspace/halfway', { config }, async (request) => {
    allow(request)
    return say()
  })
  app.get('/workspaces/:workspace/good', { config }, async (request) => {
    allow(request, place)
    return say()
  })
  const ask = async (url: string) => (await app.inject({ url })).statusCode
  const silent = [
    '/silent',
    '/workspaces/acme/silent',
    '/workspaces/acme/forgetful',
    '/workspaces/acme/halfway',
  ]
  for (const url of silent) assert.equal(await ask(url), 500, url)
  assert.equal(await ask('/workspaces/acme/good'), 200)
})
