import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import { type Caller, SCOPES, Secret, type Token, type TokenDraft, type Tokens } from '#model'
import { within } from './actions.ts'
import type { Database } from './database.ts'
import { keepPeople, toPerson } from './people.ts'
import { type Slots, statement } from './statement.ts'

/** Keeps tokens as hashes. A token is 32 random bytes: nobody guesses one, so a plain hash is enough to look it up by. */
export function keepTokens(db: Database): Tokens {
  const insert = (trx: Database, draft: TokenDraft, text: string, configured: boolean) => {
    const { personId, name, scopes, workspaces, addresses = [], expiresAt } = draft
    const lists = { scopes: [...scopes], workspaces: [...workspaces], addresses: [...addresses] }
    const values = { personId, name, ...lists, expiresAt: expiresAt ?? null, hash: hashOf(text), configured }
    return trx.insertInto('tokens').values(values).returningAll().executeTakeFirstOrThrow()
  }
  const { owner } = keepPeople(db)
  return {
    owner,
    async authenticate(text, now) {
      const hash = hashOf(text.reveal())
      const [row] = await findCaller(db, { hash })
      return row !== undefined && timingSafeEqual(row.hash, hash) ? toCaller(row, now) : undefined
    },
    async create(draft) {
      const text = `tb_${randomBytes(32).toString('base64url')}`
      return { token: toToken(await insert(db, draft, text, false)), text: new Secret(text) }
    },
    async setOwner(text) {
      const { id: personId } = await owner()
      const draft = {
        personId,
        name: 'Owner',
        scopes: Object.keys(SCOPES),
        workspaces: [],
        addresses: [],
        expiresAt: undefined,
      }
      return within(db, async (trx) => {
        const hash = hashOf(text.reveal())
        const others = trx.deleteFrom('tokens').where('configured', '=', true).where('hash', '<>', hash)
        await others.execute()
        // The same text is the same token still: who signed in with it stays signed in.
        const same = trx.updateTable('tokens').set({ ...draft, expiresAt: null, configured: true })
        const row = await same.where('hash', '=', hash).returningAll().executeTakeFirst()
        return toToken(row ?? (await insert(trx, draft, text.reveal(), true)))
      })
    },
    async list(personId) {
      const rows = await db
        .selectFrom('tokens')
        .selectAll()
        .where('personId', '=', personId)
        .orderBy('createdAt')
        .orderBy('id')
        .execute()
      return rows.map(toToken)
    },
    async find(personId, id) {
      if (!UUID.test(id)) return undefined
      const rows = db.selectFrom('tokens').selectAll().where('personId', '=', personId)
      const row = await rows.where('id', '=', id).executeTakeFirst()
      return row && toToken(row)
    },
    async remove(id) {
      await db.deleteFrom('tokens').where('id', '=', id).execute()
    },
  }
}

// PostgreSQL refuses to compare a uuid with anything else.
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

interface TokenRow extends Omit<Token, 'id' | 'personId' | 'expiresAt'> {
  readonly id: string
  readonly personId: number
  readonly expiresAt: Date | null
}

interface CallerRow extends TokenRow {
  readonly personName: string
  readonly email: string | null
  readonly owner: boolean
}

/** Each token with the person behind it, for whoever narrows it down to one. */
export function selectCallers(db: Database) {
  return db
    .selectFrom('tokens')
    .innerJoin('people', 'people.id', 'tokens.personId')
    .selectAll('tokens')
    .select(['people.name as personName', 'people.email', 'people.owner'])
}

const findCaller = statement(({ hash }: Slots<{ hash: Buffer }>, db) =>
  selectCallers(db).where('tokens.hash', '=', hash),
)

/** A token with the person behind it, as one value among others; its dates are texts. */
export interface CallerJson extends Omit<CallerRow, 'createdAt' | 'expiresAt'> {
  readonly createdAt: string
  readonly expiresAt: string | null
}
export const callerAsJson = sql<CallerJson>`json_build_object('id', tokens.id, 'personId', person_id,
  'name', tokens.name, 'scopes', scopes, 'workspaces', workspaces, 'addresses', addresses,
  'createdAt', tokens.created_at, 'expiresAt', expires_at,
  'personName', people.name, 'email', people.email, 'owner', people.owner)`

/** Undefined when the token has expired. */
export function fromCallerJson({ createdAt, expiresAt, ...row }: CallerJson, now: Date): Caller | undefined {
  const dates = { createdAt: new Date(createdAt), expiresAt: expiresAt === null ? null : new Date(expiresAt) }
  return toCaller({ ...row, ...dates }, now)
}

/** Undefined when the token has expired. */
export function toCaller(row: CallerRow, now: Date): Caller | undefined {
  if (row.expiresAt !== null && row.expiresAt <= now) return undefined
  const { personId, personName, email, owner } = row
  return { person: toPerson({ id: personId, name: personName, email, owner }), token: toToken(row) }
}

function toToken(row: TokenRow): Token {
  const { id, personId, name, scopes, workspaces, addresses, createdAt, expiresAt } = row
  return {
    id: id as Token['id'],
    personId: personId as Token['personId'],
    ...{ name, scopes, workspaces, addresses, createdAt },
    expiresAt: expiresAt ?? undefined,
  }
}

export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
