import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** JSON is kept as it was given: `jsonb` refuses NUL and lone surrogates, which a registry's message may hold, and sorts members. */
export const jsonAsGiven: Migration = {
  async up(db) {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const changes = columns.map((column) => `alter column ${column} type json using ${column}::json`)
      await sql.raw(`alter table ${table} ${changes.join(', ')}`).execute(db)
    }
  },
}

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  pipelines: ['extras'],
  actions: ['definition'],
  integrations: ['secrets', 'extras'],
  executions: ['pipeline'],
  action_executions: ['action', 'failure', 'outcome'],
}
