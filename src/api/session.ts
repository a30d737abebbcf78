import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { ModelError, Secret, type Sessions } from '#model'
import { checkAddress } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { type Api, bodyOf, type Context } from './route.ts'
import { cookieOf, isFromOurPages, type Site, sessionTextOf } from './site.ts'
import { encodeSession, SessionBody } from './wire/session.ts'

const LIFE_MS = 30 * 86_400_000

/**
 * Signing in and out for the pages, and for nobody else: clients have tokens, and the description of the API does not speak of this. The token
 * itself is in no cookie.
 */
export function routeSession(api: Api, { store, links, now, site }: Context): void {
  api.post('/session', forPages('public', { body: SessionBody }), async (request, reply) => {
    if (!isFromOurPages(request, site))
      throw new ModelError('FORBIDDEN', 'Only the pages of this service can sign in')
    const { token } = bodyOf(request, SessionBody)
    const caller = await store.tokens.authenticate(new Secret(token.trim()), now())
    if (caller === undefined)
      throw new ModelError('UNAUTHENTICATED', 'token: is not known, or no longer', { field: 'token' })
    checkAddress(request, caller.token)
    await endSession(request, store.sessions, site)
    const at = now()
    const text = await store.sessions.begin(caller.token.id, at, new Date(at.getTime() + LIFE_MS))
    reply.code(201).header('set-cookie', cookieOf(site, text.reveal(), LIFE_MS / 1000))
    return encodeSession(caller, links(request))
  })

  api.get('/session', forPages('anyone'), async (request) => encodeSession(callerOn(request), links(request)))

  api.delete('/session', forPages('public'), async (request, reply) => {
    await endSession(request, store.sessions, site)
    reply.code(204).header('set-cookie', cookieOf(site, '', 0))
  })
}

function forPages(permission: 'anyone' | 'public', schema: { readonly body?: TSchema } = {}) {
  return { config: { permission }, schema: { ...schema, hide: true } }
}

async function endSession(request: FastifyRequest, sessions: Sessions, site: Site): Promise<void> {
  const text = sessionTextOf(request, site)
  if (text !== undefined) await sessions.end(text)
}
