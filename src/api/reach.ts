import type { FastifyRequest } from 'fastify'
import { type Place, type Store, sees, type Workspace } from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'
import { pathOf } from './path.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the path leads, once it was looked up. */
    place: Place | undefined
  }
}

/**
 * Where the path leads: looked up once a request.
 * @throws ModelError NOT_FOUND where a part is not there, and for a token that is not for the workspace.
 */
export async function reach(store: Store, request: FastifyRequest): Promise<Place> {
  const path = pathOf(request)
  const caller = callerOn(request)
  if (path === undefined || !sees(caller, path.domain)) throw notFound()
  request.place ??= there(await store.places.find(caller.person, path))
  return request.place
}

/** The workspaces that the caller is in and the token is for. */
export async function workspacesOf(store: Store, request: FastifyRequest): Promise<readonly Workspace[]> {
  const caller = callerOn(request)
  const { id, owner } = caller.person
  const all = await (owner ? store.workspaces.list() : store.workspaces.listOf(id))
  return all.filter(({ domain }) => sees(caller, domain))
}

/** The same as places. */
export async function reachAll(store: Store, request: FastifyRequest): Promise<readonly Place[]> {
  const { person } = callerOn(request)
  const workspaces = await workspacesOf(store, request)
  const places = await Promise.all(workspaces.map(({ domain }) => store.places.find(person, { domain })))
  return places.filter((place) => place !== undefined)
}

export function there<T>(found: T | undefined): T {
  if (found === undefined) throw notFound()
  return found
}
