import { randomBytes } from 'node:crypto'
import {
  type Integration,
  type IntegrationDraft,
  type IntegrationHash,
  type IntegrationSecrets,
  type Integrations,
  type JsonObject,
  USUAL_PERMISSIONS,
} from '#model'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import type { Seal } from './seal.ts'

/** Keeps integrations in PostgreSQL, their secrets sealed. */
export function keepIntegrations(db: Database, seal: Seal): Integrations {
  const read = (row: IntegrationRow): Integration => ({
    ...row,
    hash: row.hash as IntegrationHash,
    workspaceId: row.workspaceId as Integration['workspaceId'],
    projectName: row.projectName ?? undefined,
    permissions: row.permissions as Integration['permissions'],
    pipelines: row.pipelines as Integration['pipelines'],
    secrets: seal.openTree(row.secrets as JsonObject, placeOf(row.hash)) as IntegrationSecrets,
  })
  const columns = (hash: string, integration: IntegrationDraft) => {
    const { workspaceId, identifier, name, type, authType, scope, projectName, secrets, extras } = integration
    const { permissions = USUAL_PERMISSIONS, allPipelines = true, pipelines = [] } = integration
    return {
      ...{ workspaceId, identifier, name, type, authType, scope },
      projectName: projectName ?? null,
      secrets: JSON.stringify(seal.sealTree(secrets, placeOf(hash))),
      permissions: JSON.stringify(permissions),
      allPipelines,
      pipelines: [...pipelines],
      extras: JSON.stringify(extras),
    }
  }
  const inWorkspace = (workspaceId: number) =>
    db.selectFrom('integrations').selectAll().where('workspaceId', '=', workspaceId)
  return {
    async list(workspaceId) {
      return (await inWorkspace(workspaceId).orderBy('createdAt').orderBy('hash').execute()).map(read)
    },
    async find(workspaceId, hash) {
      const row = await inWorkspace(workspaceId).where('hash', '=', hash).executeTakeFirst()
      return row && read(row)
    },
    async findByIdentifier(workspaceId, identifier) {
      const row = await inWorkspace(workspaceId).where('identifier', '=', identifier).executeTakeFirst()
      return row && read(row)
    },
    async create(draft) {
      const hash = randomBytes(18).toString('base64url')
      const insert = db.insertInto('integrations').values({ hash, ...columns(hash, draft) })
      return read(await orConflict(insert.returningAll().executeTakeFirstOrThrow()))
    },
    async save(integration) {
      const update = db.updateTable('integrations').set(columns(integration.hash, integration))
      const saved = update.where('hash', '=', integration.hash).returningAll().executeTakeFirst()
      return read(orGone(await orConflict(saved), 'integration'))
    },
    async remove(hash) {
      await db.deleteFrom('integrations').where('hash', '=', hash).execute()
    },
  }
}

interface IntegrationRow
  extends Omit<
    Integration,
    'hash' | 'workspaceId' | 'projectName' | 'secrets' | 'permissions' | 'pipelines'
  > {
  readonly hash: string
  readonly workspaceId: number
  readonly projectName: string | null
  readonly secrets: unknown
  readonly permissions: unknown
  readonly pipelines: readonly number[]
}

function placeOf(hash: string): string {
  return `integrations/${hash}/secrets`
}
