import { randomBytes } from 'node:crypto'
import { Secret, type Sessions } from '#model'
import type { Database } from './database.ts'
import { hashOf, selectCallers, toCaller } from './tokens.ts'

/** Keeps sessions as hashes, as tokens are kept. */
export function keepSessions(db: Database): Sessions {
  return {
    async begin(tokenId, now, expiresAt) {
      const text = randomBytes(32).toString('base64url')
      await db.deleteFrom('sessions').where('expiresAt', '<=', now).execute()
      await db
        .insertInto('sessions')
        .values({ hash: hashOf(text), tokenId, expiresAt })
        .execute()
      return new Secret(text)
    },
    async authenticate(text, now) {
      const row = await selectCallers(db)
        .innerJoin('sessions', 'sessions.tokenId', 'tokens.id')
        .where('sessions.hash', '=', hashOf(text.reveal()))
        .where('sessions.expiresAt', '>', now)
        .executeTakeFirst()
      return row && toCaller(row, now)
    },
    async end(text) {
      await db.deleteFrom('sessions').where('hash', '=', hashOf(text.reveal())).execute()
    },
  }
}
