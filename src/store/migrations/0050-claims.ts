import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Every execution that is ready has a time at which it is somebody else's. Those that there are have it now. */
export const claims: Migration = {
  async up(db) {
    await sql
      .raw(`update executions set worker = null,
        lease_until = case when status in ('enqueued', 'running', 'terminating') then now() end`)
      .execute(db)
    await sql
      .raw('create index executions_lease on executions (lease_until) where lease_until is not null')
      .execute(db)
  },
}
