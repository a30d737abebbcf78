import type { FastifyRequest } from 'fastify'
import { type Caller, type Store, sees, type Token, type TokenId } from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'
import { partOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import { decodeToken, encodeToken, TokenBody, TokenView } from './wire/token.ts'

export function routeTokens(api: Api, { store, links, now }: Context): void {
  api.get(
    '/user/token',
    operation('getOwnToken', 'The token that asks', 'token.read', {}, { 200: TokenView }),
    async (request) => encodeToken(callerOn(request).token, links(request)),
  )

  const List = listOf('access_tokens', TokenView)
  api.get(
    '/user/tokens',
    operation(
      'listTokens',
      'The tokens of the person who asks, as far as the token that asks may see their workspaces',
      'token.read',
      { querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const link = links(request)
      const caller = callerOn(request)
      const tokens = await store.tokens.list(caller.person.id)
      const seen = tokens.filter((token) => within(caller, token))
      return {
        url: link.api('user', 'tokens'),
        html_url: link.page('api-tokens'),
        access_tokens: partOf(request.query as Query, seen).map((token) => encodeToken(token, link)),
      }
    },
  )

  api.post(
    '/user/tokens',
    operation(
      'addToken',
      'Make a token that may no more than the one that asks',
      'token.manage',
      { body: TokenBody },
      { 201: TokenView },
    ),
    async (request, reply) => {
      const { token, text } = await store.tokens.create(
        decodeToken(bodyOf(request, TokenBody), callerOn(request), now()),
      )
      reply.code(201)
      return { ...encodeToken(token, links(request)), token: text.reveal() }
    },
  )

  const params = Params('token')
  api.get(
    '/user/tokens/:token',
    operation('getToken', 'One token, without its text', 'token.read', { params }, { 200: TokenView }),
    async (request) => {
      return encodeToken(await findToken(store, request), links(request))
    },
  )

  api.delete(
    '/user/tokens/:token',
    operation(
      'deleteToken',
      'Revoke a token, from its next request on',
      'token.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { id } = await findToken(store, request)
      await store.tokens.remove(id)
      reply.code(204)
    },
  )
}

async function findToken(store: Store, request: FastifyRequest): Promise<Token> {
  const caller = callerOn(request)
  const { token: id } = request.params as { token: TokenId }
  const found = await store.tokens.find(caller.person.id, id)
  if (found === undefined || !within(caller, found)) throw notFound()
  return found
}

/** Whoever is kept to some workspaces knows of no token that reaches into others. */
function within(caller: Caller, { workspaces }: Token): boolean {
  if (caller.token.workspaces.length === 0) return true
  return workspaces.length > 0 && workspaces.every((domain) => sees(caller, domain))
}
