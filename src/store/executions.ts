import { type Selectable, sql } from 'kysely'
import type {
  ActionExecution,
  ActionExecutionId,
  Execution,
  ExecutionDraft,
  ExecutionId,
  Executions,
  PipelineId,
} from '#model'
import { within } from './actions.ts'
import { announce, announceDetail } from './changes.ts'
import { type Database, nextId, randomHex } from './database.ts'
import { readFrozenAction, readFrozenPipeline, writeFrozenAction } from './documents.ts'
import type { Outbox } from './outbox.ts'
import type { Seal } from './seal.ts'
import { slice } from './slice.ts'
import type { Tables } from './tables.ts'
import { keepWatched } from './watched.ts'

/** Keeps executions in PostgreSQL: frozen when they are made, changed under a row lock, fenced; what webhooks hear of it goes to the outbox. */
export function keepExecutions(db: Database, seal: Seal, outbox: Outbox): Executions {
  const load = async (trx: Database, rows: readonly ExecutionRow[]): Promise<Execution[]> => {
    if (rows.length === 0) return []
    const actions = await trx
      .selectFrom('actionExecutions')
      .selectAll()
      .where(
        'executionId',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('position')
      .execute()
    const byExecution = Map.groupBy(actions, ({ executionId }) => executionId)
    return rows.map((row) =>
      toExecution(
        row,
        (byExecution.get(row.id) ?? []).map((action) => toActionExecution(action, seal)),
      ),
    )
  }
  const loadOne = async (trx: Database, row: ExecutionRow | undefined): Promise<Execution | undefined> =>
    row && (await load(trx, [row]))[0]

  return {
    ...keepWatched(db),
    create(draft, at) {
      return within(db, async (trx) => {
        const id = await insertExecution(trx, draft, at)
        for (const [position, action] of draft.actions.entries()) {
          const actionExecutionId = randomHex(24)
          await trx
            .insertInto('actionExecutions')
            .values({
              id: actionExecutionId,
              executionId: id,
              position,
              action: JSON.stringify(writeFrozenAction(action, seal, placeOf(actionExecutionId))),
              status: 'initial',
              progress: 0,
            })
            .execute()
        }
        await announce(trx, id)
        const row = await trx.selectFrom('executions').selectAll().where('id', '=', id).executeTakeFirst()
        const made = await loadOne(trx, row)
        if (made === undefined) throw new Error(`execution ${id} is gone as soon as it was made`)
        return made
      })
    },
    async find(pipelineId, number) {
      const rows = db.selectFrom('executions').selectAll().where('pipelineId', '=', pipelineId)
      return loadOne(db, await rows.where('number', '=', number).executeTakeFirst())
    },
    async findById(id) {
      return loadOne(
        db,
        await db.selectFrom('executions').selectAll().where('id', '=', id).executeTakeFirst(),
      )
    },
    async list(pipelineId, page) {
      const rows = db.selectFrom('executions').where('pipelineId', '=', pipelineId)
      const sorted = rows.selectAll().orderBy('number', page.descending === false ? 'asc' : 'desc')
      const { items, total } = await slice<ExecutionRow>(sorted, rows, page)
      return { items: await load(db, items), total }
    },
    async latest(pipelineIds) {
      if (pipelineIds.length === 0) return new Map()
      const rows = await db
        .selectFrom('executions')
        .selectAll()
        .distinctOn('pipelineId')
        .where('pipelineId', 'in', pipelineIds)
        .orderBy('pipelineId')
        .orderBy('number', 'desc')
        .execute()
      return new Map((await load(db, rows)).map((execution) => [execution.pipelineId, execution]))
    },
    change(id, change, claim) {
      return within(db, async (trx) => {
        const row = await trx
          .selectFrom('executions')
          .selectAll()
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst()
        const before = await loadOne(trx, row)
        if (before === undefined || (claim !== undefined && row?.fence !== claim.fence)) return undefined
        const after = change(before)
        if (after === before) return before
        await updateExecution(trx, before, after)
        await outbox.put(trx, before, after)
        await announce(trx, id)
        return after
      })
    },
    async claim(id, worker, leaseMs) {
      const row = await db
        .updateTable('executions')
        .set(({ eb }) => ({ fence: eb('fence', '+', 1), worker, leaseUntil: leaseEnd(leaseMs) }))
        .where('id', '=', id)
        .returning('fence')
        .executeTakeFirst()
      return row && { executionId: id, fence: row.fence }
    },
    async holds({ executionId, fence }, leaseMs) {
      const renewed = await db
        .updateTable('executions')
        .set({ leaseUntil: leaseEnd(leaseMs) })
        .where('id', '=', executionId)
        .where('fence', '=', fence)
        .executeTakeFirst()
      return renewed.numUpdatedRows > 0n
    },
    appendLog(id, lines) {
      return within(db, async (trx) => {
        // The row of the action execution is what those who append to one log take turns by.
        await trx.selectFrom('actionExecutions').select('id').where('id', '=', id).forUpdate().execute()
        const { next } = await trx
          .selectFrom('logLines')
          .select(({ fn }) => fn.coalesce(fn.max('line'), sql<number>`-1`).as('next'))
          .where('actionExecutionId', '=', id)
          .executeTakeFirstOrThrow()
        const values = lines.map((text, index) => ({
          actionExecutionId: id,
          line: next + 1 + index,
          text: text.replaceAll('\0', ''),
        }))
        if (values.length > 0) await trx.insertInto('logLines').values(values).execute()
        await announceDetail(trx, id)
      })
    },
    async readLog(id, offset, limit) {
      const rows = db.selectFrom('logLines').where('actionExecutionId', '=', id)
      const [lines, { total }] = await Promise.all([
        rows.select('text').where('line', '>=', offset).orderBy('line').limit(limit).execute(),
        rows.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
      ])
      return { items: lines.map(({ text }) => text), total: Number(total) }
    },
  }
}

type ExecutionRow = Selectable<Tables['executions']>
type ActionExecutionRow = Selectable<Tables['actionExecutions']>

/** Numbers are counted per pipeline, without gaps: the pipeline's row is locked until the transaction ends. */
async function insertExecution(trx: Database, draft: ExecutionDraft, at: Date): Promise<number> {
  const { pipeline, priority, comment, creatorId, triggeredOn = 'click' } = draft
  const { executions: number } = await trx
    .updateTable('pipelines')
    .set(({ eb }) => ({ executions: eb('executions', '+', 1) }))
    .where('id', '=', pipeline.id)
    .returning('executions')
    .executeTakeFirstOrThrow()
  const id = await nextId(trx, 'executions')
  const frozen = {
    pipelineId: pipeline.id,
    pipeline: JSON.stringify(pipeline),
    triggeredOn,
    createdAt: at,
  }
  await trx
    .insertInto('executions')
    .values({ id, number, status: 'enqueued', priority, comment: comment ?? null, creatorId, ...frozen })
    .execute()
  return id
}

/** Only what can change is written; the frozen part never is. */
async function updateExecution(trx: Database, before: Execution, after: Execution): Promise<void> {
  const { status, recoveries } = after
  const times = { startedAt: after.startedAt ?? null, finishedAt: after.finishedAt ?? null }
  await trx
    .updateTable('executions')
    .set({ status, recoveries, ...times })
    .where('id', '=', after.id)
    .execute()
  for (const [position, action] of after.actions.entries()) {
    if (action === before.actions[position]) continue
    const { id, status, progress, startedAt, finishedAt, pinned, failure, outcome } = action
    await trx
      .updateTable('actionExecutions')
      .set({
        status,
        progress,
        startedAt: startedAt ?? null,
        finishedAt: finishedAt ?? null,
        pinned: pinned ?? null,
        failure: failure === undefined ? null : JSON.stringify(failure),
        outcome: outcome === undefined ? null : JSON.stringify(outcome),
      })
      .where('id', '=', id)
      .execute()
  }
}

function toExecution(row: ExecutionRow, actions: readonly ActionExecution[]): Execution {
  const { number, status, priority, triggeredOn, createdAt, recoveries } = row
  return {
    id: row.id as ExecutionId,
    number,
    pipelineId: row.pipelineId as PipelineId,
    pipeline: readFrozenPipeline(row.pipeline),
    ...{ status, priority, triggeredOn, createdAt, recoveries, actions },
    comment: row.comment ?? undefined,
    creatorId: row.creatorId as Execution['creatorId'],
    startedAt: row.startedAt ?? undefined,
    finishedAt: row.finishedAt ?? undefined,
  }
}

function toActionExecution(row: ActionExecutionRow, seal: Seal): ActionExecution {
  const { id, status, progress } = row
  const failure = row.failure as ActionExecution['failure'] | null
  const outcome = row.outcome as ActionExecution['outcome'] | null
  return {
    id: id as ActionExecutionId,
    action: readFrozenAction(row.action, seal, placeOf(id)),
    ...{ status, progress },
    startedAt: row.startedAt ?? undefined,
    finishedAt: row.finishedAt ?? undefined,
    pinned: (row.pinned ?? undefined) as ActionExecution['pinned'],
    failure: failure ? { ...failure, side: failure.side } : undefined,
    outcome: outcome ? { ...outcome, previous: outcome.previous } : undefined,
  }
}

function placeOf(id: string): string {
  return `action_executions/${id}/action`
}

function leaseEnd(leaseMs: number) {
  return sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`
}
