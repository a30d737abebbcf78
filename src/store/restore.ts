import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CompiledQuery, sql } from 'kysely'
import type { Backup } from './backup.ts'
import { type BackupHeader, readBackup, type SequenceState, type TablePart } from './backup-file.ts'
import { KEY_LOCK } from './canary.ts'
import { type Connection, type Database, migrate, openDatabase } from './database.ts'
import { KeyRing } from './key-ring.ts'
import { Listener } from './listener.ts'
import { migrations } from './migrations/index.ts'
import { connect, type StoreOptions } from './open.ts'
import { openQueue } from './queue.ts'

const JOBS = 'pgboss.job'

/**
 * Fills an empty database with what {@link backUp} wrote, in one transaction: as it was, or not at all. The schema becomes what it was then, and
 * is brought up to date afterwards; jobs that were under way are taken up again by whoever starts first.
 * @throws Error when the database is not empty, the backup is damaged or newer than this product, or the key at hand is not its own.
 */
export async function restore(
  options: StoreOptions & { readonly signal?: AbortSignal },
  input: Readable,
): Promise<Backup> {
  const { log = () => {}, signal } = options
  await using opened = new AsyncDisposableStack()
  const connection = await connect(options, opened, log)
  const database = openDatabase(connection, log)
  opened.defer(() => database.close())
  const { db } = database
  const take = async (chunks: AsyncIterable<Buffer>): Promise<Backup> => {
    const parts = readBackup(chunks)
    const header = (await parts.next()).value as BackupHeader
    const ring = await KeyRing.open({ keyFile: options.masterKeyFile, create: false })
    refuseOtherKeys(ring, [header.key])
    refuseUnknown(header)
    await refuseFull(db)
    return withQueue(db, connection, log, () =>
      db.transaction().execute((trx) => fill(trx, header, parts, ring, log)),
    )
  }
  try {
    return await pipeline(input, createGunzip(), take, { signal })
  } catch (error) {
    throw explain(error)
  }
}

type Parts = ReturnType<typeof readBackup>

async function fill(
  trx: Database,
  { migrations: steps, key }: BackupHeader,
  parts: Parts,
  ring: KeyRing,
  log: (message: string) => void,
): Promise<Backup> {
  // Whoever opens the new database meanwhile waits, and finds it filled.
  await sql`select pg_advisory_xact_lock(${KEY_LOCK})`.execute(trx)
  await refuseFull(trx)
  await migrate(trx, () => {}, steps)
  const tables = new Set<string>()
  let rows = 0
  for await (const part of parts) {
    if ('sequence' in part) await setSequence(trx, part)
    else if ('table' in part) {
      // Triggers guard what is written, not what was.
      if (!tables.has(part.table) && part.table !== JOBS)
        await sql`alter table ${sql.id(part.table)} disable trigger user`.execute(trx)
      tables.add(part.table)
      rows += part.rows.length
      await insert(trx, part)
    } else if ('keys' in part) refuseOtherKeys(ring, part.keys)
  }
  for (const table of tables)
    if (table !== JOBS) await sql`alter table ${sql.id(table)} enable trigger user`.execute(trx)
  await takeUp(trx)
  await migrate(trx, log)
  return { tables: tables.size, rows, key }
}

async function insert(trx: Database, { table, columns, rows }: TablePart): Promise<void> {
  if (rows.length === 0) return
  // The queue's own schema may have gone on since; what it does not know any more it does not need.
  const known = table === JOBS ? await jobColumns(trx) : new Set(columns)
  const kept = columns.map((name, at) => ({ name, at })).filter(({ name }) => known.has(name))
  const values = rows.flatMap((row) => kept.map(({ at }) => row[at] ?? null))
  const places = rows.map(
    (_, row) => `(${kept.map((_, column) => `$${row * kept.length + column + 1}`).join(', ')})`,
  )
  const into = `${table.split('.').map(quote).join('.')} (${kept.map(({ name }) => quote(name)).join(', ')})`
  const text = `insert into ${into} overriding system value values ${places.join(', ')}`
  await trx.executeQuery(CompiledQuery.raw(text, values))
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

async function jobColumns(trx: Database): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = 'pgboss.job'::regclass and attnum > 0 and not attisdropped`.execute(trx)
  return new Set(rows.map(({ name }) => name))
}

async function setSequence(trx: Database, { sequence, value, called }: SequenceState): Promise<void> {
  await sql`select setval(${quote(sequence)}::regclass, ${value}::bigint, ${called})`.execute(trx)
}

/** Jobs that were under way wait again, and none is too old to be kept. */
async function takeUp(trx: Database): Promise<void> {
  await sql`
    update pgboss.job set state = 'retry', start_after = now(), heartbeat_on = null where state = 'active'`.execute(
    trx,
  )
  await sql`
    update pgboss.job set keep_until = greatest(keep_until, now() + (keep_until - created_on))
    where state < 'completed'`.execute(trx)
}

/** The queue's schema is made by itself, outside of the transaction; where that comes to nothing it is not left behind. */
async function withQueue<T>(
  db: Database,
  connection: Connection,
  log: (message: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regnamespace('pgboss') is not null as there`.execute(db)
  const deaf = new Listener(connection, async () => {}, log)
  await (await openQueue(db, connection, deaf, { exclusive: false, log })).close()
  try {
    return await work()
  } catch (error) {
    if (!rows[0]?.there) await sql`drop schema pgboss cascade`.execute(db)
    throw error
  }
}

function refuseUnknown({ product, migrations: steps }: BackupHeader): void {
  const unknown = steps.find((step) => migrations[step] === undefined)
  if (unknown !== undefined)
    throw new Error(`the backup was made by Tagboat ${product}, which is newer: ${unknown} is not known here`)
}

function refuseOtherKeys(ring: KeyRing, ids: readonly string[]): void {
  const missing = ids.find((id) => ring.find(id) === undefined)
  if (missing === undefined) return
  const here = ring.keys.map(({ id }) => id).join(', ')
  throw new Error(
    `the backup is sealed with the key ${missing}, and ${ring.file} has ${here}: name the file that has it with TAGBOAT_MASTER_KEY_FILE`,
  )
}

async function refuseFull(db: Database): Promise<void> {
  const tables = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and relname not like 'kysely\\_%'
    order by relname`.execute(db)
  const found: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ count: string }>`select count(*) as count from ${sql.id(name)}`.execute(db)
    if (rows[0]?.count !== '0') found.push(`${name} (${rows[0]?.count})`)
  }
  if (found.length > 0) throw new Error(`the database is not empty: it has ${found.join(', ')}`)
}

function explain(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR') return new Error('the backup is cut short', { cause: error })
  if (code.startsWith('Z_')) return new Error('it is no backup of Tagboat, or was altered', { cause: error })
  // PostgreSQL did not take a value, or knows no such table.
  if (/^(22|23|42)\w{3}$/.test(code)) return new Error(`the backup was altered: ${message}`, { cause: error })
  return error
}
