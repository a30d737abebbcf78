import { type Static, Type } from 'typebox'
import type { Member, PermissionSetId, Workspace } from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { Id, MemberRef, Nullable, Word } from './schema.ts'
import { encodeMember } from './workspace.ts'

/** Who is put into every new project, and as what. */
export const assignment = {
  auto_assign_to_new_projects: Type.Optional(Type.Boolean()),
  auto_assign_permission_set_id: Type.Optional(Id),
}
export const assignmentView = {
  auto_assign_to_new_projects: Type.Boolean(),
  auto_assign_permission_set_id: Nullable(Type.Integer()),
}

// Linear, and no stricter than those who carry mail.
const Email = Type.String({ pattern: '^[^\\s@\\x00-\\x1f]{1,64}@[^\\s@\\x00-\\x1f]{1,189}$' })
export const MemberBody = Type.Object({ email: Email, ...assignment })
export const MemberPatch = Type.Object({ admin: Type.Optional(Type.Boolean()), ...assignment })
export const MemberView = Type.Object(
  {
    ...MemberRef.properties,
    email: Nullable(Type.String({ description: 'With the scope MEMBER_EMAIL' })),
    ...assignmentView,
  },
  { title: 'FullMember' },
)

export const STATUSES = { MEMBER: false, MANAGER: true } as const
export const GroupMemberBody = Type.Object({ id: Id, status: Type.Optional(Word(STATUSES)) })
export const GroupMemberPatch = Type.Object({ status: Type.Optional(Word(STATUSES)) })
export const GroupMemberView = Type.Object(
  { ...MemberView.properties, status: Word(STATUSES) },
  { title: 'GroupMember' },
)

type Assignment = Pick<Static<typeof MemberPatch>, keyof typeof assignment>

/** What they are to get in new projects; what is not sent stays. */
export function decodeAssignment(
  { auto_assign_to_new_projects: assigned, auto_assign_permission_set_id: set }: Assignment,
  before?: PermissionSetId,
): PermissionSetId | undefined {
  if (!(assigned ?? before !== undefined)) return undefined
  const id = (set as PermissionSetId | undefined) ?? before
  if (id === undefined)
    throw invalid('auto_assign_permission_set_id', 'is missing: it says as what they are assigned')
  return id
}

/** `shown`: whether the one who asks may know the address. */
export function encodeFullMember(member: Member, workspace: Workspace, shown: boolean, links: Links) {
  return {
    ...encodeMember(member, workspace, links),
    email: (shown ? member.person.email : undefined) ?? null,
    ...encodeAssignment(member),
  }
}

export function encodeAssignment({ autoAssign }: { readonly autoAssign: PermissionSetId | undefined }) {
  return {
    auto_assign_to_new_projects: autoAssign !== undefined,
    auto_assign_permission_set_id: autoAssign ?? null,
  }
}
