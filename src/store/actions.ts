import type { Action, ActionDraft, ActionId, Actions, PipelineId } from '#model'
import { ModelError } from '#model'
import { orGone } from './conflicts.ts'
import { type Database, nextId } from './database.ts'
import { readAction, writeAction } from './documents.ts'
import type { Seal } from './seal.ts'

/** Keeps actions in PostgreSQL, the passwords in them sealed. */
export function keepActions(db: Database, seal: Seal): Actions {
  const read = (row: ActionRow) => toAction(row, seal)
  const list = async (pipelineId: PipelineId): Promise<readonly ActionRow[]> =>
    db.selectFrom('actions').selectAll().where('pipelineId', '=', pipelineId).orderBy('position').execute()
  const find = (pipelineId: PipelineId, id: ActionId) =>
    db
      .selectFrom('actions')
      .selectAll()
      .where('pipelineId', '=', pipelineId)
      .where('id', '=', id)
      .executeTakeFirst()

  /** Puts the action behind `after` and counts all positions anew; the order is checked when the transaction ends. */
  const place = async (
    trx: Database,
    pipelineId: PipelineId,
    id: ActionId,
    after: ActionId | 'first',
  ): Promise<void> => {
    const rows = await trx
      .selectFrom('actions')
      .select('id')
      .where('pipelineId', '=', pipelineId)
      .orderBy('position')
      .execute()
    const others = rows.map((row) => row.id as ActionId).filter((other) => other !== id)
    const before = after === 'first' ? -1 : others.indexOf(after)
    if (after !== 'first' && before < 0) {
      const message = `after_action_id: the pipeline has no action ${after}`
      throw new ModelError('INVALID', message, { field: 'after_action_id' })
    }
    const ordered = others.toSpliced(before + 1, 0, id)
    for (const [position, each] of ordered.entries()) {
      await trx.updateTable('actions').set({ position }).where('id', '=', each).execute()
    }
  }

  return {
    async list(pipelineId) {
      return (await list(pipelineId)).map(read)
    },
    async listIn(projectId) {
      const rows = await db
        .selectFrom('actions')
        .selectAll('actions')
        .innerJoin('pipelines', 'pipelines.id', 'actions.pipelineId')
        .where('pipelines.projectId', '=', projectId)
        .orderBy('actions.pipelineId')
        .orderBy('actions.position')
        .execute()
      return rows.map(read)
    },
    async find(pipelineId, id) {
      const row = await find(pipelineId, id)
      return row && read(row)
    },
    async findById(id) {
      const row = await db.selectFrom('actions').selectAll().where('id', '=', id).executeTakeFirst()
      return row && read(row)
    },
    async create(draft, after) {
      return within(db, async (trx) => {
        const { pipelineId } = draft satisfies ActionDraft
        await lock(trx, pipelineId)
        const id = (await nextId(trx, 'actions')) as ActionId
        const { position } = await trx
          .selectFrom('actions')
          .select(({ fn }) => fn.coalesce(fn.max('position'), (eb) => eb.lit(-1)).as('position'))
          .where('pipelineId', '=', pipelineId)
          .executeTakeFirstOrThrow()
        const definition = JSON.stringify(writeAction(draft, seal, placeOf(id)))
        await trx
          .insertInto('actions')
          .values({ id, pipelineId, position: Number(position) + 1, definition })
          .execute()
        if (after !== undefined) await place(trx, pipelineId, id, after)
        return read(
          await trx.selectFrom('actions').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
        )
      })
    },
    async save(action, after) {
      return within(db, async (trx) => {
        await lock(trx, action.pipelineId)
        const definition = JSON.stringify(writeAction(action, seal, placeOf(action.id)))
        await trx.updateTable('actions').set({ definition }).where('id', '=', action.id).execute()
        if (after !== undefined) await place(trx, action.pipelineId, action.id, after)
        const row = await trx.selectFrom('actions').selectAll().where('id', '=', action.id).executeTakeFirst()
        return read(orGone(row, 'action'))
      })
    },
    async remove(id) {
      await db.deleteFrom('actions').where('id', '=', id).execute()
    },
  }
}

export interface ActionRow {
  readonly id: number
  readonly pipelineId: number
  readonly position: number
  readonly definition: unknown
}

export function toAction({ id, pipelineId, position, definition }: ActionRow, seal: Seal): Action {
  const content = readAction(definition, seal, placeOf(id))
  return { ...content, id: id as ActionId, pipelineId: pipelineId as PipelineId, position } as Action
}

/** Two that add or move actions of one pipeline take turns. */
async function lock(trx: Database, pipelineId: PipelineId): Promise<void> {
  await trx.selectFrom('pipelines').select('id').where('id', '=', pipelineId).forUpdate().execute()
}

function placeOf(id: number): string {
  return `actions/${id}/definition`
}

/** In the transaction that is open, or in one of its own. */
export function within<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}
