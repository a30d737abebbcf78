import { sql } from 'kysely'
import {
  type Attempt,
  type ExecutionId,
  type Executions,
  type JsonObject,
  KEPT_DELIVERIES,
  type Project,
  type Secret,
  type Webhook,
  type WebhookId,
  type WebhookSecrets,
  type Webhooks,
  type Workspace,
  type WorkspaceId,
} from '#model'
import { orGone } from './conflicts.ts'
import { type Database, nextId } from './database.ts'
import { keepMembers } from './members.ts'
import { asItWas } from './outbox.ts'
import type { Seal } from './seal.ts'

/** Keeps webhooks in PostgreSQL, their secrets sealed, and reads and settles the deliveries that the outbox has put in. */
export function keepWebhooks(db: Database, seal: Seal, executions: Executions): Webhooks {
  const read = ({ secrets, ...row }: WebhookRow): Webhook => ({
    ...row,
    id: row.id as WebhookId,
    workspaceId: row.workspaceId as Webhook['workspaceId'],
    secrets: readSecrets(seal.openTree(secrets as JsonObject, placeOf(row.id)) as SealedSecrets),
  })
  const columns = (id: number, webhook: Omit<Webhook, 'id' | 'createdAt'>) => {
    const { workspaceId, targetUrl, events, projects, secrets } = webhook
    return {
      ...{ workspaceId, targetUrl, events: [...events], projects: [...projects] },
      secrets: JSON.stringify(seal.sealTree(writeSecrets(secrets), placeOf(id))),
    }
  }
  const inWorkspace = (workspaceId: number) =>
    db.selectFrom('webhooks').selectAll().where('workspaceId', '=', workspaceId)
  return {
    async list(workspaceId) {
      return (await inWorkspace(workspaceId).orderBy('id').execute()).map(read)
    },
    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).where('id', '=', id).executeTakeFirst()
      return row && read(row)
    },
    async create(draft) {
      const id = await nextId(db, 'webhooks')
      const insert = db.insertInto('webhooks').values({ id, ...columns(id, draft) })
      return read(await insert.returningAll().executeTakeFirstOrThrow())
    },
    async save(webhook) {
      const update = db.updateTable('webhooks').set(columns(webhook.id, webhook)).where('id', '=', webhook.id)
      return read(orGone(await update.returningAll().executeTakeFirst(), 'webhook'))
    },
    async remove(id) {
      await db.deleteFrom('webhooks').where('id', '=', id).execute()
    },
    async attempts(ids) {
      const tried = ids.map(async (id): Promise<[WebhookId, Attempt[]]> => {
        const rows = await newest(db, id)
          .select(['postedAt', 'responseStatus', 'body'])
          .limit(KEPT_DELIVERIES)
          .execute()
        return [id, rows.map(toAttempt)]
      })
      return new Map(await Promise.all(tried))
    },
    async due(id) {
      const row = await db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return undefined
      const [webhook, execution] = await Promise.all([
        db.selectFrom('webhooks').selectAll().where('id', '=', row.webhookId).executeTakeFirst(),
        executions.findById(row.executionId as ExecutionId),
      ])
      if (webhook === undefined || execution === undefined) return undefined
      const [workspace, project] = await Promise.all([
        db.selectFrom('workspaces').selectAll().where('id', '=', webhook.workspaceId).executeTakeFirst(),
        db
          .selectFrom('projects')
          .selectAll()
          .where('id', '=', execution.pipeline.projectId)
          .executeTakeFirst(),
      ])
      if (workspace === undefined || project === undefined) return undefined
      return {
        delivery: { id, event: row.event, at: row.createdAt, body: row.body ?? undefined },
        webhook: read(webhook),
        workspace: workspace as Workspace,
        project: project as Project,
        execution: asItWas(execution, row.execution),
        invoker: await keepMembers(db).describe(webhook.workspaceId as WorkspaceId, execution.creatorId),
      }
    },
    async prepare(id, body) {
      await db.updateTable('deliveries').set({ body }).where('id', '=', id).execute()
    },
    async tried(id, { at, status }) {
      const row = await db
        .updateTable('deliveries')
        .set({ postedAt: at, responseStatus: status ?? null })
        .where('id', '=', id)
        .returning('webhookId')
        .executeTakeFirst()
      if (row === undefined) return
      const old = newest(db, row.webhookId as WebhookId)
        .select('id')
        .offset(KEPT_DELIVERIES)
      await db
        .deleteFrom('deliveries')
        .where('id', 'in', old)
        // One that may still be tried again is not let go of: after a day none is.
        .where(sql<boolean>`(response_status between 200 and 299 or created_at < now() - interval '1 day')`)
        .execute()
    },
  }
}

interface WebhookRow extends Omit<Webhook, 'id' | 'workspaceId' | 'secrets'> {
  readonly id: number
  readonly workspaceId: number
  readonly secrets: unknown
}

interface SealedSecrets extends Omit<WebhookSecrets, 'before'> {
  readonly before?: { readonly signing: Secret; readonly until: string }
}

function writeSecrets({ before, ...secrets }: WebhookSecrets): unknown {
  return { ...secrets, before: before && { ...before, until: before.until.toISOString() } }
}

function readSecrets({ secretKey, signing, before }: SealedSecrets): WebhookSecrets {
  return {
    secretKey,
    signing,
    before: before && { signing: before.signing, until: new Date(before.until) },
  }
}

function toAttempt(row: {
  postedAt: Date | null
  responseStatus: number | null
  body: string | null
}): Attempt {
  const { postedAt, responseStatus, body } = row
  return { at: postedAt ?? new Date(0), status: responseStatus ?? undefined, body: body ?? '' }
}

function newest(db: Database, id: WebhookId) {
  const tried = db.selectFrom('deliveries').where('webhookId', '=', id).where('postedAt', 'is not', null)
  return tried.orderBy('postedAt', 'desc').orderBy('id')
}

function placeOf(id: number): string {
  return `webhooks/${id}/secrets`
}
