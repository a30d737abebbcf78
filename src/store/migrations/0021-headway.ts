import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How far each action execution is: one row, written over. */
export const headway: Migration = {
  async up(db) {
    await sql
      .raw(`create table headways (
        action_execution_id text primary key references action_executions on delete cascade,
        headway json not null
      )`)
      .execute(db)
  },
}
