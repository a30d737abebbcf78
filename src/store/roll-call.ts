import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type pg from 'pg'
import { findCanary, follow, KEY_LOCK } from './canary.ts'
import type { Database } from './database.ts'
import type { Seal } from './seal.ts'

/** On this channel all processes are told that there is something new about keys. */
export const KEYS_CHANNEL = 'tagboat_keys'
/** The name of the connection on which a process is told; the keys that it has stand behind it, the one that it seals with first. */
export const LISTENER = 'tagboat changes'

// PostgreSQL cuts a name behind 63 bytes.
const TOLD_KEYS = 5
const LOOK_MS = 50

/**
 * Looks which keys there are and which one seals, and says so where {@link callRoll} sees it: before the look and after it, so that whoever
 * changes the key either sees this process, or is seen by it.
 * @throws Error when the keys at hand do not open what is sealed.
 */
export async function answerRoll(client: pg.Client, db: Database, seal: Seal): Promise<void> {
  seal.ring.reread()
  await say(client, seal)
  const canary = await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock_shared(${KEY_LOCK})`.execute(trx)
    return findCanary(trx)
  })
  if (canary !== undefined) follow(seal, canary)
  await say(client, seal)
}

async function say(client: pg.Client, seal: Seal): Promise<void> {
  const others = seal.ring.keys.map(({ id }) => id).filter((id) => id !== seal.keyId)
  const name = [LISTENER, seal.keyId, ...others].slice(0, TOLD_KEYS + 1).join(' ')
  await client.query("select set_config('application_name', $1, false)", [name])
}

/** A process as the others see it. */
export interface Present {
  readonly where: string
  readonly sealsWith: string | undefined
  readonly has: readonly string[]
}

/** The processes that are connected to this database, whatever machine they are on. */
export async function callRoll(db: Database): Promise<readonly Present[]> {
  const { rows } = await sql<{ name: string; place: string }>`
    select application_name as name, coalesce(host(client_addr), 'this machine') as place from pg_stat_activity
    where datname = current_database() and application_name like ${`${LISTENER}%`}`.execute(db)
  return rows.map(({ name, place }) => {
    const has = name.slice(LISTENER.length).split(' ').filter(Boolean)
    return { where: place, sealsWith: has[0], has }
  })
}

/** Tells all processes to look again, and waits until all of them are so; those that are not at the end of the time. */
export async function awaitRoll(
  db: Database,
  ready: (process: Present) => boolean,
  withinMs: number,
): Promise<readonly Present[]> {
  await sql`select pg_notify(${KEYS_CHANNEL}, '')`.execute(db)
  for (const deadline = Date.now() + withinMs; ; await sleep(LOOK_MS)) {
    const missing = (await callRoll(db)).filter((process) => !ready(process))
    if (missing.length === 0 || Date.now() > deadline) return missing
  }
}
