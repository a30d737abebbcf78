import { sql } from 'kysely'
import type { ProjectId, TagSighting, TagSightings } from '#model'
import { within } from './actions.ts'
import type { Database } from './database.ts'

/** Keeps what was last seen of tags in PostgreSQL. */
export function keepTagSightings(db: Database): TagSightings {
  return {
    async of(projectId) {
      const rows = await db
        .selectFrom('tagSightings')
        .selectAll()
        .where('projectId', '=', projectId)
        .execute()
      return new Map(
        rows.map(({ place, digest, failure, at }) => [
          place,
          { place, digest: digest ?? undefined, failure: failure ?? undefined, at } as TagSighting,
        ]),
      )
    },
    replace(projectId, sightings) {
      return within(db, async (trx) => {
        // Those who write at once take turns, as when somebody asks for a look while one is under way.
        await trx.selectFrom('projects').select('id').where('id', '=', projectId).forUpdate().execute()
        await trx.deleteFrom('tagSightings').where('projectId', '=', projectId).execute()
        const values = sightings.map(({ digest, failure, ...seen }) => ({
          ...seen,
          projectId,
          digest: digest ?? null,
          failure: failure ?? null,
        }))
        if (values.length > 0) await trx.insertInto('tagSightings').values(values).execute()
      })
    },
    async takeDue(since, now) {
      const { rows } = await sql<{ id: number }>`
        insert into tag_looks (project_id, looked_at)
        select id, ${now}::timestamptz from projects left join tag_looks on project_id = id
        where looked_at is null or looked_at < ${since} order by looked_at nulls first limit 1
        on conflict (project_id) do update set looked_at = excluded.looked_at where tag_looks.looked_at < ${since}
        returning project_id as id`.execute(db)
      return rows[0]?.id as ProjectId | undefined
    },
    async ask(projectId) {
      await db.deleteFrom('tagLooks').where('projectId', '=', projectId).execute()
    },
    async lookedAt(projectId) {
      const row = await db
        .selectFrom('tagLooks')
        .select('lookedAt')
        .where('projectId', '=', projectId)
        .executeTakeFirst()
      return row?.lookedAt
    },
  }
}
