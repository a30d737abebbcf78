import { type Static, Type } from 'typebox'
import type { Group, Workspace } from '#model'
import type { Links } from '../links.ts'
import { assignment, assignmentView, decodeAssignment, encodeAssignment } from './member.ts'
import { HtmlUrl, Name, Nullable, Text, Url } from './schema.ts'

export const GroupBody = Type.Object({ name: Name, description: Type.Optional(Text), ...assignment })
export const GroupPatch = Type.Object({
  name: Type.Optional(Name),
  description: Type.Optional(Text),
  ...assignment,
})
export const GroupView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    name: Type.String(),
    description: Nullable(Type.String()),
    ...assignmentView,
  },
  { title: 'Group' },
)

export function decodeGroup(
  body: Static<typeof GroupBody>,
  { id: workspaceId }: Workspace,
): Omit<Group, 'id'> {
  const { name, description } = body
  return { workspaceId, name, description, autoAssign: decodeAssignment(body) }
}

export function decodeGroupPatch(body: Static<typeof GroupPatch>, before: Group): Group {
  const { name = before.name, description = before.description } = body
  return { ...before, name, description, autoAssign: decodeAssignment(body, before.autoAssign) }
}

export function encodeGroup(group: Group, { domain }: Workspace, links: Links) {
  const { id, name, description } = group
  return {
    url: links.api('workspaces', domain, 'groups', id),
    html_url: links.page(domain, '-', 'people', 'groups', id),
    id,
    name,
    description: description ?? null,
    ...encodeAssignment(group),
  }
}
