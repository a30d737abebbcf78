import { useQuery } from '@tanstack/react-query'
import type { GroupView, MemberView, PermissionSetView } from '#api/wire'
import { pathOf } from './call.ts'
import { useAll } from './list.ts'
import { thing } from './query.ts'

const membersOf = ({ members }: { readonly members: readonly MemberView[] }) => members

/** Who there is in a workspace, and what they can be allowed, to choose from. Empty until it is known, and for those who may not know it. */
export function usePeople(workspace: string) {
  const path = pathOf('workspaces', workspace)
  const members = useAll(`${path}/members`, membersOf)
  const groups = useQuery(thing<{ groups: GroupView[] }>(`${path}/groups`))
  const sets = useQuery(thing<{ permission_sets: PermissionSetView[] }>(`${path}/permissions`))
  return {
    members: members.data ?? [],
    groups: groups.data?.groups ?? [],
    sets: sets.data?.permission_sets ?? [],
  }
}

/** What somebody is called: by name, else by address. */
export function nameOf({ name, email, id }: Pick<MemberView, 'name' | 'email' | 'id'>): string {
  return name || email || `Person ${id}`
}
