import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What starts pipelines beside people, and when those that have a schedule are due. */
export const schedules: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

const statements = [
  `alter table pipelines add column events json not null default '[]'`,
  `create table schedules (
      pipeline_id integer not null references pipelines on delete cascade,
      position integer not null,
      schedule json not null,
      since timestamptz not null default now(),
      due_at timestamptz,
      primary key (pipeline_id, position)
    )`,
  'create index schedules_due on schedules (due_at nulls first)',
]
