import type { FastifyRequest } from 'fastify'
import { authorize, type GroupId, type PersonId, type PipelineId, type Store } from '#model'
import { isVisible } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { invalid } from './errors.ts'
import type { InWorkspace } from './find.ts'
import { INTEGRATION_TYPES } from './wire/words.ts'

/** Finds what bodies name in one workspace. `field` says where it was named, for a refusal: others' things are as unknown as nobody's. */
export interface Finder {
  /** The identifier of an integration that the caller may use; by its type's name too, where that can mean one only. */
  integration(
    given: string | { readonly hash_id?: string; readonly identifier?: string },
    field: string,
  ): Promise<string>
  person(given: { readonly id?: number; readonly email?: string }, field: string): Promise<PersonId>
  group(given: { readonly id?: number; readonly name?: string }, field: string): Promise<GroupId>
  /** The name of the project and the identifier of the pipeline with this number, if the caller may run it. */
  pipeline(id: number, field: string): Promise<{ readonly project: string; readonly pipeline: string }>
}

export function finderIn(
  store: Store,
  request: FastifyRequest,
  { workspace, standing }: InWorkspace,
): Finder {
  return {
    async integration(given, field) {
      const { identifier, hash_id: hash } = typeof given === 'string' ? { identifier: given } : given
      const all = (await store.integrations.list(workspace.id)).filter((integration) =>
        isVisible(request, { workspace, standing, integration }, 'integration.use'),
      )
      const named = all.find((integration) =>
        hash === undefined
          ? integration.identifier === identifier
          : integration.hash === hash && (identifier ?? integration.identifier) === integration.identifier,
      )
      const type = INTEGRATION_TYPES[identifier ?? '']
      const ofType = all.filter((integration) => hash === undefined && integration.type === type)
      const found = named ?? (ofType.length === 1 ? ofType[0] : undefined)
      if (found === undefined) throw invalid(field, 'there is no such integration in this workspace')
      return found.identifier
    },
    async person({ id, email = '' }, field) {
      const { members } = store
      const found = await (id === undefined
        ? members.findByEmail(workspace.id, email)
        : members.find(workspace.id, id as PersonId))
      if (found === undefined) throw invalid(field, 'there is no such member in this workspace')
      return found.person.id
    },
    async group({ id, name }, field) {
      const groups = await store.groups.list(workspace.id)
      const found = groups.find((group) => (id === undefined ? group.name === name : group.id === id))
      if (found === undefined) throw invalid(field, 'there is no such group in this workspace')
      return found.id
    },
    async pipeline(id, field) {
      const pipeline = await store.pipelines.findById(id as PipelineId)
      const caller = callerOn(request)
      const place = pipeline && (await store.places.at(caller.person, pipeline))
      const mayRun =
        place?.workspace.id === workspace.id && authorize(caller, 'pipeline.run', place) === 'allowed'
      if (place?.project === undefined || pipeline === undefined || !mayRun)
        throw invalid(field, 'there is no such pipeline in this workspace')
      return { project: place.project.name, pipeline: pipeline.identifier }
    },
  }
}
