import { ModelError, type PermissionSet } from '#model'
import { findWorkspace } from './find.ts'
import { findPermissionSet } from './find-people.ts'
import { partOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  decodePermissionSet,
  decodePermissionSetPatch,
  encodePermissionSet,
  PermissionSetBody,
  PermissionSetPatch,
  PermissionSetView,
} from './wire/permission-set.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'

export function routePermissionSets(api: Api, { store, links }: Context): void {
  const inWorkspace = Params('workspace')
  const List = listOf('permission_sets', PermissionSetView)
  api.get(
    '/workspaces/:workspace/permissions',
    operation(
      'listPermissionSets',
      'What can be allowed to people in projects, the three built-in sets first',
      'member.read',
      { params: inWorkspace, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const sets = await store.permissionSets.list(workspace.id)
      return {
        url: link.api('workspaces', workspace.domain, 'permissions'),
        html_url: link.page(workspace.domain, '-', 'people', 'permissions'),
        permission_sets: partOf(request.query as Query, sets).map((set) =>
          encodePermissionSet(set, workspace, link),
        ),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/permissions',
    operation(
      'addPermissionSet',
      'Make a permission set',
      'member.manage',
      { params: inWorkspace, body: PermissionSetBody },
      { 201: PermissionSetView },
    ),
    async (request, reply) => {
      const { workspace } = await findWorkspace(store, request)
      const draft = decodePermissionSet(bodyOf(request, PermissionSetBody), workspace)
      const set = await store.permissionSets.create(draft)
      reply.code(201)
      return encodePermissionSet(set, workspace, links(request))
    },
  )

  const params = Params('workspace', 'set')
  api.get(
    '/workspaces/:workspace/permissions/:set',
    operation(
      'getPermissionSet',
      'One permission set',
      'member.read',
      { params },
      { 200: PermissionSetView },
    ),
    async (request) => {
      const { set, workspace } = await findPermissionSet(store, request)
      return encodePermissionSet(set, workspace, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/permissions/:set',
    operation(
      'editPermissionSet',
      'Change a permission set, for all who have it',
      'member.manage',
      { params, body: PermissionSetPatch },
      { 200: PermissionSetView },
    ),
    async (request) => {
      const { set, workspace } = await findPermissionSet(store, request)
      checkCustom(set)
      const changed = decodePermissionSetPatch(bodyOf(request, PermissionSetPatch), set)
      return encodePermissionSet(await store.permissionSets.save(changed), workspace, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace/permissions/:set',
    operation(
      'deletePermissionSet',
      'Remove a permission set that nobody has',
      'member.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { set } = await findPermissionSet(store, request)
      checkCustom(set)
      await store.permissionSets.remove(set.id)
      reply.code(204)
    },
  )
}

function checkCustom({ type }: PermissionSet): void {
  if (type !== 'custom') throw new ModelError('FORBIDDEN', 'The built-in permission sets stay as they are')
}
