import type { PersonId } from './access.ts'
import type { Group, GroupId } from './group.ts'
import type { Member } from './member.ts'
import type { Page, Slice } from './page.ts'
import type { PermissionSet, PermissionSetId } from './permission-set.ts'
import type { ProjectId } from './workspace.ts'

/** One of a project's team: a person, or a group with all who are in it. */
export type Teammate = { readonly person: PersonId } | { readonly group: GroupId }

/** Somebody in a project, and what they may do there. */
export interface Mate<Who extends Member | Group> {
  readonly who: Who
  readonly permissionSet: PermissionSet
}

/** Keeps who is in which project. */
export interface Teams {
  members(projectId: ProjectId, page: Page<'id' | 'name'>): Promise<Slice<Mate<Member>>>
  findMember(projectId: ProjectId, id: PersonId): Promise<Mate<Member> | undefined>
  groups(projectId: ProjectId): Promise<readonly Mate<Group>[]>
  findGroup(projectId: ProjectId, id: GroupId): Promise<Mate<Group> | undefined>
  /** Throws CONFLICT (field `id`) when they are in it already. */
  add(projectId: ProjectId, mate: Teammate, set: PermissionSetId): Promise<void>
  save(projectId: ProjectId, mate: Teammate, set: PermissionSetId): Promise<void>
  remove(projectId: ProjectId, mate: Teammate): Promise<void>
}
