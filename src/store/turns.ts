import { sql } from 'kysely'
import type { Execution, ExecutionId, Turns } from '#model'
import type { Database } from './database.ts'

/**
 * Finds out whose turn it is, in PostgreSQL, so that all processes agree. Whoever asks, and whoever lets go, takes the same lock until its
 * transaction ends: nobody lies down to wait for what was let go of at that moment.
 */
export function keepTurns(db: Database): Turns {
  const lock = async (...names: readonly string[]): Promise<void> => {
    // In one order, so that two who need several never wait for each other.
    for (const name of [...new Set(names)].sort())
      await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db)
  }
  const turnOf = (id: ExecutionId) => db.selectFrom('executions').select('turn').where('id', '=', id)
  return {
    async inPipeline({ id, pipelineId, pipeline }) {
      if (pipeline.concurrent) return true
      await lock(nameOfPipeline(pipelineId))
      const before = await db
        .selectFrom('executions')
        .select('id')
        .where('pipelineId', '=', pipelineId)
        .where('turn', '<', turnOf(id))
        // In the order of the index, which has none that has ended.
        .orderBy('turn')
        .limit(1)
        .executeTakeFirst()
      return before === undefined
    },
    async atTag({ id: executionId, actions }, id) {
      const aim = actions.find((action) => action.id === id)?.aim
      if (aim === undefined) return true
      await lock(nameOfTag(aim))
      const before = await db
        .selectFrom('actionExecutions as action')
        .innerJoin('executions as execution', 'execution.id', 'action.executionId')
        .select('action.id')
        .where('action.aim', '=', aim)
        .where('action.id', '<>', id)
        .where((eb) =>
          eb.or([
            eb('action.status', '=', 'running'),
            eb.and([eb('action.status', '=', 'initial'), eb('execution.turn', '<', turnOf(executionId))]),
          ]),
        )
        .limit(1)
        .executeTakeFirst()
      return before === undefined
    },
    async behind(executions) {
      const pipelines = [...new Set(executions.map(({ pipelineId }) => pipelineId))]
      const aims = executions.flatMap(({ actions }) => actions.flatMap(({ aim }) => aim ?? []))
      await lock(...pipelines.map(nameOfPipeline), ...aims.map(nameOfTag))
      const { rows } = await sql<Pick<Execution, 'id' | 'priority'>>`
        with waiting as (
          select id, priority, pipeline_id, turn from executions
          where status = 'enqueued' and turn is not null and id <> all(${executions.map(({ id }) => id)}::integer[])
        )
        (select distinct on (pipeline_id) id, priority from waiting
          where pipeline_id = any(${pipelines}::integer[]) order by pipeline_id, turn)
        union
        (select id, priority from waiting where id in (
          select execution_id from action_executions where aim = any(${aims}::text[]) and status = 'initial'))`.execute(
        db,
      )
      return rows
    },
  }
}

function nameOfPipeline(id: number): string {
  return `turn in pipeline ${id}`
}

function nameOfTag(aim: string): string {
  return `turn at tag ${aim}`
}
