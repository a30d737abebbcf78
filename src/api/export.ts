import type { FastifyRequest } from 'fastify'
import { type Action, type ActionId, type Json, type JsonObject, permits, type Store, slugOf } from '#model'
import type { PipelineBody as TextBody } from '#yaml'
import { callerOn } from './authenticate.ts'
import type { InPipeline, InWorkspace } from './find.ts'
import { Links } from './links.ts'
import { ownVariables } from './variables.ts'
import { blankAction, encodeAction, spelledImages } from './wire/action.ts'
import { ActionBody } from './wire/action-schema.ts'
import { blankPipeline, encodeFullExtras, encodePipeline, PipelineBody } from './wire/pipeline.ts'
import { VariableBodies } from './wire/variable.ts'
import { saidOf, UNSAID } from './wire/yaml.ts'

/** What people and groups are called in a text. */
interface Names {
  readonly users: ReadonlyMap<Json, string>
  readonly groups: ReadonlyMap<Json, string>
}

/** Addresses are for those alone who may see them; to others, members stay numbers. */
export async function namesIn(
  store: Store,
  request: FastifyRequest,
  { workspace }: InWorkspace,
): Promise<Names> {
  const groups = await store.groups.list(workspace.id)
  const { items } = permits(callerOn(request), 'member.email')
    ? await store.members.list(workspace.id, { page: 1, perPage: 100_000 })
    : { items: [] }
  const known = items.flatMap(({ person: { id, email } }) =>
    email === undefined ? [] : [[id, email] as const],
  )
  return { users: new Map(known), groups: new Map(groups.map(({ id, name }) => [id, name])) }
}

/** The bodies that would make a pipeline and its actions once more, but for what is secret in them. */
export async function exportPipeline(store: Store, place: InPipeline, names: Names): Promise<TextBody> {
  const { pipeline } = place
  const view = (one: typeof pipeline) => ({
    ...encodePipeline(one, place, undefined, NOWHERE),
    ...encodeFullExtras(one),
  })
  // It pauses by itself, which is no matter of a text; and what its events are goes without saying twice.
  const { paused: _, on: __, ...said } = saidOf(view(pipeline), view(blankPipeline(pipeline)), PipelineBody)
  const actions = await store.actions.list(pipeline.id)
  const identifiers = identifyActions(actions)
  const body = { identifier: pipeline.identifier, name: pipeline.name, ...said }
  return {
    body: withNames({ ...body, ...(await variablesOf(store, place)) }, names),
    actions: await Promise.all(
      actions.map(async (action) => {
        const said = { ...saidOfAction(action, place), ...(await variablesOf(store, place, action)) }
        return { body: withNames({ ...said, identifier: identifiers.get(action.id) ?? '' }, names) }
      }),
    ),
  }
}

/** What a text calls each action: as it was called by one, else after its name; no two alike. */
export function identifyActions(actions: readonly Action[]): ReadonlyMap<ActionId, string> {
  const given = new Set<Json | undefined>(actions.map(({ extras }) => extras.identifier))
  const taken = new Set<string>()
  const identified = actions.map(({ id, name, extras }): [ActionId, string] => {
    const own = typeof extras.identifier === 'string' ? extras.identifier : undefined
    const wanted = own ?? slugOf(name)?.replaceAll('-', '_') ?? 'action'
    const free = (text: string): boolean => !taken.has(text) && (text === own || !given.has(text))
    let identifier = wanted
    for (let count = 2; !free(identifier); count += 1) identifier = `${wanted}_${count}`
    taken.add(identifier)
    return [id, identifier]
  })
  return new Map(identified)
}

function saidOfAction(action: Action, { project }: InPipeline): JsonObject {
  const view = encodeAction(action, [])
  const { name, type } = view
  const said = { name, type, ...saidOf(view, encodeAction(blankAction(action), []), ActionBody) }
  if (action.type === 'promote-image') return { ...said, ...spelledImages(action) }
  if (action.type !== 'run-next-pipeline') return said
  const { project: next_project_name, pipeline: next_pipeline_name } = action.next
  const here = next_project_name === '' || next_project_name === project.name
  return { ...said, ...(!here && { next_project_name }), next_pipeline_name }
}

async function variablesOf(store: Store, place: InPipeline, action?: Action): Promise<JsonObject> {
  const views = await ownVariables(store, place, action, NOWHERE)
  if (views.length === 0) return {}
  return {
    variables: views.map((view) => ({
      key: view.key,
      value: view.value,
      ...saidOf(view, { ...UNSAID, type: 'VAR', encrypted: false }, VariableBodies.items),
    })),
  }
}

/** Permissions name by address and by name whom they are for, where these are known. */
function withNames(body: JsonObject, names: Names): JsonObject {
  const permissions = body.permissions as JsonObject | undefined
  if (permissions === undefined) return body
  const named = (list: Json | undefined, known: ReadonlyMap<Json, string>, as: 'email' | 'name'): Json => {
    const entries = (list ?? []) as readonly { readonly id: Json; readonly access_level: Json }[]
    if (!entries.every(({ id }) => known.has(id))) return entries
    return entries.map(({ id, access_level }) => ({ [as]: known.get(id) ?? '', access_level }))
  }
  const users = named(permissions.users, names.users, 'email')
  const groups = named(permissions.groups, names.groups, 'name')
  return { ...body, permissions: { ...permissions, users, groups } }
}

/** Links that nobody follows: what is exported has none. */
const NOWHERE = new Links('')
