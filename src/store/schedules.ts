import { sql } from 'kysely'
import type { DueSchedule, JsonObject, PipelineEvent, PipelineId, Schedule, Schedules } from '#model'
import type { Database } from './database.ts'

/** Keeps schedules in PostgreSQL: whoever locks a row that is due makes it due later in the same transaction, so each tick is one process's. */
export function keepSchedules(db: Database): Schedules {
  return {
    async takeDue(now) {
      const row = await db
        .selectFrom('schedules')
        .selectAll()
        .where(({ eb, or }) => or([eb('dueAt', 'is', null), eb('dueAt', '<=', now)]))
        .orderBy('dueAt', (order) => order.asc().nullsFirst())
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst()
      return row && toDue(row)
    },
    async advance({ pipelineId, position, dueAt: before }, dueAt) {
      await db
        .updateTable('schedules')
        .set({ dueAt: dueAt ?? sql<Date>`'infinity'` })
        .where('pipelineId', '=', pipelineId)
        .where('position', '=', position)
        .where('dueAt', 'is not distinct from', before ?? null)
        .execute()
    },
  }
}

/** Makes the pipeline's schedules those of its events. One that is as it was stays due when it was. */
export async function syncSchedules(
  trx: Database,
  pipelineId: number,
  events: readonly PipelineEvent[],
): Promise<void> {
  const wanted = events.flatMap((event, position) =>
    event.kind === 'schedule' ? [{ pipelineId, position, schedule: JSON.stringify(event.schedule) }] : [],
  )
  const kept = await trx
    .selectFrom('schedules')
    .select(['position', sql<string>`schedule::text`.as('text')])
    .where('pipelineId', '=', pipelineId)
    .execute()
  const stays = (row: { readonly position: number; readonly text: string }): boolean =>
    wanted.some(({ position, schedule }) => position === row.position && schedule === row.text)
  const gone = kept.filter((row) => !stays(row)).map(({ position }) => position)
  if (gone.length > 0) {
    const rows = trx.deleteFrom('schedules').where('pipelineId', '=', pipelineId)
    await rows.where('position', 'in', gone).execute()
  }
  const there = new Set(kept.filter(stays).map(({ position }) => position))
  const added = wanted.filter(({ position }) => !there.has(position))
  if (added.length > 0) await trx.insertInto('schedules').values(added).execute()
}

/** Events as they were written: dates are dates again, and what is absent is undefined. */
export function readEvents(document: unknown): readonly PipelineEvent[] {
  return (document as readonly PipelineEvent[]).map((event) =>
    event.kind === 'schedule' ? { ...event, schedule: readSchedule(event.schedule) } : event,
  )
}

function readSchedule(document: unknown): Schedule {
  const { kind, ...rest } = document as JsonObject
  if (kind === 'cron') return { kind, cron: String(rest.cron), timezone: rest.timezone as string | undefined }
  return { kind: 'interval', startAt: new Date(String(rest.startAt)), everyMs: Number(rest.everyMs) }
}

function toDue(row: {
  pipelineId: number
  position: number
  schedule: unknown
  since: Date
  dueAt: Date | null
}): DueSchedule {
  const { position, schedule, since, dueAt } = row
  return {
    pipelineId: row.pipelineId as PipelineId,
    ...{ position, since },
    schedule: readSchedule(schedule),
    dueAt: dueAt ?? undefined,
  }
}
