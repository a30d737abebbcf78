import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  admits,
  authorize,
  ModelError,
  type Permission,
  type Place,
  parseAddressRange,
  permits,
  type Store,
  scopesFor,
  type Token,
} from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'
import { reach } from './reach.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do; `public` routes ask nobody who they are. */
    permission?: Permission | 'anyone' | 'public'
  }
}

/**
 * Asks of every operation, before its body is read, whether the caller may do it, and in the place that its path leads to: no route is reached
 * without, and one that says not what it takes answers nobody. What has rules of its own, and what an operation brings about beside itself, is
 * asked about where it is found or done, by {@link allow} too.
 */
export function authorizeOperations(app: FastifyInstance, store: Store): void {
  app.decorateRequest('place', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    if (request.is404 || permission === 'public') return
    if (permission === undefined) throw new Error(`${request.routeOptions.url} says not what it takes`)
    describeScopes(request, reply, permission === 'anyone' ? [] : scopesFor(permission))
    const caller = callerOn(request)
    checkAddress(request, caller.token)
    if (permission === 'anyone') return
    if (!permits(caller, permission)) throw forbidden(request, permission)
    allow(request, isPlaced(request) ? await reach(store, request) : undefined)
  })
}

/**
 * Lets the use case go on if the caller may do this: what the operation does, unless another permission is named for what it brings about
 * beside that.
 * @throws ModelError NOT_FOUND for a place that the caller cannot see, as for one that is not there; FORBIDDEN where they can.
 */
export function allow(request: FastifyRequest, place?: Place, permission = permissionOf(request)): void {
  const decision = authorize(callerOn(request), permission, place)
  if (decision === 'invisible') throw notFound()
  if (decision === 'forbidden') throw forbidden(request, permission)
}

/** Whether a thing of a list is one that the caller may know of. */
export function isVisible(
  request: FastifyRequest,
  place: Place,
  permission = permissionOf(request),
): boolean {
  return authorize(callerOn(request), permission, place) !== 'invisible'
}

function permissionOf(request: FastifyRequest): Permission {
  const { permission } = request.routeOptions.config
  if (permission !== undefined && permission !== 'anyone' && permission !== 'public') return permission
  throw new Error(`${request.routeOptions.url} is for everybody, and asks who may`)
}

/** @throws ModelError FORBIDDEN where a token is for other addresses than the one that asks. */
export function checkAddress({ ip }: FastifyRequest, { addresses }: Token): void {
  if (addresses.length === 0) return
  const ranges = addresses.flatMap((text) => parseAddressRange(text) ?? [])
  if (!admits(ranges, ip)) throw new ModelError('FORBIDDEN', 'The token is not for the address that asks')
}

function isPlaced(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/workspaces/:') ?? false
}

function describeScopes(request: FastifyRequest, reply: FastifyReply, accepted: readonly string[]): void {
  if (request.caller === undefined) {
    reply.header('www-authenticate', 'Bearer')
    return
  }
  reply.headers({
    'x-0auth-scopes': request.caller.token.scopes.join(', '),
    'x-accepted-0auth-scopes': accepted.join(', '),
  })
}

function forbidden(request: FastifyRequest, permission: Permission): ModelError {
  const lacking = !permits(callerOn(request), permission)
  return new ModelError(
    'FORBIDDEN',
    lacking
      ? `The token needs one of the scopes ${scopesFor(permission).join(', ')}`
      : `You may not do this here: it takes ${permission}`,
  )
}
