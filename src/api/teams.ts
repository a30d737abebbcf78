import type { FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { Group, Mate, Member, Teammate } from '#model'
import { findProject, type InProject } from './find.ts'
import { groupOf, knownGroup, knownMember, knownSet, personOf } from './find-people.ts'
import { encoder } from './members.ts'
import { decodePage, partOf, type Query } from './page.ts'
import { there } from './reach.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { encodeGroup, GroupView } from './wire/group.ts'
import { MemberView } from './wire/member.ts'
import { encodePermissionSet, PermissionSetRef, PermissionSetView } from './wire/permission-set.ts'
import { Id, listOf, PageQuery, Params, PartQuery } from './wire/schema.ts'
import { encodeProject } from './wire/workspace.ts'

/** What is different of people and groups in a project; their routes are the same. */
interface Side {
  readonly noun: 'member' | 'group'
  readonly view: TSchema
  readonly querystring: TSchema
  readonly list: (place: InProject, request: FastifyRequest) => Promise<readonly object[]>
  /** One of them as clients see it; undefined: not in this project. */
  readonly show: (place: InProject, request: FastifyRequest, mate: Teammate) => Promise<object | undefined>
  /** Whom the path names, and whom a body does. */
  readonly named: (request: FastifyRequest) => Teammate
  readonly known: (place: InProject, id: number) => Promise<Teammate>
}

/** Who is in a project, and what they may do there. */
export function routeTeams(api: Api, context: Context): void {
  const { teams } = context.store
  for (const side of [peopleOf(context), groupsOf(context)]) {
    const { noun, view, querystring, list, show, named, known } = side
    const Noun = noun === 'member' ? 'Member' : 'Group'
    const many = `${noun}s`
    const inProject = Params('workspace', 'project')
    const List = listOf(many, view)
    api.get(
      `/workspaces/:workspace/projects/:project/${many}`,
      operation(
        `listProject${Noun}s`,
        `The ${many} of a project`,
        'team.read',
        { params: inProject, querystring },
        { 200: List },
      ),
      async (request) => {
        const place = await findProject(context.store, request)
        const { url, html_url } = encodeProject(place.project, place.workspace, context.links(request))
        return { url: `${url}/${many}`, html_url, [many]: await list(place, request) }
      },
    )

    const Body = Type.Object({ id: Id, permission_set: PermissionSetRef })
    api.post(
      `/workspaces/:workspace/projects/:project/${many}`,
      operation(
        `addProject${Noun}`,
        `Put a ${noun} of the workspace into a project`,
        'team.manage',
        { params: inProject, body: Body },
        { 201: view },
      ),
      async (request, reply) => {
        const place = await findProject(context.store, request)
        const { id, permission_set } = bodyOf(request, Body)
        const mate = await known(place, id)
        const set = await knownSet(context.store, place, permission_set.id, 'permission_set.id')
        await teams.add(place.project.id, mate, set)
        reply.code(201)
        return there(await show(place, request, mate))
      },
    )

    const path = `/workspaces/:workspace/projects/:project/${many}/:project${Noun}`
    const params = Params('workspace', 'project', `project${Noun}`)
    api.get(
      path,
      operation(`getProject${Noun}`, `One ${noun} of a project`, 'team.read', { params }, { 200: view }),
      async (request) => {
        const place = await findProject(context.store, request)
        return there(await show(place, request, named(request)))
      },
    )

    const Patch = Type.Object({ permission_set: Type.Optional(PermissionSetRef) })
    api.patch(
      path,
      operation(
        `editProject${Noun}`,
        `Say what a ${noun} may do in a project`,
        'team.manage',
        { params, body: Patch },
        { 200: view },
      ),
      async (request) => {
        const place = await findProject(context.store, request)
        const mate = named(request)
        there(await show(place, request, mate))
        const { permission_set: set } = bodyOf(request, Patch)
        if (set !== undefined) {
          const id = await knownSet(context.store, place, set.id, 'permission_set.id')
          await teams.save(place.project.id, mate, id)
        }
        return there(await show(place, request, mate))
      },
    )

    api.delete(
      path,
      operation(
        `deleteProject${Noun}`,
        `Take a ${noun} out of a project`,
        'team.manage',
        { params },
        { 204: undefined },
      ),
      async (request, reply) => {
        const place = await findProject(context.store, request)
        const mate = named(request)
        there(await show(place, request, mate))
        await teams.remove(place.project.id, mate)
        reply.code(204)
      },
    )
  }
}

function peopleOf(context: Context): Side {
  const { store, links } = context
  const member = encoder(context)
  const encode = ({ who, permissionSet }: Mate<Member>, place: InProject, request: FastifyRequest) => ({
    ...member(who, place, request),
    permission_set: encodePermissionSet(permissionSet, place.workspace, links(request)),
  })
  return {
    noun: 'member',
    view: Type.Object(
      { ...MemberView.properties, permission_set: PermissionSetView },
      { title: 'ProjectMember' },
    ),
    querystring: PageQuery('id', 'name'),
    async list(place, request) {
      const page = decodePage(request.query as Query, { id: 'id', name: 'name' })
      const { items } = await store.teams.members(place.project.id, page)
      return items.map((mate) => encode(mate, place, request))
    },
    async show(place, request, mate) {
      const found = 'person' in mate ? await store.teams.findMember(place.project.id, mate.person) : undefined
      return found && encode(found, place, request)
    },
    named: (request) => ({ person: personOf(request, 'projectMember') }),
    known: async (place, id) => ({ person: await knownMember(store, place, id) }),
  }
}

function groupsOf({ store, links }: Context): Side {
  const encode = (
    { who, permissionSet }: Mate<Group>,
    { workspace }: InProject,
    request: FastifyRequest,
  ) => ({
    ...encodeGroup(who, workspace, links(request)),
    permission_set: encodePermissionSet(permissionSet, workspace, links(request)),
  })
  return {
    noun: 'group',
    view: Type.Object(
      { ...GroupView.properties, permission_set: PermissionSetView },
      { title: 'ProjectGroup' },
    ),
    querystring: PartQuery,
    async list(place, request) {
      const mates = partOf(request.query as Query, await store.teams.groups(place.project.id))
      return mates.map((mate) => encode(mate, place, request))
    },
    async show(place, request, mate) {
      const found = 'group' in mate ? await store.teams.findGroup(place.project.id, mate.group) : undefined
      return found && encode(found, place, request)
    },
    named: (request) => ({ group: groupOf(request, 'projectGroup') }),
    known: async (place, id) => ({ group: await knownGroup(store, place, id) }),
  }
}
