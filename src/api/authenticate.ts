import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Caller, ModelError, Secret, type Store } from '#model'
import { pathOf } from './path.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Context } from './route.ts'
import { sessionTextOf } from './site.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

/** How people show who they are. */
type Ways = Pick<Context, 'store' | 'now' | 'site'> & {
  /** Whether a token may stand in the query, where proxies and browsers keep it. */
  readonly queryTokens: boolean
}

/** Finds out who asks, and counts the request. */
export function authenticate(app: FastifyInstance, ways: Ways, limit: RateLimit): void {
  app.decorateRequest('caller', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const caller = await callerOf(request, ways)
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
  { store, now, site, queryTokens }: Ways,
): Promise<Caller | undefined> {
  const { authorization } = request.headers
  const [, text] = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? []
  if (text !== undefined) return enter(request, store, new Secret(text), now())
  if (authorization !== undefined) return undefined
  const { access_token: asked } = request.query as { readonly access_token?: unknown }
  if (queryTokens && typeof asked === 'string') return enter(request, store, new Secret(asked), now())
  const session = sessionTextOf(request, site)
  return session && store.sessions.authenticate(session, now())
}

/** Whoever holds the token; where they ask for a place, it is looked up in the same go, for {@link reach} to find. */
async function enter(
  request: FastifyRequest,
  store: Store,
  text: Secret,
  now: Date,
): Promise<Caller | undefined> {
  const path = pathOf(request)
  if (path === undefined) return store.tokens.authenticate(text, now)
  const entry = await store.places.enter(text, now, path)
  request.place = entry?.place
  return entry?.caller
}
