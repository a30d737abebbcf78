import { sql } from 'kysely'
import type { Database } from './database.ts'
import { Seal } from './seal.ts'

const CANARY = 'sealed with the master key'
const CANARY_PLACE = 'settings/canary/value'

/** What those take turns by who make the key, and who change it. */
export const KEY_LOCK = sql`hashtextextended('tagboat master key', 0)`

/**
 * A sealed word in the database tells whether the key is the right one before anything is done with a wrong one, and which key of several
 * seals. Those who open a new database at once take turns: one makes the key, and the others find it.
 * @throws Error when the key is missing, or is not the one.
 */
export function openSeal(db: Database, keyFile: string): Promise<Seal> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${KEY_LOCK})`.execute(trx)
    const canary = await findCanary(trx)
    const seal = await Seal.open({ keyFile, create: canary === undefined })
    if (canary === undefined) await writeCanary(trx, seal)
    else follow(seal, canary)
    return seal
  })
}

/** The canary as it is sealed; undefined in a database that nobody has opened yet. */
export async function findCanary(db: Database): Promise<string | undefined> {
  const settings = db.selectFrom('settings').select('value').where('name', '=', 'canary')
  return (await settings.executeTakeFirst())?.value
}

/** Says which key seals from now on: the one that this seal uses. Nobody is kept to it yet. */
export async function writeCanary(db: Database, seal: Seal): Promise<void> {
  await db.deleteFrom('settings').where('name', '=', 'only key').execute()
  const value = seal.seal(CANARY, CANARY_PLACE)
  await db
    .insertInto('settings')
    .values({ name: 'canary', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** Seals with the key that the canary is sealed with. @throws Error when the keys at hand do not open it. */
export function follow(seal: Seal, canary: string): void {
  const keyId = keyIdOf(canary)
  if (!opens(seal, canary)) {
    const at = seal.ring.keys.map(({ id }) => id).join(', ')
    throw new Error(
      `the master key in ${seal.ring.file} is not the one that this database's secrets were sealed with: that is ${keyId}, and there is ${at}`,
    )
  }
  seal.sealWith(keyId)
}

/** The key that a text is sealed with. */
export function keyIdOf(sealed: string): string {
  return sealed.split('.')[1] ?? ''
}

function opens(seal: Seal, canary: string): boolean {
  try {
    return seal.unseal(canary, CANARY_PLACE).reveal() === CANARY
  } catch {
    return false
  }
}
