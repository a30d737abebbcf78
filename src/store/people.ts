import type { People, Person } from '#model'
import { orGone } from './conflicts.ts'
import type { Database } from './database.ts'

/** Keeps people in PostgreSQL. */
export function keepPeople(db: Database): People {
  return {
    async owner() {
      const insert = db.insertInto('people').values({ name: 'Owner', owner: true })
      await insert.onConflict((conflict) => conflict.doNothing()).execute()
      const rows = db.selectFrom('people').selectAll().where('owner', '=', true)
      return toPerson(await rows.executeTakeFirstOrThrow())
    },
    async rename(id, name) {
      const update = db.updateTable('people').set({ name }).where('id', '=', id).returningAll()
      return toPerson(orGone(await update.executeTakeFirst(), 'person'))
    },
  }
}

export interface PersonRow {
  readonly id: number
  readonly name: string
  readonly email: string | null
  readonly owner: boolean
}

export function toPerson({ id, name, email, owner }: PersonRow): Person {
  return { id: id as Person['id'], name, email: email ?? undefined, owner }
}
