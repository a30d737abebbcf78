import { ModelError, sees } from '#model'
import { callerOn } from './authenticate.ts'
import { findWorkspace } from './find.ts'
import { partOf, type Query } from './page.ts'
import { workspacesOf } from './reach.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import {
  decodeWorkspace,
  encodeFullWorkspace,
  encodeWorkspace,
  ShortWorkspaceView,
  WorkspaceBody,
  WorkspacePatch,
  WorkspaceView,
} from './wire/workspace.ts'

export function routeWorkspaces(api: Api, { store, links }: Context): void {
  const List = listOf('workspaces', ShortWorkspaceView)
  api.get(
    '/workspaces',
    operation(
      'listWorkspaces',
      'The workspaces that the token may see',
      'workspace.read',
      { querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const link = links(request)
      const seen = await workspacesOf(store, request)
      const workspaces = partOf(request.query as Query, seen).map((workspace) =>
        encodeWorkspace(workspace, link),
      )
      return { url: link.api('workspaces'), html_url: link.page(), workspaces }
    },
  )

  api.post(
    '/workspaces',
    operation(
      'addWorkspace',
      'Make a workspace',
      'workspace.manage',
      { body: WorkspaceBody },
      { 201: WorkspaceView },
    ),
    async (request, reply) => {
      const draft = decodeWorkspace(bodyOf(request, WorkspaceBody))
      // Before it is known whether the domain is taken: that is nobody's business who may not see it.
      if (!sees(callerOn(request), draft.domain))
        throw new ModelError('FORBIDDEN', 'The token is for other workspaces')
      const workspace = await store.workspaces.create({ ...draft, ownerId: callerOn(request).person.id })
      reply.code(201)
      return encodeFullWorkspace(workspace, links(request))
    },
  )

  const params = Params('workspace')
  api.get(
    '/workspaces/:workspace',
    operation('getWorkspace', 'One workspace', 'workspace.read', { params }, { 200: WorkspaceView }),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      return encodeFullWorkspace(workspace, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace',
    operation(
      'editWorkspace',
      'Rename a workspace',
      'workspace.manage',
      { params, body: WorkspacePatch },
      { 200: WorkspaceView },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const saved = await store.workspaces.save({
        ...workspace,
        name: bodyOf(request, WorkspacePatch).name ?? workspace.name,
      })
      return encodeFullWorkspace(saved, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace',
    operation(
      'deleteWorkspace',
      'Remove a workspace and all that is in it',
      'workspace.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { workspace } = await findWorkspace(store, request)
      await store.workspaces.remove(workspace.id)
      reply.code(204)
    },
  )
}
