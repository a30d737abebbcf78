import type { FastifyRequest } from 'fastify'
import { type Member, ModelError, permits } from '#model'
import { allow } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { findWorkspace, type InWorkspace } from './find.ts'
import { findMember, knownSet } from './find-people.ts'
import { decodePage, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { decodeAssignment, encodeFullMember, MemberBody, MemberPatch, MemberView } from './wire/member.ts'
import { listOf, PageQuery, Params } from './wire/schema.ts'
import { decodeToken, encodeToken, MemberTokenBody, TokenView } from './wire/token.ts'

export function routeMembers(api: Api, context: Context): void {
  const { store, links, now } = context
  const encode = encoder(context)
  const inWorkspace = Params('workspace')
  const List = listOf('members', MemberView)
  api.get(
    '/workspaces/:workspace/members',
    operation(
      'listMembers',
      'Who is in a workspace',
      'member.read',
      { params: inWorkspace, querystring: PageQuery('id', 'name') },
      { 200: List },
    ),
    async (request) => {
      const place = await findWorkspace(store, request)
      const page = decodePage(request.query as Query, { id: 'id', name: 'name' })
      const { items } = await store.members.list(place.workspace.id, page)
      const link = links(request)
      return {
        url: link.api('workspaces', place.workspace.domain, 'members'),
        html_url: link.page(place.workspace.domain, '-', 'people'),
        members: items.map((member) => encode(member, place, request)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/members',
    operation(
      'addMember',
      'Let somebody in, by their email; they have no token yet',
      'member.manage',
      { params: inWorkspace, body: MemberBody },
      { 201: MemberView },
    ),
    async (request, reply) => {
      const place = await findWorkspace(store, request)
      const body = bodyOf(request, MemberBody)
      const autoAssign = decodeAssignment(body)
      if (autoAssign !== undefined) await knownSet(store, place, autoAssign, 'auto_assign_permission_set_id')
      const draft = { workspaceId: place.workspace.id, email: body.email, admin: false, autoAssign }
      reply.code(201)
      return encode(await store.members.add(draft), place, request)
    },
  )

  const params = Params('workspace', 'member')
  api.get(
    '/workspaces/:workspace/members/:member',
    operation('getMember', 'One member', 'member.read', { params }, { 200: MemberView }),
    async (request) => {
      const { member, ...place } = await findMember(store, request)
      return encode(member, place, request)
    },
  )

  api.patch(
    '/workspaces/:workspace/members/:member',
    operation(
      'editMember',
      'Say whether a member is an admin, and what they get in new projects',
      'member.manage',
      { params, body: MemberPatch },
      { 200: MemberView },
    ),
    async (request) => {
      const { member, ...place } = await findMember(store, request)
      const body = bodyOf(request, MemberPatch)
      if (member.owner && body.admin === false)
        throw new ModelError('CONFLICT', 'admin: the owner is always one', { field: 'admin' })
      const autoAssign = decodeAssignment(body, member.autoAssign)
      if (autoAssign !== undefined) await knownSet(store, place, autoAssign, 'auto_assign_permission_set_id')
      const saved = await store.members.save({ ...member, admin: body.admin ?? member.admin, autoAssign })
      return encode(saved, place, request)
    },
  )

  api.delete(
    '/workspaces/:workspace/members/:member',
    operation(
      'deleteMember',
      'Put a member out, of groups and projects too: from their next request on they see nothing here',
      'member.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { member, workspace } = await findMember(store, request)
      if (member.owner) throw new ModelError('CONFLICT', 'the owner cannot be put out')
      await store.members.remove(workspace.id, member.person.id)
      reply.code(204)
    },
  )

  api.post(
    '/workspaces/:workspace/members/:member/tokens',
    operation(
      'addMemberToken',
      'Make a token for a member, for this workspace alone; it may no more than the one that asks, and no more than the member',
      'token.manage',
      { params, body: MemberTokenBody },
      { 201: TokenView },
    ),
    async (request, reply) => {
      const { member, ...place } = await findMember(store, request)
      const caller = callerOn(request)
      allow(request, place, 'member.manage')
      const { person } = member
      if ((member.owner || person.owner) && person.id !== caller.person.id)
        throw new ModelError('FORBIDDEN', 'Only owners make tokens of theirs')
      const body = { ...bodyOf(request, MemberTokenBody), workspace_restrictions: [place.workspace.domain] }
      const draft = { ...decodeToken(body, caller, now()), personId: person.id }
      const { token, text } = await store.tokens.create(draft)
      reply.code(201)
      return { ...encodeToken(token, links(request)), token: text.reveal() }
    },
  )
}

/** Shows members to whoever asks, with their addresses where the token is for that. */
export function encoder({ links }: Pick<Context, 'links'>) {
  return (member: Member, { workspace }: InWorkspace, request: FastifyRequest) =>
    encodeFullMember(member, workspace, permits(callerOn(request), 'member.email'), links(request))
}
