import type { Member, Members } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { type PersonRow, toPerson } from './people.ts'
import { slice } from './slice.ts'
import { type Slots, statement } from './statement.ts'

/** Keeps who is in which workspace and project, in PostgreSQL. */
export function keepMembers(db: Database): Members {
  const find = async (workspaceId: number, id: number) => (await findMember(db, { workspaceId, id }))[0]
  return {
    async list(workspaceId, page) {
      const rows = selectMembers(db).where('members.workspaceId', '=', workspaceId)
      const { items, total } = await slice<MemberRow>(sorted(rows, page), rows.clearSelect(), page)
      return { items: items.map(toMember), total }
    },
    async find(workspaceId, id) {
      const row = await find(workspaceId, id)
      return row && toMember(row)
    },
    async findByEmail(workspaceId, email) {
      const row = await selectMembers(db)
        .where('members.workspaceId', '=', workspaceId)
        .where((eb) => eb(eb.fn('lower', ['people.email']), '=', email.toLowerCase()))
        .executeTakeFirst()
      return row && toMember(row)
    },
    async describe(workspaceId, id) {
      const row = await find(workspaceId, id)
      if (row !== undefined) return toMember(row)
      const person = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst()
      return {
        workspaceId,
        person: toPerson(orGone(person, 'person')),
        ...{ admin: false, owner: false, autoAssign: undefined },
      }
    },
    add({ workspaceId, email, admin, autoAssign }) {
      return within(db, async (trx) => {
        const insert = trx.insertInto('people').values({ name: '', email, owner: false })
        await insert.onConflict((on) => on.doNothing()).execute()
        const person = await trx
          .selectFrom('people')
          .select('id')
          .where((eb) => eb(eb.fn('lower', ['email']), '=', email.toLowerCase()))
          .executeTakeFirstOrThrow()
        const values = { workspaceId, personId: person.id, admin, autoAssign: autoAssign ?? null }
        await orConflict(trx.insertInto('members').values(values).execute())
        const rows = selectMembers(trx).where('members.workspaceId', '=', workspaceId)
        return toMember(await rows.where('people.id', '=', person.id).executeTakeFirstOrThrow())
      })
    },
    async save({ workspaceId, person: { id }, admin, autoAssign }) {
      const update = db.updateTable('members').set({ admin, autoAssign: autoAssign ?? null })
      await update.where('workspaceId', '=', workspaceId).where('personId', '=', id).execute()
      return toMember(orGone(await find(workspaceId, id), 'member'))
    },
    async remove(workspaceId, id) {
      const those = db.deleteFrom('members').where('workspaceId', '=', workspaceId)
      await those.where('personId', '=', id).execute()
    },
  }
}

/** Members with their people, for whoever narrows them down. */
export function selectMembers(db: Database) {
  return db
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.personId')
    .innerJoin('workspaces', 'workspaces.id', 'members.workspaceId')
    .selectAll('people')
    .select(['members.workspaceId', 'admin', 'autoAssign', 'workspaces.ownerId'])
}

const findMember = statement(({ workspaceId, id }: Slots<{ workspaceId: number; id: number }>, db) =>
  selectMembers(db).where('members.workspaceId', '=', workspaceId).where('people.id', '=', id),
)

export interface MemberRow extends PersonRow {
  readonly workspaceId: number
  readonly admin: boolean
  readonly autoAssign: number | null
  readonly ownerId: number
}

export function toMember(row: MemberRow): Member {
  const { workspaceId, admin, autoAssign, ownerId } = row
  return {
    workspaceId: workspaceId as Member['workspaceId'],
    person: toPerson(row),
    admin,
    owner: row.id === ownerId,
    autoAssign: (autoAssign ?? undefined) as Member['autoAssign'],
  }
}

interface Sortable<Q> {
  orderBy(column: 'people.name' | 'people.id', direction?: 'asc' | 'desc'): Q
}

/** In the order that the page asks for. */
export function sorted<Q extends Sortable<Q>>(
  rows: Q,
  { sortBy = 'id', descending }: { readonly sortBy?: 'id' | 'name'; readonly descending?: boolean },
): Q {
  const direction = descending ? 'desc' : 'asc'
  return rows.orderBy(`people.${sortBy}`, direction).orderBy('people.id', direction)
}
