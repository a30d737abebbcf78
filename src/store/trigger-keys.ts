import { createHash, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { JsonObject, PipelineId, Secret, TriggerKey, TriggerKeys } from '#model'
import type { Database } from './database.ts'
import type { Seal } from './seal.ts'

/** Keeps trigger keys in PostgreSQL: the token as a hash, the secrets sealed. */
export function keepTriggerKeys(db: Database, seal: Seal): TriggerKeys {
  const ofPipeline = (pipelineId: PipelineId) =>
    db.updateTable('triggerKeys').where('pipelineId', '=', pipelineId)
  return {
    async save(pipelineId, { token, totp, secret }) {
      const secrets = JSON.stringify(seal.sealTree({ totp, secret }, placeOf(pipelineId)))
      const row = { hash: hashOf(token), secrets }
      await db
        .insertInto('triggerKeys')
        .values({ pipelineId, ...row })
        .onConflict((conflict) => conflict.column('pipelineId').doUpdateSet({ ...row, spentStep: 0 }))
        .execute()
    },
    async remove(pipelineId) {
      await db.deleteFrom('triggerKeys').where('pipelineId', '=', pipelineId).execute()
    },
    async find(pipelineId, token) {
      const row = await db
        .selectFrom('triggerKeys')
        .select(['hash', 'secrets'])
        .where('pipelineId', '=', pipelineId)
        .executeTakeFirst()
      if (row === undefined || !timingSafeEqual(row.hash, hashOf(token))) return undefined
      return seal.openTree(row.secrets as JsonObject, placeOf(pipelineId)) as Omit<TriggerKey, 'token'>
    },
    async countTry(pipelineId, step) {
      const { tries } = await ofPipeline(pipelineId)
        .set({ tries: sql`case when tried_step = ${step} then tries + 1 else 1 end`, triedStep: step })
        .returning('tries')
        .executeTakeFirstOrThrow()
      return tries
    },
    async spend(pipelineId, step) {
      const spent = ofPipeline(pipelineId).set({ spentStep: step }).where('spentStep', '<', step)
      return (await spent.executeTakeFirst()).numUpdatedRows > 0n
    },
    async hear(pipelineId, notice) {
      const old = db.deleteFrom('notices').where('pipelineId', '=', pipelineId)
      await old.where('heardAt', '<', sql<Date>`now() - interval '7 days'`).execute()
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto('notices')
        .values({ pipelineId, notice })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows > 0n
    },
  }
}

function placeOf(pipelineId: number): string {
  return `trigger_keys/${pipelineId}/secrets`
}

function hashOf(token: Secret): Buffer {
  return createHash('sha256').update(token.reveal()).digest()
}
