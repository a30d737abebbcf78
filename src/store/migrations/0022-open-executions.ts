import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What has not ended is counted without looking at what has. */
export const openExecutions: Migration = {
  async up(db) {
    await sql.raw('create index executions_open on executions (status) where finished_at is null').execute(db)
  },
}
