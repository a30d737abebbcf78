import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** One request that was answered, without anything that it carried. */
export interface Exchange {
  readonly method: string
  /** The route's pattern, never the address that was asked; `none` where there is no such route. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** The id of the token that asked, never its text. */
  readonly tokenId: string | undefined
}

/** Tells of each request once, when its answer has left or broken off. */
export function observeRequests(
  app: Pick<FastifyInstance, 'addHook'>,
  observe: (exchange: Exchange) => void,
): void {
  app.addHook('onResponse', async (request, reply) => observe(exchangeOf(request, reply)))
}

export function exchangeOf(request: FastifyRequest, reply: FastifyReply): Exchange {
  const { method, routeOptions, caller } = request
  const { statusCode: status, elapsedTime: ms } = reply
  return { method, route: routeOptions.url ?? 'none', status, ms, tokenId: caller?.token.id }
}
