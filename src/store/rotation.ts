import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Json } from '#model'
import { findCanary, KEY_LOCK, keyIdOf, writeCanary } from './canary.ts'
import type { Database } from './database.ts'
import { type Key, makeKey } from './key-ring.ts'
import { openVault, type StoreOptions, type Vault } from './open.ts'
import { awaitRoll, callRoll, KEYS_CHANNEL, type Present } from './roll-call.ts'
import type { Seal } from './seal.ts'
import { SEALED, type SealedColumn } from './sealed.ts'

/** What became of it. */
export interface Rotation {
  /** The key that seals now. */
  readonly keyId: string
  /** How many rows were sealed anew. */
  readonly rows: number
  /** Rows that hold a secret which opens with no key: it is left as it is. */
  readonly unreadable: readonly string[]
  /** Where the old keys are kept; undefined when the key file could not be written, and still has them. */
  readonly keptIn: readonly string[] | undefined
}

const BATCH = 100

/** How long others are waited for. */
export interface Patience {
  /** For processes to say that they have heard. Default 10 s. */
  readonly answerMs?: number
  /** For what was sealed a moment ago to be written. Default half a second. */
  readonly settleMs?: number
}

/**
 * Seals everything with a new key, while services and workers go on, and retires the old one. Where it was broken off, the next call goes on with
 * the key that was made then. Each step is reported to `tell` before it is taken.
 * @throws Error when another one is under way, or a process does not have the new key; then nothing is sealed with it yet.
 */
export async function rotateKeys(
  options: StoreOptions,
  tell: (step: string) => void,
  { answerMs = 10_000, settleMs = 500 }: Patience = {},
): Promise<Rotation> {
  await using parts = new AsyncDisposableStack()
  const vault = await openVault(options, parts)
  return await alone(vault.db, async (held) => {
    const { ring } = vault.seal
    const key = await prepare(vault.seal, tell)
    tell(`waiting for all processes to have the key ${key.id}`)
    await refuseMissing(
      await awaitRoll(vault.db, ({ has }) => has.includes(key.id), answerMs),
      key,
      ring.file,
    )
    await change(vault, key, tell)
    tell('waiting for all processes to seal with it')
    const late = await awaitRoll(vault.db, ({ sealsWith }) => sealsWith === key.id, answerMs)
    if (late.length > 0)
      throw new Error(
        `${places(late)} did not answer in time: see that it runs, or end it; then run this again`,
      )
    await sleep(settleMs)
    await allowOnly(vault.db, key)
    tell('sealing anew what the old one has sealed')
    const { rows, unreadable } = await reseal(held, vault.seal)
    if (rows > 0) tell('clearing away the old rows')
    for (const { table } of rows > 0 ? SEALED : []) await sql`vacuum ${sql.id(table)}`.execute(held)
    tell('retiring the old key')
    return { keyId: key.id, rows, unreadable, keptIn: await retire(vault.seal, key) }
  })
}

/** One at a time. */
function alone<T>(db: Database, work: (held: Database) => Promise<T>): Promise<T> {
  return db.connection().execute(async (held) => {
    const lock = sql`hashtextextended('tagboat key rotation', 0)`
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lock}) as taken`.execute(
      held,
    )
    if (!rows[0]?.taken) throw new Error('the keys are being rotated already, by another process')
    try {
      return await work(held)
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(held)
    }
  })
}

/** The key to go to: the newest of several, since a rotation is under way then; otherwise a new one, in the file above the one that is there. */
async function prepare({ ring }: Seal, tell: (step: string) => void): Promise<Key> {
  const [newest, ...others] = ring.keys
  if (others.length > 0) return newest
  const key = makeKey()
  tell(`adding the key ${key.id} to ${ring.file}`)
  try {
    await ring.write([key, newest])
  } catch (cause) {
    throw new Error(
      `${ring.file} cannot be written (${(cause as NodeJS.ErrnoException).code}): put a line with 64 hexadecimal digits above the key in it, on every machine, and run this again`,
      { cause },
    )
  }
  return key
}

function refuseMissing(missing: readonly Present[], key: Key, file: string): void {
  if (missing.length === 0) return
  throw new Error(
    `${places(missing)} does not have the new key ${key.id}: give each machine ${file} as it is now, or end the process, and run this again; nothing has been sealed with it yet`,
  )
}

function places(processes: readonly Present[]): string {
  const where = [...new Set(processes.map(({ where }) => where))].join(', ')
  return processes.length === 1 ? `a process on ${where}` : `one of ${processes.length} processes on ${where}`
}

/** From here on the new one seals. Whoever starts at this moment is on the roll, or finds the new canary. */
async function change({ db, seal }: Vault, key: Key, tell: (step: string) => void): Promise<void> {
  const canary = await findCanary(db)
  if (canary !== undefined && keyIdOf(canary) === key.id) return
  tell(`changing from ${seal.keyId} to ${key.id}`)
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${KEY_LOCK})`.execute(trx)
    const present = await callRoll(trx)
    refuseMissing(
      present.filter(({ has }) => !has.includes(key.id)),
      key,
      seal.ring.file,
    )
    seal.sealWith(key.id)
    await writeCanary(trx, seal)
    await sql`select pg_notify(${KEYS_CHANNEL}, '')`.execute(trx)
  })
}

