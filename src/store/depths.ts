import { sql } from 'kysely'
import type { ExecutionStatus } from '#model'
import type { Database } from './database.ts'
import { QUEUES } from './queue.ts'

/** How much is still to be done. */
export interface Depths {
  /** Executions that have not ended. */
  readonly open: ReadonlyMap<ExecutionStatus, number>
  /** Jobs that wait, by queue. */
  readonly waiting: ReadonlyMap<string, number>
}

/** Counts what is open, by an index that has nothing else in it, and what waits. */
export async function readDepths(db: Database): Promise<Depths> {
  const [open, waiting] = await Promise.all([
    sql<{ status: ExecutionStatus; count: number }>`
      select status, count(*)::integer as count from executions where finished_at is null group by status`.execute(
      db,
    ),
    sql<{ name: string; count: number }>`
      select name, count(*)::integer as count from pgboss.job
      where name in (${sql.join(QUEUES)}) and state in ('created', 'retry') group by name`.execute(db),
  ])
  return {
    open: new Map(open.rows.map(({ status, count }) => [status, count])),
    waiting: new Map([
      ...QUEUES.map((name): [string, number] => [name, 0]),
      ...waiting.rows.map(({ name, count }): [string, number] => [name, count]),
    ]),
  }
}
