import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { ActionExecution, Execution, TagMove, TagMoves } from '#model'
import type { Database } from './database.ts'
import { slice } from './slice.ts'
import type { Tables } from './tables.ts'

/** Reads the history of tags from PostgreSQL. */
export function keepTagMoves(db: Database): TagMoves {
  return {
    async list(projectId, filter, page) {
      let rows = db.selectFrom('tagMoves').where('projectId', '=', projectId)
      const { place, tag, digest, image, personId, actionId, pipelineIds } = filter
      if (place !== undefined) rows = rows.where('place', '=', place)
      if (tag !== undefined) rows = rows.where('tag', '=', tag)
      if (digest !== undefined) {
        const start = `${escapeLike(digest)}%`
        rows = rows.where((eb) => eb.or([eb('digest', 'like', start), eb('previous', 'like', start)]))
      }
      if (personId !== undefined) rows = rows.where('personId', '=', personId)
      if (actionId !== undefined) rows = rows.where('actionId', '=', actionId)
      if (pipelineIds !== undefined) rows = rows.where('pipelineId', 'in', [0, ...pipelineIds])
      if (image !== undefined) {
        const part = `%${escapeLike(image)}%`
        rows = rows.where((eb) => eb.or([eb('source', 'ilike', part), eb('target', 'ilike', part)]))
      }
      const recorded = sql<string | null>`(select digest from tag_moves as older where
        older.project_id = tag_moves.project_id and older.place = tag_moves.place and older.id < tag_moves.id
        order by older.id desc limit 1)`.as('recorded')
      const direction = page.descending === false ? 'asc' : 'desc'
      const sorted = rows.select('id').orderBy('id', direction)
      const { items, total } = await slice<Found, { id: number }>(sorted, rows, page, (ids) =>
        db
          .selectFrom('tagMoves')
          .selectAll()
          .select(recorded)
          .where('id', 'in', ids)
          .orderBy('id', direction),
      )
      return {
        items: items.map(({ recorded, ...row }) => ({
          ...toTagMove(row),
          outside: recorded !== null && recorded !== row.previous,
        })),
        total,
      }
    },
    async latest(projectId) {
      // From one place to the next by the index: there are few, however often each was moved.
      const { rows } = await sql<TagMoveRow>`
        with recursive places as (
          (select place from tag_moves where project_id = ${projectId} order by place limit 1)
          union all
          select (select place from tag_moves where project_id = ${projectId} and place > places.place order by place limit 1)
          from places where place is not null
        )
        select newest.* from places, lateral (
          select * from tag_moves where project_id = ${projectId} and place = places.place order by id desc limit 1
        ) newest`.execute(db)
      return new Map(rows.map((row) => [row.place, toTagMove(row)]))
    },
  }
}

/**
 * Writes what promotions have done between these two states of an execution, in the transaction that changes it. A tag that named the image
 * already was not moved, but where nothing of it was known yet.
 */
export async function recordTagMoves(trx: Database, before: Execution, after: Execution): Promise<void> {
  for (const [index, action] of after.actions.entries()) {
    if (action.outcome === undefined || before.actions[index]?.outcome === action.outcome) continue
    await recordOne(trx, after, action, action.outcome)
  }
}

async function recordOne(
  trx: Database,
  execution: Execution,
  { id, action, finishedAt }: ActionExecution,
  { source, target, place, digest, previous }: NonNullable<ActionExecution['outcome']>,
): Promise<void> {
  const { projectId, id: pipelineId } = execution.pipeline
  if (previous === digest) {
    const known = trx.selectFrom('tagMoves').select('digest').where('projectId', '=', projectId)
    const last = await known.where('place', '=', place).orderBy('id', 'desc').limit(1).executeTakeFirst()
    if (last?.digest === digest) return
  }
  await trx
    .insertInto('tagMoves')
    .values({
      ...{ projectId, pipelineId, actionId: action.id, actionExecutionId: id, number: execution.number },
      ...{ source, target, place, digest, previous: previous ?? null, personId: execution.creatorId },
      tag: place.slice(place.lastIndexOf(':') + 1),
      at: finishedAt ?? sql<Date>`now()`,
    })
    .execute()
}

/** Text that stands for itself in a pattern. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

type TagMoveRow = Selectable<Tables['tagMoves']>
type Found = TagMoveRow & { readonly recorded: string | null }

function toTagMove(row: TagMoveRow): TagMove {
  return { ...row, previous: row.previous ?? undefined } as TagMove
}
