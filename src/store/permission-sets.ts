import { type Selectable, sql } from 'kysely'
import { BUILT_IN, type Levels, ModelError, type PermissionSet, type PermissionSets } from '#model'
import { within } from './actions.ts'
import { orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

/** Keeps permission sets in PostgreSQL. */
export function keepPermissionSets(db: Database): PermissionSets {
  const inWorkspace = (workspaceId: number) =>
    db.selectFrom('permissionSets').selectAll().where('workspaceId', '=', workspaceId)
  return {
    async list(workspaceId) {
      return (await inWorkspace(workspaceId).orderBy('id').execute()).map(toPermissionSet)
    },
    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).where('id', '=', id).executeTakeFirst()
      return row && toPermissionSet(row)
    },
    async create(draft) {
      const insert = db.insertInto('permissionSets').values(columns(draft)).returningAll()
      return toPermissionSet(await insert.executeTakeFirstOrThrow())
    },
    async save(set) {
      const update = db.updateTable('permissionSets').set(columns(set)).where('id', '=', set.id)
      return toPermissionSet(orGone(await update.returningAll().executeTakeFirst(), 'permission set'))
    },
    remove(id) {
      return within(db, async (trx) => {
        // Whoever is given the set meanwhile waits for this lock, and finds it gone.
        await trx.selectFrom('permissionSets').select('id').where('id', '=', id).forUpdate().execute()
        if (await isUsed(trx, id))
          throw new ModelError('CONFLICT', 'the permission set is in use: give those who have it another one')
        await trx.deleteFrom('permissionSets').where('id', '=', id).execute()
      })
    },
  }
}

/** The sets that a new workspace has. */
export async function addBuiltIn(trx: Database, workspaceId: number): Promise<void> {
  const rows = BUILT_IN.map((set) =>
    columns({ ...set, workspaceId: workspaceId as PermissionSet['workspaceId'] }),
  )
  await trx.insertInto('permissionSets').values(rows).execute()
}

export function toPermissionSet(row: Selectable<Tables['permissionSets']>): PermissionSet {
  const { id, workspaceId, type, name, description, levels } = row
  return {
    id: id as PermissionSet['id'],
    workspaceId: workspaceId as PermissionSet['workspaceId'],
    ...{ type, name },
    description: description ?? undefined,
    levels: levels as Levels,
  }
}

function columns({ workspaceId, type, name, description, levels }: Omit<PermissionSet, 'id'>) {
  const text = JSON.stringify(levels)
  return { workspaceId, type, name, description: description ?? null, levels: text }
}

async function isUsed(trx: Database, id: number): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`select
    exists (select from project_members where permission_set_id = ${id})
    or exists (select from project_groups where permission_set_id = ${id})
    or exists (select from members where auto_assign = ${id})
    or exists (select from groups where auto_assign = ${id}) as used`.execute(trx)
  return rows[0]?.used ?? false
}
