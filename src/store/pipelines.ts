import type { Grants, Pipeline, PipelineDraft, Pipelines } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { readEvents, syncSchedules } from './schedules.ts'
import { slice } from './slice.ts'

/** Keeps pipelines in PostgreSQL. */
export function keepPipelines(db: Database): Pipelines {
  return {
    async list(projectId, page) {
      const rows = db.selectFrom('pipelines').where('projectId', '=', projectId)
      const sorted = rows
        .selectAll()
        .orderBy(page.sortBy ?? 'id', page.descending ? 'desc' : 'asc')
        .orderBy('id')
      const { items, total } = await slice<PipelineRow>(sorted, rows, page)
      return { items: items.map(toPipeline), total }
    },
    async find(projectId, id) {
      const row = await db
        .selectFrom('pipelines')
        .selectAll()
        .where('projectId', '=', projectId)
        .where('id', '=', id)
        .executeTakeFirst()
      return row && toPipeline(row)
    },
    async findById(id) {
      const row = await db.selectFrom('pipelines').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toPipeline(row)
    },
    create({ projectId, ...draft }) {
      return within(db, async (trx) => {
        const insert = trx.insertInto('pipelines').values({ projectId, ...columns(draft) })
        const made = toPipeline(await orConflict(insert.returningAll().executeTakeFirstOrThrow()))
        await syncSchedules(trx, made.id, made.events)
        return made
      })
    },
    save({ id, ...pipeline }) {
      return within(db, async (trx) => {
        const update = trx.updateTable('pipelines').set(columns(pipeline)).where('id', '=', id)
        const row = orGone(await orConflict(update.returningAll().executeTakeFirst()), 'pipeline')
        const saved = toPipeline(row)
        await syncSchedules(trx, saved.id, saved.events)
        return saved
      })
    },
    async remove(id) {
      await db.deleteFrom('pipelines').where('id', '=', id).execute()
    },
  }
}

interface PipelineRow
  extends Omit<Pipeline, 'id' | 'projectId' | 'events' | 'disabledReason' | 'permissions' | 'creatorId'> {
  readonly id: number
  readonly projectId: number
  readonly disabledReason: string | null
  readonly permissions: unknown
  readonly events: unknown
  readonly creatorId: number | null
}

function columns({
  name,
  identifier,
  priority,
  disabled,
  disabledReason,
  permissions,
  creatorId,
  events = [],
  extras,
}: Omit<PipelineDraft, 'projectId'>) {
  return {
    name,
    identifier,
    priority,
    disabled,
    disabledReason: disabledReason ?? null,
    permissions: permissions === undefined ? null : JSON.stringify(permissions),
    creatorId: creatorId ?? null,
    events: JSON.stringify(events),
    extras: JSON.stringify(extras),
  }
}

function toPipeline(row: PipelineRow): Pipeline {
  const { name, identifier, priority, disabled, extras, createdAt } = row
  return {
    id: row.id as Pipeline['id'],
    projectId: row.projectId as Pipeline['projectId'],
    name,
    identifier,
    priority,
    disabled,
    disabledReason: row.disabledReason ?? undefined,
    permissions: (row.permissions ?? undefined) as Grants | undefined,
    creatorId: (row.creatorId ?? undefined) as Pipeline['creatorId'],
    events: readEvents(row.events),
    createdAt,
    extras,
  }
}
