import { type Selectable, sql } from 'kysely'
import { type Grants, PIPELINE_DEFAULTS, type Pipeline, type PipelineDraft, type Pipelines } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { rowAsJson } from './row-json.ts'
import { readEvents, syncSchedules } from './schedules.ts'
import { slice } from './slice.ts'
import type { Tables } from './tables.ts'

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
    async findNamed(projectId, name) {
      const row = await db
        .selectFrom('pipelines')
        .selectAll()
        .where('projectId', '=', projectId)
        .where((eb) => eb.or([eb('identifier', '=', name), eb('name', '=', name)]))
        .orderBy((eb) => eb('identifier', '=', name), 'desc')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
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
        const failures = sql<number>`case when paused and not ${pipeline.paused} then 0 else failures end`
        const values = { ...columns(pipeline), failures }
        const update = trx.updateTable('pipelines').set(values).where('id', '=', id)
        const row = orGone(await orConflict(update.returningAll().executeTakeFirst()), 'pipeline')
        const saved = toPipeline(row)
        await syncSchedules(trx, saved.id, saved.events)
        return saved
      })
    },
    async countEnd(id, failed) {
      const counted = await db
        .updateTable('pipelines')
        .set(({ eb }) => ({ failures: failed ? eb('failures', '+', 1) : 0 }))
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (counted === undefined || counted.failures < toPipeline(counted).pauseAfterFailures) return
      await db.updateTable('pipelines').set({ paused: true }).where('id', '=', id).execute()
    },
    async remove(id) {
      await db.deleteFrom('pipelines').where('id', '=', id).execute()
    },
  }
}

export type PipelineRow = Selectable<Tables['pipelines']>

const MEMBERS = [
  ...(['id', 'projectId', 'name', 'identifier', 'priority', 'disabled', 'disabledReason', 'paused'] as const),
  ...(['rules', 'failures', 'extras', 'creatorId', 'permissions', 'events', 'executions'] as const),
  'createdAt',
] as const satisfies readonly (keyof PipelineRow)[]

/** A row as one value among others; its date is a text. */
export type PipelineJson = Omit<PipelineRow, 'createdAt'> & { readonly createdAt: string }
export const pipelineAsJson = rowAsJson<PipelineJson>(MEMBERS)

/** What is kept together as JSON: what no query asks for. */
type Rules = Pick<Pipeline, 'concurrent' | 'terminateStale' | 'pauseAfterFailures' | 'conditions' | 'loop'>

function columns(pipeline: Omit<PipelineDraft, 'projectId'>) {
  const { name, identifier, priority, disabled, disabledReason, paused, extras } = pipeline
  const { permissions, creatorId, events = [] } = pipeline
  const { concurrent, terminateStale, pauseAfterFailures, conditions, loop } = pipeline
  const rules: Rules = { concurrent, terminateStale, pauseAfterFailures, conditions, loop }
  return {
    ...{ name, identifier, priority, disabled, paused },
    disabledReason: disabledReason ?? null,
    permissions: permissions === undefined ? null : JSON.stringify(permissions),
    creatorId: creatorId ?? null,
    events: JSON.stringify(events),
    rules: JSON.stringify(rules),
    extras: JSON.stringify(extras),
  }
}

export function toPipeline(row: PipelineRow): Pipeline {
  const { name, identifier, priority, disabled, paused, extras, createdAt } = row
  return {
    ...PIPELINE_DEFAULTS,
    ...(row.rules as Partial<Rules>),
    id: row.id as Pipeline['id'],
    projectId: row.projectId as Pipeline['projectId'],
    ...{ name, identifier, priority, disabled, paused, extras, createdAt },
    disabledReason: row.disabledReason ?? undefined,
    permissions: (row.permissions ?? undefined) as Grants | undefined,
    creatorId: (row.creatorId ?? undefined) as Pipeline['creatorId'],
    events: readEvents(row.events),
  }
}
