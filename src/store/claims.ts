import { sql } from 'kysely'
import { type Execution, type ExecutionId, type ExecutionStatus, type Executions, isReady } from '#model'
import type { Database } from './database.ts'
import { heldIn } from './held.ts'

/** How long an execution may be in the queue before it is put there again: the job of one that waits for good is still there, and stays the only one. */
const QUEUED_MS = 15_000

/**
 * Keeps who has an execution that is ready, and until when: the queue at first (`worker` is null), then a worker, whose claims are counted (`fence`). Whatever
 * becomes of jobs and processes, every one of them has a time at which it is somebody else's. Times are the database's.
 */
export function keepClaims(db: Database): Pick<Executions, 'claim' | 'holds' | 'release' | 'takeLapsed'> {
  return {
    async claim(id, worker, leaseMs) {
      const row = await db
        .updateTable('executions')
        .set(({ eb }) => ({ fence: eb('fence', '+', 1), worker, leaseUntil: from(leaseMs) }))
        .where('id', '=', id)
        .where('worker', 'is', null)
        .returning('fence')
        .executeTakeFirst()
      if (row === undefined) return undefined
      const held = heldIn(db)
      const known = held.get(id)
      if (known !== undefined) held.set(id, { ...known, fence: row.fence })
      return { executionId: id, fence: row.fence }
    },
    async holds({ executionId, fence }, leaseMs) {
      const renewed = await db
        .updateTable('executions')
        // What has ended, or was laid down, is still the last holder's, and nobody's lease.
        .set({ leaseUntil: sql<Date>`case when worker is null then lease_until else ${from(leaseMs)} end` })
        .where('id', '=', executionId)
        .where('fence', '=', fence)
        .executeTakeFirst()
      return renewed.numUpdatedRows > 0n
    },
    async release({ executionId, fence }, why) {
      await db
        .updateTable('executions')
        .set(({ eb }) => ({ recoveries: eb('recoveries', '+', why === 'broken-off' ? 1 : 0), ...queued() }))
        .where('id', '=', executionId)
        .where('fence', '=', fence)
        .where('worker', 'is not', null)
        .execute()
      heldIn(db).delete(executionId)
    },
    async takeLapsed() {
      const { rows } = await sql<{ id: number; priority: Execution['priority']; worker: string | null }>`
        with lapsed as (
          select id, worker from executions where lease_until <= now()
          order by (worker is null), lease_until limit 1 for update skip locked
        )
        update executions set
          worker = null, lease_until = ${from(QUEUED_MS)}, fence = fence + 1,
          recoveries = recoveries + (lapsed.worker is not null)::integer
        from lapsed where executions.id = lapsed.id
        returning executions.id, executions.priority, lapsed.worker`.execute(db)
      const [row] = rows
      if (row !== undefined) heldIn(db).delete(row.id)
      return row && { ...row, id: row.id as ExecutionId, worker: row.worker ?? undefined }
    },
  }
}

/** What a change of the status does to who has it: whoever becomes ready, or lies down to wait for a turn, is the queue's; who is not ready, nobody's. */
export function holderAfter(before: ExecutionStatus | undefined, after: ExecutionStatus) {
  if (!isReady(after)) return { worker: null, leaseUntil: null }
  const returns = after === 'enqueued' || before === undefined || !isReady(before)
  return before !== after && returns ? queued() : {}
}

function queued() {
  return { worker: null, leaseUntil: from(QUEUED_MS) }
}

function from(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`
}
