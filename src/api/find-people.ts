import type { FastifyRequest } from 'fastify'
import type {
  Group,
  GroupId,
  GroupMember,
  Member,
  PermissionSet,
  PermissionSetId,
  PersonId,
  Store,
} from '#model'
import { invalid } from './errors.ts'
import { findWorkspace, type InWorkspace } from './find.ts'
import { numberOf } from './path.ts'
import { there } from './reach.ts'

// People, groups and sets, each found in the workspace that the path leads through.

export async function findMember(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly member: Member }> {
  const place = await findWorkspace(store, request)
  return {
    ...place,
    member: there(await store.members.find(place.workspace.id, personOf(request, 'member'))),
  }
}

export async function findGroup(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly group: Group }> {
  const place = await findWorkspace(store, request)
  return { ...place, group: there(await store.groups.find(place.workspace.id, groupOf(request, 'group'))) }
}

export async function findGroupMember(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly group: Group; readonly member: GroupMember }> {
  const place = await findGroup(store, request)
  return {
    ...place,
    member: there(await store.groups.findMember(place.group.id, personOf(request, 'groupMember'))),
  }
}

export async function findPermissionSet(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly set: PermissionSet }> {
  const place = await findWorkspace(store, request)
  const id = idOf(request, 'set') as PermissionSetId
  return { ...place, set: there(await store.permissionSets.find(place.workspace.id, id)) }
}

/**
 * The permission set that a body names, in the words of the one who sent it.
 * @throws ModelError INVALID for one of another workspace as for none.
 */
export async function knownSet(
  store: Store,
  { workspace }: InWorkspace,
  id: number,
  field: string,
): Promise<PermissionSetId> {
  const found = await store.permissionSets.find(workspace.id, id as PermissionSetId)
  if (found === undefined) throw invalid(field, 'there is no such permission set in this workspace')
  return found.id
}

/** The member that a body names. */
export async function knownMember(store: Store, { workspace }: InWorkspace, id: number): Promise<PersonId> {
  const found = await store.members.find(workspace.id, id as PersonId)
  if (found === undefined) throw invalid('id', 'there is no such member in this workspace')
  return found.person.id
}

/** The group that a body names. */
export async function knownGroup(store: Store, { workspace }: InWorkspace, id: number): Promise<GroupId> {
  const found = await store.groups.find(workspace.id, id as GroupId)
  if (found === undefined) throw invalid('id', 'there is no such group in this workspace')
  return found.id
}

/** Whom the path names. */
export function personOf(
  request: FastifyRequest,
  name: 'member' | 'groupMember' | 'projectMember',
): PersonId {
  return idOf(request, name) as PersonId
}

/** Which group the path names. */
export function groupOf(request: FastifyRequest, name: 'group' | 'projectGroup'): GroupId {
  return idOf(request, name) as GroupId
}

function idOf(request: FastifyRequest, name: string): number {
  return numberOf((request.params as Readonly<Record<string, string>>)[name] ?? '')
}
