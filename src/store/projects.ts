import type { Project, Projects } from '#model'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { slice } from './slice.ts'

/** Keeps projects in PostgreSQL. */
export function keepProjects(db: Database): Projects {
  return {
    async list(workspaceId, page, filter = {}) {
      let rows = db.selectFrom('projects').where('workspaceId', '=', workspaceId)
      if (filter.status !== undefined) rows = rows.where('status', '=', filter.status)
      const sorted = rows
        .selectAll()
        .orderBy(page.sortBy ?? 'name', page.descending ? 'desc' : 'asc')
        .orderBy('id')
      return slice<Project>(sorted, rows, page)
    },
    async find(workspaceId, name) {
      const row = await db
        .selectFrom('projects')
        .selectAll()
        .where('workspaceId', '=', workspaceId)
        .where('name', '=', name)
        .executeTakeFirst()
      return row as Project | undefined
    },
    async findById(id) {
      return (await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()) as
        | Project
        | undefined
    },
    async create({ workspaceId, name, displayName, access }) {
      const insert = db
        .insertInto('projects')
        .values({ workspaceId, name, displayName, access })
        .returningAll()
      return (await orConflict(insert.executeTakeFirstOrThrow())) as Project
    },
    async save({ id, name, displayName, access, status }) {
      const update = db
        .updateTable('projects')
        .set({ name, displayName, access, status })
        .where('id', '=', id)
      return orGone(await orConflict(update.returningAll().executeTakeFirst()), 'project') as Project
    },
    async remove(id) {
      await db.deleteFrom('projects').where('id', '=', id).execute()
    },
  }
}