/** Nothing that another key has sealed is written any more, and what was being written is there. */
async function allowOnly(db: Database, { id: value }: Key): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('tagboat only key', 0))`.execute(trx)
    await trx
      .insertInto('settings')
      .values({ name: 'only key', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  })
}

type Resealed = Pick<Rotation, 'rows' | 'unreadable'>

async function reseal(held: Database, seal: Seal): Promise<Resealed> {
  await sql`select set_config('tagboat.resealing', 'on', false)`.execute(held)
  try {
    const done: Resealed[] = []
    for (const column of SEALED) done.push(await resealColumn(held, seal, column))
    return {
      rows: done.reduce((sum, { rows }) => sum + rows, 0),
      unreadable: done.flatMap(({ unreadable }) => unreadable),
    }
  } finally {
    await sql`select set_config('tagboat.resealing', 'off', false)`.execute(held)
  }
}

/** Row by row, each only if it is still as it was read: who has written it meanwhile has sealed it with the new key. */
async function resealColumn(held: Database, seal: Seal, sealed: SealedColumn): Promise<Resealed> {
  const [table, key, column] = [sql.id(sealed.table), sql.id(sealed.key), sql.id(sealed.column)]
  const { reseal = (document: Json, seal: Seal, place: string) => seal.resealTree(document, place) } = sealed
  const otherwise = `"\\$sealed":"v1\\.(?!${seal.keyId}\\.)`
  const unreadable: string[] = []
  let rows = 0
  for (let last: string | undefined; ; ) {
    const further = last === undefined ? sql`` : sql`and ${key} > ${last}`
    const { rows: batch } = await sql<{ key: string; text: string }>`
      select ${key}::text as key, ${column}::text as text from ${table}
      where ${column}::text ~ ${otherwise} ${further} order by ${key} limit ${BATCH}`.execute(held)
    for (const { key: row, text } of batch) {
      const place = `${sealed.table}/${row}/${sealed.column}`
      const anew = JSON.stringify(reseal(JSON.parse(text), seal, place))
      if (new RegExp(otherwise).test(anew)) unreadable.push(place)
      if (anew === text) continue
      const { numAffectedRows } = await sql`
        update ${table} set ${column} = ${anew} where ${key} = ${row} and ${column}::text = ${text}`.execute(
        held,
      )
      rows += Number(numAffectedRows ?? 0)
    }
    last = batch.at(-1)?.key
    if (batch.length < BATCH) return { rows, unreadable }
  }
}

/** The old keys go out of the file, each into one of its own beside it: what was backed up before opens with nothing else. */
async function retire({ ring }: Seal, key: Key): Promise<readonly string[] | undefined> {
  try {
    const keptIn: string[] = []
    for (const old of ring.keys.filter(({ id }) => id !== key.id)) keptIn.push(await ring.setAside(old))
    if (keptIn.length > 0) await ring.write([key])
    return keptIn
  } catch (error) {
    if (['EROFS', 'EACCES', 'EPERM', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined
    throw error
  }
}
