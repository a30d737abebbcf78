import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What some process is at, and others are not to do at the same time. Of no use after a crash, and not logged. */
export const flights: Migration = {
  async up(db) {
    await sql
      .raw(
        'create unlogged table flights (name text primary key, holder text not null, until timestamptz not null)',
      )
      .execute(db)
    // Those that a worker has lost come before those that have only been waiting for long.
    await sql.raw('drop index executions_lease').execute(db)
    await sql
      .raw(
        'create index executions_lease on executions ((worker is null), lease_until) where lease_until is not null',
      )
      .execute(db)
  },
}
