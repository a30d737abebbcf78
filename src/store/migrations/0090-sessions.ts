import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Browsers that signed in: each session goes with its token. */
export const sessions: Migration = {
  async up(db) {
    await sql
      .raw(`create table sessions (
        hash bytea primary key,
        token_id uuid not null references tokens on delete cascade,
        expires_at timestamptz not null
      )`)
      .execute(db)
    await sql.raw('create index sessions_token on sessions (token_id)').execute(db)
  },
}
