import type { Grants, Store } from '#model'
import { invalid } from './errors.ts'
import type { InWorkspace } from './find.ts'

/**
 * Checks that whoever is named belongs to the workspace.
 * @throws ModelError INVALID that names the first who does not: others' people are as unknown as nobody's.
 */
export async function checkGrants(
  store: Store,
  { workspace }: InWorkspace,
  { users, groups }: Pick<Grants, 'users' | 'groups'>,
): Promise<void> {
  for (const [index, { id }] of users.entries()) {
    if ((await store.members.find(workspace.id, id)) === undefined)
      throw invalid(`permissions.users.${index}.id`, 'there is no such member in this workspace')
  }
  for (const [index, { id }] of groups.entries()) {
    if ((await store.groups.find(workspace.id, id)) === undefined)
      throw invalid(`permissions.groups.${index}.id`, 'there is no such group in this workspace')
  }
}
