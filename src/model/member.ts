import type { Person, PersonId } from './access.ts'
import type { Page, Slice } from './page.ts'
import type { PermissionSetId } from './permission-set.ts'
import type { WorkspaceId } from './workspace.ts'

/** Somebody in a workspace. `owner`: of this workspace. */
export interface Member {
  readonly workspaceId: WorkspaceId
  readonly person: Person
  readonly admin: boolean
  readonly owner: boolean
  /** What they get in projects that are made from now on; undefined: they are not put into them. */
  readonly autoAssign: PermissionSetId | undefined
}

/** Keeps who is in which workspace. Whoever leaves one leaves its groups and projects. */
export interface Members {
  list(workspaceId: WorkspaceId, page: Page<'id' | 'name'>): Promise<Slice<Member>>
  find(workspaceId: WorkspaceId, id: PersonId): Promise<Member | undefined>
  /** By their address, however it is written. */
  findByEmail(workspaceId: WorkspaceId, email: string): Promise<Member | undefined>
  /** What the record has of somebody who may have left meanwhile. */
  describe(workspaceId: WorkspaceId, id: PersonId): Promise<Member>
  /** Lets in whoever has this email, making them known if nobody has. Throws CONFLICT (field `email`) when they are in already. */
  add(
    draft: Pick<Member, 'workspaceId' | 'admin' | 'autoAssign'> & { readonly email: string },
  ): Promise<Member>
  save(member: Member): Promise<Member>
  remove(workspaceId: WorkspaceId, id: PersonId): Promise<void>
}

/** Keeps people, in whatever workspaces they are. */
export interface People {
  /** The owner of all, made at the first start. */
  owner(): Promise<Person>
  rename(id: PersonId, name: string): Promise<Person>
}
