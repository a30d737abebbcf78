import type { Workspace, Workspaces } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { keepPeople } from './people.ts'
import { addBuiltIn } from './permission-sets.ts'

/** Keeps workspaces in PostgreSQL. */
export function keepWorkspaces(db: Database): Workspaces {
  return {
    async list() {
      return (await db.selectFrom('workspaces').selectAll().orderBy('id').execute()) as Workspace[]
    },
    async listOf(person) {
      const rows = db.selectFrom('workspaces').innerJoin('members', 'workspaceId', 'workspaces.id')
      const theirs = rows.selectAll('workspaces').where('personId', '=', person).orderBy('workspaces.id')
      return (await theirs.execute()) as Workspace[]
    },
    async find(domain) {
      const row = await db
        .selectFrom('workspaces')
        .selectAll()
        .where('domain', '=', domain)
        .executeTakeFirst()
      return row as Workspace | undefined
    },
    async findById(id) {
      return (await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()) as
        | Workspace
        | undefined
    },
    create({ domain, name, ownerId }) {
      return within(db, async (trx) => {
        const owner = ownerId ?? (await keepPeople(trx).owner()).id
        const insert = trx.insertInto('workspaces').values({ domain, name, ownerId: owner }).returningAll()
        const workspace = (await orConflict(insert.executeTakeFirstOrThrow())) as Workspace
        const member = { workspaceId: workspace.id, personId: owner, admin: true, autoAssign: null }
        await trx.insertInto('members').values(member).execute()
        await addBuiltIn(trx, workspace.id)
        return workspace
      })
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
