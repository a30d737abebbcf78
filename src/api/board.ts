import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { edgesOf } from '#engine'
import { layOut, type PersonId, type Pipeline, type Store, type TagMove } from '#model'
import { isVisible } from './allow.ts'
import { findProject, type InProject } from './find.ts'
import { countsOf, decodePage, type Query, wholeOf } from './page.ts'
import { type Api, type Context, operation } from './route.ts'
import { BoardView, encodeBoard, encodeTagMove, HistoryView, namesOf, type People } from './wire/board.ts'
import { PageQuery, Params } from './wire/schema.ts'
import { encodeProject } from './wire/workspace.ts'

const ALL = { page: 1, perPage: 100_000 }

/** What stands where, and how it got there. Nothing here asks a registry: what was last seen of it is told, and when. */
export function routeBoard(api: Api, { store, links, now }: Context): void {
  const params = Params('workspace', 'project')
  api.get(
    '/workspaces/:workspace/projects/:project/board',
    operation(
      'getProjectBoard',
      'Which image stands under which tag, and whether it is in step with where it comes from',
      'pipeline.read',
      { params },
      { 200: BoardView },
    ),
    async (request) => {
      const place = await findProject(store, request)
      const { project } = place
      const pipelines = await visiblePipelines(store, request, place)
      const [edges, moves, sightings, lookedAt, underway] = await Promise.all([
        edgesOf(store, project, pipelines, now()),
        store.tagMoves.latest(project.id),
        store.tagSightings.of(project.id),
        store.tagSightings.lookedAt(project.id),
        store.executions.underway(project.id),
      ])
      const board = layOut(edges, moves, sightings)
      const people = await peopleOf(store, place, [...moves.values()])
      const { url, html_url } = encodeProject(project, place.workspace, links(request))
      return {
        url: `${url}/board`,
        html_url,
        look_date: lookedAt?.toISOString() ?? null,
        ...encodeBoard(
          board,
          pipelines,
          place,
          people,
          new Map(underway.map((run) => [run.actionId, run])),
          links(request),
        ),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/projects/:project/board/look',
    operation(
      'lookAtProjectBoard',
      'Have the registries looked at soon, instead of when it is their turn',
      'pipeline.run',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { project } = await findProject(store, request)
      await store.tagSightings.ask(project.id)
      reply.code(204)
    },
  )

  const filters = Object.fromEntries(
    ['place', 'tag', 'digest', 'image', 'person'].map((name) => [name, Type.Optional(Type.String())]),
  )
  api.get(
    '/workspaces/:workspace/projects/:project/history',
    operation(
      'listProjectHistory',
      'Which tags were moved to what, when and by whom, the newest first',
      'pipeline.read',
      { params, querystring: Type.Object({ ...PageQuery('id').properties, ...filters }) },
      { 200: HistoryView },
    ),
    async (request) => {
      const place = await findProject(store, request)
      const page = decodePage(request.query as Query, { id: 'at' })
      const pipelines = await visiblePipelines(store, request, place)
      const filter = { ...decodeFilter(request.query as Query), pipelineIds: pipelines.map(({ id }) => id) }
      const { items, total } = await store.tagMoves.list(place.project.id, filter, page)
      const people = await peopleOf(store, place, items)
      const names = namesOf(pipelines)
      const link = links(request)
      const { url, html_url } = encodeProject(place.project, place.workspace, link)
      return {
        url: `${url}/history`,
        html_url,
        ...countsOf(page, { items, total }),
        moves: items.map((move) => ({
          ...encodeTagMove(move, place, people, names, link),
          outside: move.outside,
        })),
      }
    },
  )
}

async function visiblePipelines(
  store: Store,
  request: FastifyRequest,
  place: InProject,
): Promise<readonly Pipeline[]> {
  const { items } = await store.pipelines.list(place.project.id, ALL)
  return items.filter((pipeline) => isVisible(request, { ...place, pipeline }))
}

async function peopleOf(store: Store, { workspace }: InProject, moves: readonly TagMove[]): Promise<People> {
  const ids = [...new Set(moves.map(({ personId }) => personId))]
  const members = await Promise.all(ids.map((id) => store.members.describe(workspace.id, id)))
  return new Map(members.map((member) => [member.person.id, member]))
}

function decodeFilter(query: Query) {
  const text = (name: string): string | undefined => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [place, tag, digest, image] = ['place', 'tag', 'digest', 'image'].map(text)
  const person = wholeOf(query, 'person', 0, 1)
  return {
    ...(place !== undefined && { place }),
    ...(tag !== undefined && { tag }),
    // People copy the first figures of one, as pages show them.
    ...(digest !== undefined && { digest: digest.includes(':') ? digest : `sha256:${digest}` }),
    ...(image !== undefined && { image }),
    ...(person > 0 && { personId: person as PersonId }),
  }
}
