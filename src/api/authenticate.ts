import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, ModelError, type Permission, permits, SCOPES, Secret, type Store } from '#model'
import type { RateLimit } from './rate-limit.ts'
import type { Context } from './route.ts'
import { type Site, sessionTextOf } from './site.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do; `public` routes ask nobody who they are. */
    permission?: Permission | 'anyone' | 'public'
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

/** Finds out who asks, counts the request, and lets pass who may. */
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
    const { permission = 'public' } = request.routeOptions.config
    if (permission !== 'public') admit(request, reply, permission)
  })
}

/** Who asks, on a route that is not public. */
export function callerOn(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new ModelError('UNAUTHENTICATED', 'A token is needed')
  return request.caller
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

function admit(request: FastifyRequest, reply: FastifyReply, permission: Permission | 'anyone'): void {
  if (request.caller === undefined) {
    reply.header('www-authenticate', 'Bearer')
    const given = request.headers.authorization !== undefined
    throw new ModelError(
      'UNAUTHENTICATED',
      given ? 'The token is not known, or no longer' : 'A token is needed',
    )
  }
  const accepted =
    permission === 'anyone' ? [] : Object.keys(SCOPES).filter((scope) => SCOPES[scope]?.includes(permission))
  reply.headers({
    'x-0auth-scopes': request.caller.token.scopes.join(', '),
    'x-accepted-0auth-scopes': accepted.join(', '),
  })
  if (permission !== 'anyone' && !permits(request.caller, permission)) {
    throw new ModelError('FORBIDDEN', `The token needs one of the scopes ${accepted.join(', ')}`)
  }
}
