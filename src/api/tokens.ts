import { Type } from 'typebox'
import type { TokenId } from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { Params } from './wire/schema.ts'
import { decodeToken, encodeToken, TokenBody, TokenView } from './wire/token.ts'

export function routeTokens(api: Api, { store, links, now }: Context): void {
  api.get(
    '/user/token',
    operation('getOwnToken', 'The token that asks', 'token.read', {}, { 200: TokenView }),
    async (request) => encodeToken(callerOn(request).token, links(request)),
  )

  const List = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    access_tokens: Type.Array(TokenView),
  })
  api.get(
    '/user/tokens',
    operation('listTokens', 'All tokens of the person who asks', 'token.read', {}, { 200: List }),
    async (request) => {
      const link = links(request)
      const tokens = await store.tokens.list(callerOn(request).person.id)
      const access_tokens = tokens.map((token) => encodeToken(token, link))
      return { url: link.api('user', 'tokens'), html_url: link.page('api-tokens'), access_tokens }
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
      const found = await store.tokens.find(
        callerOn(request).person.id,
        (request.params as { token: TokenId }).token,
      )
      if (found === undefined) throw notFound()
      return encodeToken(found, links(request))
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
      const found = await store.tokens.find(
        callerOn(request).person.id,
        (request.params as { token: TokenId }).token,
      )
      if (found === undefined) throw notFound()
      await store.tokens.remove(found.id)
      reply.code(204)
    },
  )
}
