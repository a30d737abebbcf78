import { sql } from 'kysely'
import type { ActionExecutionId, Headway, LogLine, Watched } from '#model'
import { within } from './actions.ts'
import { announceDetail } from './changes.ts'
import type { Database } from './database.ts'

/** Keeps what those who watch are shown: one row of headway for each action execution, and the logs as they are. */
export function keepWatched(db: Database): Watched {
  return {
    track(id, headway) {
      return within(db, async (trx) => {
        const row = { headway: JSON.stringify(headway) }
        await trx
          .insertInto('headways')
          .values({ actionExecutionId: id, ...row })
          .onConflict((conflict) => conflict.column('actionExecutionId').doUpdateSet(row))
          .execute()
        await announceDetail(trx, id)
      })
    },
    async headways(id) {
      const rows = await db
        .selectFrom('headways')
        .innerJoin('actionExecutions', 'actionExecutions.id', 'headways.actionExecutionId')
        .select(['headways.actionExecutionId', 'headways.headway'])
        .where('actionExecutions.executionId', '=', id)
        .execute()
      return new Map(rows.map((row) => [row.actionExecutionId as ActionExecutionId, toHeadway(row.headway)]))
    },
    async linesFrom(places, limit) {
      if (places.length === 0) return []
      const ids = places.map(({ id }) => id)
      const from = places.map(({ line }) => line)
      const { rows } = await sql<LogLine>`
        select l.action_execution_id as id, l.line, l.text
        from unnest(${ids}::text[], ${from}::integer[]) as place (id, line)
        join log_lines l on l.action_execution_id = place.id and l.line >= place.line
        order by l.action_execution_id, l.line limit ${limit}`.execute(db)
      return rows
    },
  }
}

function toHeadway(document: unknown): Headway {
  const { moves, ...rest } = document as Headway
  return { ...rest, moves: moves.map(({ tag, as, ...move }) => ({ ...move, tag, as })) }
}
