import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { authorize, ModelError, type Permission, type Place, permits, scopesFor } from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do; `public` routes ask nobody who they are. */
    permission?: Permission | 'anyone' | 'public'
  }
  interface FastifyRequest {
    /** Whether it was decided that the caller may do this: at all, or in the place that the path leads to. */
    allowed: 'here' | 'somewhere' | undefined
  }
}

/**
 * Asks of every operation, before its body is read, whether the caller's token is one for it; the place is looked at when it is found, by
 * {@link allow}. And holds back the answer of one that looked at none: a route which forgot to ask is a mistake, not an open door.
 */
export function authorizeOperations(app: FastifyInstance): void {
  app.decorateRequest('allowed', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    if (request.is404 || permission === 'public') return
    const accepted = permission === undefined || permission === 'anyone' ? [] : scopesFor(permission)
    describeScopes(request, reply, accepted)
    const caller = callerOn(request)
    if (permission === undefined) throw new Error(`${request.routeOptions.url} says not what it takes`)
    if (permission === 'anyone') request.allowed = 'somewhere'
    else if (isPlaced(request) && !permits(caller, permission)) throw forbidden(request, permission)
    else if (!isPlaced(request)) allow(request)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const { permission } = request.routeOptions.config
    if (request.is404 || permission === 'public' || reply.statusCode >= 400) return payload
    if (request.allowed !== (isPlaced(request) ? 'here' : 'somewhere'))
      throw new Error(`${request.routeOptions.url} answers without having asked who may`)
    return payload
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
  request.allowed = place === undefined ? 'somewhere' : 'here'
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
