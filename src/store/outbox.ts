import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { PgBoss } from 'pg-boss'
import { type ActionExecution, type DeliveryId, type Execution, eventsBetween } from '#model'
import type { Database } from './database.ts'
import { enqueueDeliveries } from './queue.ts'

/** Writes down what is to be told of an execution's change, with the jobs that tell it, in the transaction of the change itself. */
export interface Outbox {
  put(trx: Database, before: Execution, after: Execution): Promise<void>
}

/** The outbox of a store whose jobs wait in pg-boss. */
export function keepOutbox(boss: PgBoss): Outbox {
  return {
    async put(trx, before, after) {
      const events = eventsBetween(before, after)
      if (events.length === 0) return
      const listening = await trx
        .selectFrom('webhooks')
        .innerJoin('projects', 'projects.workspaceId', 'webhooks.workspaceId')
        .innerJoin('pipelines', 'pipelines.projectId', 'projects.id')
        .select(['webhooks.id', 'webhooks.events'])
        .where('pipelines.id', '=', after.pipelineId)
        .where(sql<boolean>`(webhooks.projects = '{}' or projects.name = any(webhooks.projects))`)
        .execute()
      const rows = listening.flatMap((webhook) =>
        events
          .filter((event) => webhook.events.includes(event))
          .map((event) => ({
            id: `msg_${randomBytes(18).toString('base64url')}`,
            webhookId: webhook.id,
            executionId: after.id,
            event,
            execution: JSON.stringify(snapshot(after)),
          })),
      )
      if (rows.length === 0) return
      await trx.insertInto('deliveries').values(rows).execute()
      await enqueueDeliveries(
        trx,
        boss,
        rows.map(({ id }) => id as DeliveryId),
      )
    },
  }
}

/** What of an execution may be another by the time it is told. */
interface Snapshot {
  readonly status: Execution['status']
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly actions: readonly {
    readonly id: string
    readonly status: ActionExecution['status']
    readonly progress: number
    readonly startedAt: string | null
    readonly finishedAt: string | null
    readonly failure: ActionExecution['failure'] | null
    readonly outcome: ActionExecution['outcome'] | null
  }[]
}

function snapshot({ status, startedAt, finishedAt, actions }: Execution): Snapshot {
  return {
    status,
    ...writeTimes({ startedAt, finishedAt }),
    actions: actions.map(({ id, status, progress, failure = null, outcome = null, ...times }) => ({
      ...{ id, status, progress, failure, outcome },
      ...writeTimes(times),
    })),
  }
}

/** The execution as it was when its delivery was put in. */
export function asItWas(execution: Execution, document: unknown): Execution {
  const { status, actions, ...times } = document as Snapshot
  const before = new Map(actions.map((action) => [action.id, action]))
  return {
    ...execution,
    status,
    ...readTimes(times),
    actions: execution.actions.map((action): ActionExecution => {
      const then = before.get(action.id)
      if (then === undefined) return action
      const { status, progress, failure, outcome } = then
      const results = { failure: failure ?? undefined, outcome: outcome ?? undefined }
      return { ...action, status, progress, ...readTimes(then), ...results }
    }),
  }
}

type Times = Pick<Execution, 'startedAt' | 'finishedAt'>

function writeTimes({ startedAt, finishedAt }: Times) {
  return { startedAt: startedAt?.toISOString() ?? null, finishedAt: finishedAt?.toISOString() ?? null }
}

function readTimes({ startedAt, finishedAt }: Pick<Snapshot, 'startedAt' | 'finishedAt'>): Times {
  const read = (text: string | null): Date | undefined => (text === null ? undefined : new Date(text))
  return { startedAt: read(startedAt), finishedAt: read(finishedAt) }
}
