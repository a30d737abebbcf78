import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { IntegrationHash, Member, Project, Store } from '#model'
import { isVisible } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { invalid } from './errors.ts'
import { findProject, findWorkspace, type InWorkspace } from './find.ts'
import { decodePage, oneOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { listOf, PageQuery, Params } from './wire/schema.ts'
import {
  decodeProject,
  decodeProjectPatch,
  encodeFullProject,
  encodeProject,
  ProjectBody,
  ProjectPatch,
  ProjectView,
  ShortProjectView,
  STATUSES,
} from './wire/workspace.ts'

/** No project has a repository: of their sizes, the names decide. */
const SORTS = { name: 'name', create_date: 'createdAt', repository_size: 'name' } as const

export function routeProjects(api: Api, { store, links }: Context): void {
  const inWorkspace = Params('workspace')
  const querystring = Type.Intersect([
    PageQuery(...Object.keys(SORTS)),
    Type.Object({
      status: Type.Optional(Type.String({ description: 'ACTIVE or CLOSED' })),
      membership: Type.Optional(Type.String({ description: 'true: only those that the caller is in' })),
    }),
  ])
  const List = listOf('projects', ShortProjectView)
  api.get(
    '/workspaces/:workspace/projects',
    operation(
      'listProjects',
      "A workspace's projects",
      'project.read',
      { params: inWorkspace, querystring },
      { 200: List },
    ),
    async (request) => {
      const { workspace, standing } = await findWorkspace(store, request)
      const page = decodePage(request.query as Query, SORTS)
      const status = oneOf(request.query as Query, 'status', STATUSES)
      const own =
        !standing?.admin || oneOf(request.query as Query, 'membership', { true: true, false: false })
      const { items } = await store.projects.list(workspace.id, page, {
        ...(status !== undefined && { status }),
        ...(own && { member: callerOn(request).person.id }),
      })
      const link = links(request)
      return {
        url: link.api('workspaces', workspace.domain, 'projects'),
        html_url: link.page(workspace.domain, 'projects'),
        projects: items.map((project) => encodeProject(project, workspace, link)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/projects',
    operation(
      'addProject',
      'Make a project',
      'project.write',
      { params: inWorkspace, body: ProjectBody },
      { 201: ProjectView },
    ),
    async (request, reply) => {
      const place = await findWorkspace(store, request)
      const { workspace } = place
      const body = bodyOf(request, ProjectBody)
      await checkIntegration(store, request, place, body)
      const project = await store.projects.create({
        workspaceId: workspace.id,
        creatorId: callerOn(request).person.id,
        ...decodeProject(body),
      })
      reply.code(201)
      const creator = await creatorOf(store, project)
      return encodeFullProject(project, workspace, creator, links(request))
    },
  )

  const params = Params('workspace', 'project')
  api.get(
    '/workspaces/:workspace/projects/:project',
    operation('getProject', 'One project', 'project.read', { params }, { 200: ProjectView }),
    async (request) => {
      const { workspace, project } = await findProject(store, request)
      return encodeFullProject(project, workspace, await creatorOf(store, project), links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project',
    operation(
      'editProject',
      'Change a project',
      'project.write',
      { params, body: ProjectPatch },
      { 200: ProjectView },
    ),
    async (request) => {
      const { project, ...place } = await findProject(store, request)
      const { workspace } = place
      const body = bodyOf(request, ProjectPatch)
      await checkIntegration(store, request, place, body)
      const saved = await store.projects.save(decodeProjectPatch(body, project))
      const creator = await creatorOf(store, saved)
      return encodeFullProject(saved, workspace, creator, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace/projects/:project',
    operation(
      'deleteProject',
      'Remove a project and its pipelines',
      'project.remove',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { project } = await findProject(store, request)
      await store.projects.remove(project.id)
      reply.code(204)
    },
  )
}

function creatorOf(store: Store, { workspaceId, creatorId }: Project): Promise<Member> {
  return store.members.describe(workspaceId, creatorId)
}

/** Others' integrations are as unknown as nobody's. */
async function checkIntegration(
  store: Store,
  request: FastifyRequest,
  { workspace, standing }: InWorkspace,
  { integration: named }: { readonly integration?: { readonly hash_id: string } },
): Promise<void> {
  if (named === undefined) return
  const integration = await store.integrations.find(workspace.id, named.hash_id as IntegrationHash)
  if (
    integration === undefined ||
    !isVisible(request, { workspace, standing, integration }, 'integration.use')
  )
    throw invalid('integration.hash_id', 'there is no such integration in this workspace')
}
