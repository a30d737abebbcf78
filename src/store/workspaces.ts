import type { Workspace, Workspaces } from '#model'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'

/** Keeps workspaces in PostgreSQL. */
export function keepWorkspaces(db: Database): Workspaces {
  return {
    async list() {
      return (await db.selectFrom('workspaces').selectAll().orderBy('id').execute()) as Workspace[]
    },
    async find(domain) {
      const row = await db
        .selectFrom('workspaces')
        .selectAll()
        .where('domain', '=', domain)
        .executeTakeFirst()
      return row as Workspace | undefined
    },
    async create({ domain, name }) {
      const insert = db.insertInto('workspaces').values({ domain, name }).returningAll()
      return (await orConflict(insert.executeTakeFirstOrThrow())) as Workspace
    },
    async save({ id, domain, name }) {
      const update = db.updateTable('workspaces').set({ domain, name }).where('id', '=', id).returningAll()
      return orGone(await orConflict(update.executeTakeFirst()), 'workspace') as Workspace
    },
    async remove(id) {
      await db.deleteFrom('workspaces').where('id', '=', id).execute()
    },
  }
}
