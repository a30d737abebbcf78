import type { Grants, Pipeline, PipelineDraft, Pipelines } from '#model'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
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
    async create({ projectId, ...draft }) {
      const insert = db.insertInto('pipelines').values({ projectId, ...columns(draft) })
      return toPipeline(await orConflict(insert.returningAll().executeTakeFirstOrThrow()))
    },
    async save({ id, ...pipeline }) {
      const update = db.updateTable('pipelines').set(columns(pipeline)).where('id', '=', id)
      return toPipeline(orGone(await orConflict(update.returningAll().executeTakeFirst()), 'pipeline'))
    },
    async remove(id) {
      await db.deleteFrom('pipelines').where('id', '=', id).execute()
    },
  }
}

interface PipelineRow
  extends Omit<Pipeline, 'id' | 'projectId' | 'disabledReason' | 'permissions' | 'creatorId'> {
  readonly id: number
  readonly projectId: number
  readonly disabledReason: string | null
  readonly permissions: unknown
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
    createdAt,
    extras,
  }
}
