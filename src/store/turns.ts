import { sql } from 'kysely'
import type { ExecutionId, Turns } from '#model'
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
    async behind({ id, pipelineId, actions }) {
      const aims = actions.flatMap(({ aim }) => aim ?? [])
      await lock(nameOfPipeline(pipelineId), ...aims.map(nameOfTag))
      const waiting = db
        .selectFrom('executions')
        .select(['id', 'priority'])
        .where('status', '=', 'enqueued')
        .where('id', '<>', id)
        .orderBy('turn')
      const inPipeline = await waiting.where('pipelineId', '=', pipelineId).limit(1).execute()
      const atTags =
        aims.length === 0
          ? []
          : await waiting
              .where('id', 'in', (eb) =>
                eb
                  .selectFrom('actionExecutions')
                  .select('executionId')
                  .where('aim', 'in', aims)
                  .where('status', '=', 'initial'),
              )
              .execute()
      return [...inPipeline, ...atTags].map((row) => ({ ...row, id: row.id as ExecutionId }))
    },
  }
}

function nameOfPipeline(id: number): string {
  return `turn in pipeline ${id}`
}

function nameOfTag(aim: string): string {
  return `turn at tag ${aim}`
}
