import type { PersonId } from './access.ts'
import type { Member } from './member.ts'
import type { PermissionSetId } from './permission-set.ts'
import type { WorkspaceId } from './workspace.ts'

/** A group's number. */
export type GroupId = number & { readonly group: unique symbol }

/** Members of a workspace who are meant together. */
export interface Group {
  readonly id: GroupId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly description: string | undefined
  /** What the group gets in projects that are made from now on; undefined: it is not put into them. */
  readonly autoAssign: PermissionSetId | undefined
}

/** Somebody in a group. */
export interface GroupMember {
  readonly member: Member
  readonly manager: boolean
}

/** Keeps groups, and who is in them. `create` and `save` throw CONFLICT (field `name`) when the name is taken. */
export interface Groups {
  list(workspaceId: WorkspaceId): Promise<readonly Group[]>
  find(workspaceId: WorkspaceId, id: GroupId): Promise<Group | undefined>
  create(draft: Omit<Group, 'id'>): Promise<Group>
  save(group: Group): Promise<Group>
  remove(id: GroupId): Promise<void>
  members(id: GroupId): Promise<readonly GroupMember[]>
  findMember(id: GroupId, person: PersonId): Promise<GroupMember | undefined>
  /** Throws CONFLICT (field `id`) when they are in the group already. */
  addMember(group: Group, person: PersonId, manager: boolean): Promise<void>
  saveMember(id: GroupId, person: PersonId, manager: boolean): Promise<void>
  removeMember(id: GroupId, person: PersonId): Promise<void>
}
