import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Caller, ModelError, Secret, type Store } from '#model'
import type { RateLimit } from './rate-limit.ts'
import type { Context } from './route.ts'
import { type Site, sessionTextOf } from './site.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

/** Finds out who asks, and counts the request. */
export function authenticate(
  app: FastifyInstance,
  { store, now, site }: Pick<Context, 'store' | 'now' | 'site'>,
  limit: RateLimit,
): void {
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const caller = await callerOf(request, store, site, now())
    request.caller = caller
    limit.count(reply, caller?.token.id ?? `address ${request.ip}`)
  })
}

/** Who asks, on a route that is not public. */
export function callerOn(request: FastifyRequest): Caller {
  if (request.caller !== undefined) return request.caller
  const given = request.headers.authorization !== undefined
  throw new ModelError(
    'UNAUTHENTICATED',
    given ? 'The token is not known, or no longer' : 'A token is needed',
  )
}

async function callerOf(
  request: FastifyRequest,
  store: Store,
  site: Site,
  now: Date,
): Promise<Caller | undefined> {
  const { authorization } = request.headers
  const [, text] = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? []
  if (text !== undefined) return store.tokens.authenticate(new Secret(text), now)
  const session = authorization === undefined ? sessionTextOf(request, site) : undefined
  return session && store.sessions.authenticate(session, now)
}
