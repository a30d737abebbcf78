import type { Selectable } from 'kysely'
import type { Group, GroupMember, Groups } from '#model'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { type MemberRow, selectMembers, toMember } from './members.ts'
import type { Tables } from './tables.ts'

/** Keeps groups in PostgreSQL. */
export function keepGroups(db: Database): Groups {
  const inWorkspace = (workspaceId: number) =>
    db.selectFrom('groups').selectAll().where('workspaceId', '=', workspaceId)
  const membersOf = (groupId: number) =>
    selectMembers(db)
      .innerJoin('groupMembers', (join) =>
        join
          .onRef('groupMembers.personId', '=', 'members.personId')
          .onRef('groupMembers.workspaceId', '=', 'members.workspaceId'),
      )
      .select('manager')
      .where('groupId', '=', groupId)
  return {
    async list(workspaceId) {
      return (await inWorkspace(workspaceId).orderBy('id').execute()).map(toGroup)
    },
    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).where('id', '=', id).executeTakeFirst()
      return row && toGroup(row)
    },
    async create(draft) {
      const insert = db.insertInto('groups').values(columns(draft)).returningAll()
      return toGroup(await orConflict(insert.executeTakeFirstOrThrow()))
    },
    async save(group) {
      const update = db.updateTable('groups').set(columns(group)).where('id', '=', group.id).returningAll()
      return toGroup(orGone(await orConflict(update.executeTakeFirst()), 'group'))
    },
    async remove(id) {
      await db.deleteFrom('groups').where('id', '=', id).execute()
    },
    async members(id) {
      return (await membersOf(id).orderBy('people.id').execute()).map(toGroupMember)
    },
    async findMember(id, person) {
      const row = await membersOf(id).where('people.id', '=', person).executeTakeFirst()
      return row && toGroupMember(row)
    },
    async addMember({ id, workspaceId }, person, manager) {
      const values = { groupId: id, workspaceId, personId: person, manager }
      await orConflict(db.insertInto('groupMembers').values(values).execute())
    },
    async saveMember(id, person, manager) {
      const those = db.updateTable('groupMembers').set({ manager }).where('groupId', '=', id)
      await those.where('personId', '=', person).execute()
    },
    async removeMember(id, person) {
      const those = db.deleteFrom('groupMembers').where('groupId', '=', id)
      await those.where('personId', '=', person).execute()
    },
  }
}

export type GroupRow = Selectable<Tables['groups']>

export function toGroup({ id, workspaceId, name, description, autoAssign }: GroupRow): Group {
  return {
    id: id as Group['id'],
    workspaceId: workspaceId as Group['workspaceId'],
    name,
    description: description ?? undefined,
    autoAssign: (autoAssign ?? undefined) as Group['autoAssign'],
  }
}

function toGroupMember(row: MemberRow & { readonly manager: boolean }): GroupMember {
  return { member: toMember(row), manager: row.manager }
}

function columns({ workspaceId, name, description, autoAssign }: Omit<Group, 'id'>) {
  return { workspaceId, name, description: description ?? null, autoAssign: autoAssign ?? null }
}
