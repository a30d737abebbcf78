import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Moves are counted by pipeline without being looked at. */
export const history: Migration = {
  async up(db) {
    await sql
      .raw('create index tag_moves_pipeline on tag_moves (project_id, pipeline_id, id desc)')
      .execute(db)
  },
}
