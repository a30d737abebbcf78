import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How pipelines run: in turn, delayed, paused, waiting for answers. */
export const runs: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table pipelines
      add column paused boolean not null default false,
      add column rules json not null default '{}',
      add column failures integer not null default 0`,
  // In which order those that are ready go; null for those that are not.
  'create sequence execution_turns as bigint',
  `alter table executions
      add column turn bigint,
      add column delay_until timestamptz,
      add column cancelled json,
      add column variables json not null default '[]'`,
  `update executions set turn = nextval('execution_turns') where status in ('enqueued', 'running', 'terminating')`,
  'create index executions_turn on executions (pipeline_id, turn) where turn is not null',
  `alter table action_executions
      add column attempts integer not null default 0,
      add column aim text,
      add column approval json`,
  `create index action_executions_aim on action_executions (aim)
      where aim is not null and status in ('initial', 'running')`,
]
