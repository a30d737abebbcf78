import { type Selectable, sql } from 'kysely'
import {
  type ActionExecution,
  type ActionExecutionId,
  type ActionId,
  type Execution,
  type ExecutionDraft,
  type ExecutionId,
  type ExecutionStatus,
  type ExecutionSummary,
  type Executions,
  isReady,
  type LatestExecution,
  type PipelineId,
  type Underway,
} from '#model'
import { within } from './actions.ts'
import { announce, announceDetail } from './changes.ts'
import { holderAfter, keepClaims } from './claims.ts'
import { type Database, nextId, randomHex } from './database.ts'
import {
  readApproval,
  readBindings,
  readCancellation,
  readFrozenAction,
  readFrozenPipeline,
  writeBindings,
  writeFrozenAction,
} from './documents.ts'
import { type Held, heldIn } from './held.ts'
import type { Outbox } from './outbox.ts'
import type { Seal } from './seal.ts'
import { slice } from './slice.ts'
import { type Slots, statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { recordTagMoves } from './tag-moves.ts'
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
        seal,
      ),
    )
  }
  const loadOne = async (trx: Database, row: ExecutionRow | undefined): Promise<Execution | undefined> =>
    row && (await load(trx, [row]))[0]
  const take = async (trx: Database, id: ExecutionId): Promise<Held | undefined> => {
    const rows = trx.selectFrom('executions').selectAll().where('id', '=', id)
    const row = await rows.forUpdate().executeTakeFirst()
    const execution = await loadOne(trx, row)
    return row && execution && { execution, fence: row.fence }
  }

  return {
    ...keepClaims(db),
    ...keepWatched(db),
    create(draft, at) {
      return within(db, async (trx) => {
        const row = await insertExecution(trx, draft, at, seal)
        const actions = await insertActions(trx, row.id, draft, seal)
        await announce(trx, row.id)
        const made = toExecution(
          row,
          actions.map((action) => toActionExecution(action, seal)),
          seal,
        )
        heldIn(trx).set(row.id, { execution: made, fence: row.fence })
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
      const direction = page.descending === false ? 'asc' : 'desc'
      if (page.page === 1) {
        const found = await FIRST[direction](db, { pipelineId, perPage: page.perPage })
        return { items: found.map(toSummary), total: Number(found[0]?.total ?? 0) }
      }
      const rows = db.selectFrom('executions').where('pipelineId', '=', pipelineId)
      const sorted = rows.select('number').orderBy('number', direction)
      const { items, total } = await slice<SummaryRow, { number: number }>(sorted, rows, page, (numbers) =>
        rows.select(SUMMARY).where('number', 'in', numbers).orderBy('number', direction),
      )
      return { items: items.map(toSummary), total }
    },
    async latest(pipelineIds) {
      const { rows } = await sql<{ pipelineId: PipelineId; latest: LatestRow }>`
        select wanted.id as pipeline_id, latest from unnest(${pipelineIds}::int[]) as wanted (id)
        cross join lateral (select ${latestAsJson} as latest
          from executions where pipeline_id = wanted.id order by number desc limit 1) as newest
      `.execute(db)
      return new Map(rows.map(({ pipelineId, latest }) => [pipelineId, toLatest(latest)]))
    },
    async lastEnd(pipelineId, before) {
      let rows = db.selectFrom('executions').select('status').where('pipelineId', '=', pipelineId)
      if (before !== undefined) rows = rows.where('number', '<', before)
      const ended = rows.where('status', 'in', ['succeeded', 'failed']).orderBy('number', 'desc').limit(1)
      return (await ended.executeTakeFirst())?.status as 'succeeded' | 'failed' | undefined
    },
    async waiting(workspaceId, limit) {
      const rows = await db
        .selectFrom('executions')
        .innerJoin('pipelines', 'pipelines.id', 'executions.pipelineId')
        .innerJoin('projects', 'projects.id', 'pipelines.projectId')
        .selectAll('executions')
        .where('projects.workspaceId', '=', workspaceId)
        .where('finishedAt', 'is', null)
        .where('executions.status', 'in', ['waiting-for-apply', 'waiting-for-variables'])
        .orderBy('executions.id')
        .limit(limit)
        .execute()
      return load(db, rows)
    },
    async takeOpen(pipelineId) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`open in pipeline ${pipelineId}`}, 0))`.execute(
        db,
      )
      const rows = db.selectFrom('executions').select('id').where('pipelineId', '=', pipelineId)
      const open = rows.where('finishedAt', 'is', null).orderBy('number').forUpdate()
      return (await open.execute()).map(({ id }) => id as ExecutionId)
    },
    async underway(projectId) {
      const rows = await db
        .selectFrom('executions')
        .innerJoin('pipelines', 'pipelines.id', 'executions.pipelineId')
        .innerJoin('actionExecutions', 'actionExecutions.executionId', 'executions.id')
        .select(['executions.pipelineId', 'executions.number', 'executions.status'])
        .select(sql<number>`(action_executions.action->>'id')::integer`.as('actionId'))
        .where('pipelines.projectId', '=', projectId)
        .where('executions.finishedAt', 'is', null)
        .where('actionExecutions.finishedAt', 'is', null)
        .orderBy('executions.id')
        .execute()
      return rows as Underway[]
    },
    change(id, change, claim) {
      return within(db, async (trx) => {
        const held = heldIn(trx)
        const known = held.get(id) ?? (await take(trx, id))
        if (known === undefined || (claim !== undefined && known.fence !== claim.fence)) return undefined
        const { execution: before, fence } = known
        const after = change(before)
        held.set(id, { execution: after, fence })
        if (after === before) return before
        await updateExecution(trx, before, after, seal)
        await outbox.put(trx, before, after)
        await recordTagMoves(trx, before, after)
        await announce(trx, id)
        return after
      })
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
/** As little as lists show. */
const SUMMARY = [
  ...(['id', 'number', 'pipelineId', 'status', 'priority', 'comment', 'creatorId'] as const),
  ...(['triggeredOn', 'createdAt', 'delayUntil', 'extras', 'startedAt', 'finishedAt'] as const),
] as const
type SummaryRow = Pick<ExecutionRow, (typeof SUMMARY)[number]>

/** The first page, which nothing stands before, with the count of all: what is asked for most. */
const firstPage = (direction: 'asc' | 'desc') =>
  statement(({ pipelineId, perPage }: Slots<{ pipelineId: number; perPage: number }>, db) => {
    const rows = db.selectFrom('executions').where('pipelineId', '=', pipelineId)
    const total = rows.select(({ fn }) => fn.countAll<string>().as('total'))
    return rows
      .select(SUMMARY)
      .select(() => total.as('total'))
      .orderBy('number', direction)
      .limit(perPage)
  })
const FIRST = { asc: firstPage('asc'), desc: firstPage('desc') }

export interface LatestRow extends Pick<Execution, 'number' | 'status'> {
  /** By number; of a loop, how its last turn went. */
  readonly actions: Readonly<Record<string, ActionExecution['status']>> | null
}
/** Of an execution what {@link toLatest} reads. */
export const latestAsJson = sql<LatestRow>`json_build_object('number', number, 'status', status, 'actions',
  (select json_object_agg(action ->> 'id', one.status order by position)
    from action_executions one where execution_id = executions.id))`
type ActionExecutionRow = Selectable<Tables['actionExecutions']>

/** Numbers are counted per pipeline, without gaps: the pipeline's row is locked until the transaction ends. */
async function insertExecution(
  trx: Database,
  draft: ExecutionDraft,
  at: Date,
  seal: Seal,
): Promise<ExecutionRow> {
  const { pipeline, priority, comment, creatorId, triggeredOn, delayUntil, extras } = draft
  const { executions: number } = await trx
    .updateTable('pipelines')
    .set(({ eb }) => ({ executions: eb('executions', '+', 1) }))
    .where('id', '=', pipeline.id)
    .returning('executions')
    .executeTakeFirstOrThrow()
  const id = await nextId(trx, 'executions')
  const status = delayUntil === undefined ? 'enqueued' : 'delayed'
  const frozen = {
    pipelineId: pipeline.id,
    pipeline: JSON.stringify(pipeline),
    variables: variablesOf(id, draft.variables, seal),
    createdAt: at,
    delayUntil: delayUntil ?? null,
    extras: JSON.stringify(extras),
  }
  return trx
    .insertInto('executions')
    .values({
      ...{ id, number, status, priority, comment: comment ?? null, creatorId, triggeredOn, ...frozen },
      ...holderAfter(undefined, status),
      ...turnAfter(undefined, status),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** So many rows at once: a statement has room for 65,535 values. */
const ROWS = 1000

async function insertActions(
  trx: Database,
  executionId: number,
  { actions }: ExecutionDraft,
  seal: Seal,
): Promise<readonly ActionExecutionRow[]> {
  const values = actions.map((action, position) => {
    const id = randomHex(24)
    const frozen = JSON.stringify(writeFrozenAction(action, seal, placeOf(id)))
    const begun = { pinned: action.pinned ?? null, status: 'initial', progress: 0 } as const
    return { id, executionId, position, action: frozen, ...begun }
  })
  const rows: ActionExecutionRow[] = []
  for (let from = 0; from < values.length; from += ROWS) {
    const insert = trx.insertInto('actionExecutions').values(values.slice(from, from + ROWS))
    rows.push(...(await insert.returningAll().execute()))
  }
  return rows.sort((one, other) => one.position - other.position)
}

function variablesOf(id: number, variables: Execution['variables'], seal: Seal): string {
  return JSON.stringify(writeBindings(variables, seal, `executions/${id}/variables`))
}

/** Whoever becomes ready goes to the end of the line; whoever ends, or waits for a person, leaves it. */
function turnAfter(before: ExecutionStatus | undefined, after: ExecutionStatus) {
  const was = before !== undefined && isReady(before)
  if (was === isReady(after)) return {}
  return { turn: was ? null : sql<string>`nextval('execution_turns')` }
}

/** What of an execution itself can change. */
const CHANGING = ['status', 'recoveries', 'startedAt', 'finishedAt', 'cancelled', 'variables'] as const

/** Only what can change is written; the frozen part never is. */
async function updateExecution(
  trx: Database,
  before: Execution,
  after: Execution,
  seal: Seal,
): Promise<void> {
  const { id, status, recoveries, cancelled, variables } = after
  const times = { startedAt: after.startedAt ?? null, finishedAt: after.finishedAt ?? null }
  if (CHANGING.some((name) => before[name] !== after[name]))
    await trx
      .updateTable('executions')
      .set({
        ...{ status, recoveries, ...times },
        ...holderAfter(before.status, status),
        ...turnAfter(before.status, status),
        cancelled: cancelled === undefined ? null : JSON.stringify(cancelled),
        ...(variables !== before.variables && { variables: variablesOf(id, variables, seal) }),
      })
      .where('id', '=', id)
      .execute()
  for (const [position, action] of after.actions.entries()) {
    if (action === before.actions[position]) continue
    const { id, status, progress, attempts, startedAt, finishedAt, aim, pinned } = action
    const { approval, failure, outcome } = action
    await trx
      .updateTable('actionExecutions')
      .set({
        ...{ status, progress, attempts },
        startedAt: startedAt ?? null,
        finishedAt: finishedAt ?? null,
        aim: aim ?? null,
        pinned: pinned ?? null,
        approval: approval === undefined ? null : JSON.stringify(approval),
        failure: failure === undefined ? null : JSON.stringify(failure),
        outcome: outcome === undefined ? null : JSON.stringify(outcome),
      })
      .where('id', '=', id)
      .execute()
  }
}

function toSummary(row: SummaryRow): ExecutionSummary {
  const { number, status, priority, triggeredOn, createdAt, extras } = row
  return {
    id: row.id as ExecutionId,
    pipelineId: row.pipelineId as PipelineId,
    ...{ number, status, priority, triggeredOn, createdAt, extras },
    comment: row.comment ?? undefined,
    creatorId: row.creatorId as Execution['creatorId'],
    delayUntil: row.delayUntil ?? undefined,
    startedAt: row.startedAt ?? undefined,
    finishedAt: row.finishedAt ?? undefined,
  }
}

export function toLatest({ number, status, actions }: LatestRow): LatestExecution {
  const each = Object.entries(actions ?? {}).map(([id, one]) => [Number(id) as ActionId, one] as const)
  return { number, status, actions: new Map(each) }
}

function toExecution(row: ExecutionRow, actions: readonly ActionExecution[], seal: Seal): Execution {
  return {
    ...toSummary(row),
    pipeline: readFrozenPipeline(row.pipeline),
    actions,
    recoveries: row.recoveries,
    cancelled: readCancellation(row.cancelled),
    variables: readBindings(row.variables, seal, `executions/${row.id}/variables`),
  }
}

function toActionExecution(row: ActionExecutionRow, seal: Seal): ActionExecution {
  const { id, status, progress, attempts } = row
  const failure = row.failure as ActionExecution['failure'] | null
  const outcome = row.outcome as ActionExecution['outcome'] | null
  return {
    id: id as ActionExecutionId,
    ...readFrozenAction(row.action, seal, placeOf(id)),
    ...{ status, progress, attempts },
    startedAt: row.startedAt ?? undefined,
    finishedAt: row.finishedAt ?? undefined,
    aim: row.aim ?? undefined,
    pinned: (row.pinned ?? undefined) as ActionExecution['pinned'],
    approval: readApproval(row.approval),
    failure: failure ? { ...failure, side: failure.side } : undefined,
    outcome: outcome ? { ...outcome, previous: outcome.previous, phases: outcome.phases } : undefined,
  }
}

function placeOf(id: string): string {
  return `action_executions/${id}/action`
}
