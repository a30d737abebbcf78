import { findWorkspace } from './find.ts'
import { findGroup, findGroupMember, knownMember, knownSet } from './find-people.ts'
import { encoder } from './members.ts'
import { partOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { decodeGroup, decodeGroupPatch, encodeGroup, GroupBody, GroupPatch, GroupView } from './wire/group.ts'
import { GroupMemberBody, GroupMemberPatch, GroupMemberView, STATUSES } from './wire/member.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'

export function routeGroups(api: Api, context: Context): void {
  const { store, links } = context
  const inWorkspace = Params('workspace')
  const List = listOf('groups', GroupView)
  api.get(
    '/workspaces/:workspace/groups',
    operation(
      'listGroups',
      "A workspace's groups",
      'member.read',
      { params: inWorkspace, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const groups = await store.groups.list(workspace.id)
      return {
        url: link.api('workspaces', workspace.domain, 'groups'),
        html_url: link.page(workspace.domain, '-', 'people', 'groups'),
        groups: partOf(request.query as Query, groups).map((group) => encodeGroup(group, workspace, link)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/groups',
    operation(
      'addGroup',
      'Make a group',
      'member.manage',
      { params: inWorkspace, body: GroupBody },
      { 201: GroupView },
    ),
    async (request, reply) => {
      const place = await findWorkspace(store, request)
      const draft = decodeGroup(bodyOf(request, GroupBody), place.workspace)
      if (draft.autoAssign !== undefined)
        await knownSet(store, place, draft.autoAssign, 'auto_assign_permission_set_id')
      const group = await store.groups.create(draft)
      reply.code(201)
      return encodeGroup(group, place.workspace, links(request))
    },
  )

  const params = Params('workspace', 'group')
  api.get(
    '/workspaces/:workspace/groups/:group',
    operation('getGroup', 'One group', 'member.read', { params }, { 200: GroupView }),
    async (request) => {
      const { group, workspace } = await findGroup(store, request)
      return encodeGroup(group, workspace, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/groups/:group',
    operation(
      'editGroup',
      'Change a group',
      'member.manage',
      { params, body: GroupPatch },
      { 200: GroupView },
    ),
    async (request) => {
      const { group, ...place } = await findGroup(store, request)
      const changed = decodeGroupPatch(bodyOf(request, GroupPatch), group)
      if (changed.autoAssign !== undefined)
        await knownSet(store, place, changed.autoAssign, 'auto_assign_permission_set_id')
      return encodeGroup(await store.groups.save(changed), place.workspace, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace/groups/:group',
    operation(
      'deleteGroup',
      'Remove a group; what its members had by it they have no longer',
      'member.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { group } = await findGroup(store, request)
      await store.groups.remove(group.id)
      reply.code(204)
    },
  )

  routeGroupMembers(api, context)
}

function routeGroupMembers(api: Api, context: Context): void {
  const { store, links } = context
  const encode = encoder(context)
  const inGroup = Params('workspace', 'group')
  const List = listOf('members', GroupMemberView)
  const statusOf = (manager: boolean) => (manager ? 'MANAGER' : 'MEMBER')

  api.get(
    '/workspaces/:workspace/groups/:group/members',
    operation(
      'listGroupMembers',
      'Who is in a group',
      'member.read',
      { params: inGroup, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const { group, ...place } = await findGroup(store, request)
      const { url, html_url } = encodeGroup(group, place.workspace, links(request))
      const members = await store.groups.members(group.id)
      return {
        url: `${url}/members`,
        html_url,
        members: partOf(request.query as Query, members).map(({ member, manager }) => ({
          ...encode(member, place, request),
          status: statusOf(manager),
        })),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/groups/:group/members',
    operation(
      'addGroupMember',
      'Put a member into a group',
      'member.manage',
      { params: inGroup, body: GroupMemberBody },
      { 201: GroupMemberView },
    ),
    async (request, reply) => {
      const { group, ...place } = await findGroup(store, request)
      const { id, status = 'MEMBER' } = bodyOf(request, GroupMemberBody)
      const person = await knownMember(store, place, id)
      await store.groups.addMember(group, person, STATUSES[status])
      reply.code(201)
      return { ...encode(await store.members.describe(place.workspace.id, person), place, request), status }
    },
  )

  const params = Params('workspace', 'group', 'groupMember')
  api.get(
    '/workspaces/:workspace/groups/:group/members/:groupMember',
    operation('getGroupMember', 'One member of a group', 'member.read', { params }, { 200: GroupMemberView }),
    async (request) => {
      const { member: found, ...place } = await findGroupMember(store, request)
      return { ...encode(found.member, place, request), status: statusOf(found.manager) }
    },
  )

  api.patch(
    '/workspaces/:workspace/groups/:group/members/:groupMember',
    operation(
      'editGroupMember',
      'Say what somebody is in a group',
      'member.manage',
      { params, body: GroupMemberPatch },
      { 200: GroupMemberView },
    ),
    async (request) => {
      const { member: found, group, ...place } = await findGroupMember(store, request)
      const { status = statusOf(found.manager) } = bodyOf(request, GroupMemberPatch)
      await store.groups.saveMember(group.id, found.member.person.id, STATUSES[status])
      return { ...encode(found.member, place, request), status }
    },
  )

  api.delete(
    '/workspaces/:workspace/groups/:group/members/:groupMember',
    operation(
      'deleteGroupMember',
      'Take a member out of a group',
      'member.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { member: found, group } = await findGroupMember(store, request)
      await store.groups.removeMember(group.id, found.member.person.id)
      reply.code(204)
    },
  )
}
