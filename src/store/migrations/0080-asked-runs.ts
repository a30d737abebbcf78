import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a run was asked for with, beside what it does: a branch, a tag, a revision. */
export const askedRuns: Migration = {
  async up(db) {
    await sql.raw(`alter table executions add column extras json not null default '{}'`).execute(db)
  },
}
