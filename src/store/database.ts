import { randomUUID } from 'node:crypto'
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { migrations } from './migrations/index.ts'
import { withOutages } from './outage.ts'
import { PreparingClient } from './prepare.ts'
import type { Tables } from './tables.ts'

/** A database, or a transaction in it. */
export type Database = Kysely<Tables>

/** How PostgreSQL is reached. */
export interface Connection {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly database?: string
  readonly connectionString?: string
}

/** A pool of connections; `close` ends them. */
export interface OpenDatabase {
  readonly db: Database
  readonly connection: Connection
  close(): Promise<void>
}

/** How large a pool is, and how long somebody waits for one of its connections. */
interface PoolSize {
  readonly name: string
  readonly max: number
  readonly waitMs?: number
}

/** A pool of connections. One that breaks is no reason for the process to end. */
export function openPool(
  connection: Connection,
  { name: application_name, max, waitMs: connectionTimeoutMillis = 10_000 }: PoolSize,
  log: (message: string) => void,
): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    ...{ max, application_name, connectionTimeoutMillis },
    Client: PreparingClient,
  })
  // A connection that breaks while nobody uses it is the pool's to replace.
  pool.on('error', (error) => log(`a database connection was lost: ${error.message}`))
  // One that breaks while somebody has it fails whatever they ask next; said to nobody, it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Opens a pool; nothing is asked of the database yet. What it cannot do for the moment it says by a StoreError. */
export function openDatabase(
  connection: Connection,
  log: (message: string) => void,
  size: Omit<PoolSize, 'name'> = { max: 10 },
): OpenDatabase {
  const pool = openPool(connection, { name: 'tagboat', ...size }, log)
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: withOutages(pool) }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return { db, connection, close: () => db.destroy() }
}

/** Whether there are tables of ours already, of whatever version. */
export async function isNew(db: Database): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass('settings') is not null as found`.execute(
    db,
  )
  return !rows[0]?.found
}

/** Brings the schema up to date; two processes that start together take turns. `steps`: no further than by these. */
export async function migrate(
  db: Database,
  log: (message: string) => void,
  steps: readonly string[] = Object.keys(migrations),
): Promise<void> {
  const taken = Object.entries(migrations).filter(([name]) => steps.includes(name))
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: async () => Object.fromEntries(taken) },
    // What is made at the same time is numbered by subject: the smaller number may come later.
    allowUnorderedMigrations: true,
  })
  const { error, results } = await migrator.migrateToLatest()
  for (const result of results ?? [])
    if (result.status === 'Success') log(`database: migrated to ${result.migrationName}`)
  if (error) throw error
}

/** The next number of a table's identity column, for rows whose content depends on it. */
export async function nextId(
  db: Database,
  table: 'actions' | 'executions' | 'variables' | 'webhooks',
): Promise<number> {
  const { rows } = await sql<{
    id: string
  }>`select nextval(pg_get_serial_sequence(${table}, 'id')) as id`.execute(db)
  return Number(rows[0]?.id)
}

/** Random hexadecimal digits: `length` of them, at most 32. */
export function randomHex(length: number): string {
  return randomUUID().replaceAll('-', '').slice(0, length)
}
