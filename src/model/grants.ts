import type { PersonId } from './access.ts'
import type { GroupId } from './group.ts'
import { type Level, widest } from './permission-set.ts'

/** How much of one thing is whose: by person, by group, and everybody else's. `default`: what their permission set says. */
export interface Grants {
  readonly others: Level | 'default'
  readonly users: readonly { readonly id: PersonId; readonly level: Level | 'default' }[]
  readonly groups: readonly { readonly id: GroupId; readonly level: Level | 'default' }[]
}

/** A person's own level, else the widest of their groups', else that of all others. */
export function levelOf(
  { others, users, groups }: Grants,
  who: { readonly personId: PersonId; readonly groups: readonly GroupId[] },
  usual: Level,
): Level {
  const settle = (level: Level | 'default'): Level => (level === 'default' ? usual : level)
  const own = users.find(({ id }) => id === who.personId)
  if (own !== undefined) return settle(own.level)
  const theirs = groups.filter(({ id }) => who.groups.includes(id))
  return theirs.length > 0 ? widest(theirs.map(({ level }) => settle(level))) : settle(others)
}
