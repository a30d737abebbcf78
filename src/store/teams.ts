import { sql } from 'kysely'
import type { PermissionSet, Teammate, Teams } from '#model'
import { orConflict } from './conflicts.ts'
import type { Database } from './database.ts'
import { toGroup } from './groups.ts'
import { type MemberRow, selectMembers, sorted, toMember } from './members.ts'
import { toPermissionSet } from './permission-sets.ts'
import { slice } from './slice.ts'

/** Keeps who is in which project, in PostgreSQL. */
export function keepTeams(db: Database): Teams {
  const members = (projectId: number) =>
    selectMembers(db)
      .innerJoin('projectMembers', (join) =>
        join
          .onRef('projectMembers.personId', '=', 'members.personId')
          .onRef('projectMembers.workspaceId', '=', 'members.workspaceId'),
      )
      .select('permissionSetId')
      .where('projectId', '=', projectId)
  const groups = (projectId: number) =>
    db
      .selectFrom('projectGroups')
      .innerJoin('groups', 'groups.id', 'projectGroups.groupId')
      .selectAll('groups')
      .select('permissionSetId')
      .where('projectId', '=', projectId)

  const withSets = async <Row extends Assigned, T>(rows: readonly Row[], read: (row: Row) => T) => {
    const ids = rows.map(({ permissionSetId }) => permissionSetId)
    const found = await db
      .selectFrom('permissionSets')
      .selectAll()
      .where('id', '=', sql<number>`any(${ids})`)
      .execute()
    const sets = new Map<number, PermissionSet>(found.map((set) => [set.id, toPermissionSet(set)]))
    return rows.flatMap((row) => {
      const permissionSet = sets.get(row.permissionSetId)
      return permissionSet === undefined ? [] : [{ who: read(row), permissionSet }]
    })
  }

  return {
    async members(projectId, page) {
      const rows = members(projectId)
      const found = await slice<MemberRow & Assigned>(sorted(rows, page), rows.clearSelect(), page)
      return { items: await withSets(found.items, toMember), total: found.total }
    },
    async findMember(projectId, id) {
      return (await withSets(await members(projectId).where('people.id', '=', id).execute(), toMember))[0]
    },
    async groups(projectId) {
      return withSets(await groups(projectId).orderBy('groups.id').execute(), toGroup)
    },
    async findGroup(projectId, id) {
      return (await withSets(await groups(projectId).where('groups.id', '=', id).execute(), toGroup))[0]
    },
    async add(projectId, mate, permissionSetId) {
      if ('group' in mate) {
        const values = { projectId, groupId: mate.group, permissionSetId }
        await orConflict(db.insertInto('projectGroups').values(values).execute())
        return
      }
      const workspaceId = sql<number>`(select workspace_id from projects where id = ${projectId})`
      const values = { projectId, workspaceId, personId: mate.person, permissionSetId }
      await orConflict(db.insertInto('projectMembers').values(values).execute())
    },
    async save(projectId, mate, permissionSetId) {
      const { table, column, id } = rowOf(mate)
      await sql`update ${table} set permission_set_id = ${permissionSetId}
        where project_id = ${projectId} and ${column} = ${id}`.execute(db)
    },
    async remove(projectId, mate) {
      const { table, column, id } = rowOf(mate)
      await sql`delete from ${table} where project_id = ${projectId} and ${column} = ${id}`.execute(db)
    },
  }
}

interface Assigned {
  readonly permissionSetId: number
}

function rowOf(mate: Teammate) {
  return 'group' in mate
    ? { table: sql.table('project_groups'), column: sql.ref('group_id'), id: mate.group }
    : { table: sql.table('project_members'), column: sql.ref('person_id'), id: mate.person }
}
