import type { FastifyRequest } from 'fastify'
import { isSlug, type PipelineId, type Place, type Store, sees, type Workspace } from '#model'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the path leads, once it was looked up. */
    place: Place | undefined
  }
}

interface Params {
  readonly workspace?: string
  readonly project?: string
  readonly pipeline?: string
}

/**
 * Where the path leads: looked up once a request.
 * @throws ModelError NOT_FOUND where a part is not there, and for a token that is not for the workspace.
 */
export async function reach(store: Store, request: FastifyRequest): Promise<Place> {
  if (request.place !== undefined) return request.place
  const { workspace: domain = '', project, pipeline } = request.params as Params
  const caller = callerOn(request)
  if (!isSlug(domain) || !isSlug(project ?? domain) || !sees(caller, domain)) throw notFound()
  const found = await store.places.find(caller.person, {
    domain,
    ...(project !== undefined && { project }),
    ...(pipeline !== undefined && { pipeline: numberOf(pipeline) as PipelineId }),
  })
  request.place = there(found)
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

/** What cannot be a number of ours is as unknown as a number that nobody has. */
export function numberOf(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw notFound()
  return Number(text)
}
