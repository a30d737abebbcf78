import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The keys of the URLs that start pipelines, and what registries have told there. */
export const triggerKeys: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `create table trigger_keys (
      pipeline_id integer primary key references pipelines on delete cascade,
      hash bytea not null,
      secrets json not null,
      tried_step integer not null default 0,
      tries integer not null default 0,
      spent_step integer not null default 0
    )`,
  `create table notices (
      pipeline_id integer not null references pipelines on delete cascade,
      notice text not null,
      heard_at timestamptz not null default now(),
      primary key (pipeline_id, notice)
    )`,
]
