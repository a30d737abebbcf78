import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { type BackupPart, type TablePart, writeBackup } from './backup-file.ts'
import { keyIdOf } from './canary.ts'
import { connect, type StoreOptions } from './open.ts'
import { SEALED } from './sealed.ts'

/** What was backed up, or restored. */
export interface Backup {
  readonly tables: number
  readonly rows: number
  /** The key that sealed when it was made. */
  readonly key: string
}

const FETCH = 200
/** The jobs of the queue that are still to be done. */
const JOBS = { table: 'pgboss.job', where: "where state < 'completed'" }

/**
 * Writes all that the database holds to `output`, as of one moment, while services and workers go on: every table of the schema, and the jobs
 * that wait or are under way. The master key is not among it. Memory does not grow with the size.
 * @throws Error when the database is not reached, or is not one of ours.
 */
export async function backUp(
  { version, signal, ...options }: StoreOptions & { readonly version: string; readonly signal?: AbortSignal },
  output: Writable,
): Promise<Backup> {
  await using opened = new AsyncDisposableStack()
  const client = new pg.Client(await connect(options, opened, options.log ?? (() => {})))
  client.on('error', () => {})
  opened.defer(() => client.end())
  await client.connect()
  await client.query('begin isolation level repeatable read read only')
  // As text that is read the same way everywhere.
  await client.query(
    "set local datestyle = 'ISO'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC'",
  )
  const { migrations, key } = await look(client)
  const tables = await listTables(client)
  const keys = new Set([key])
  let rows = 0
  async function* parts(): AsyncGenerator<BackupPart> {
    for (const table of tables) {
      for await (const part of readTable(client, table)) {
        rows += part.rows.length
        for (const id of keysIn(part)) keys.add(id)
        yield part
      }
    }
    // Behind the rows: sequences are outside of the moment, and are to be ahead of them.
    yield* await readSequences(client)
  }
  const header = { tagboat: 'backup', format: 1, product: version, madeAt: new Date().toISOString() } as const
  const text = writeBackup({ ...header, migrations, key }, parts(), () => [...keys])
  await pipeline(Readable.from(text), createGzip(), output, { signal })
  return { tables: tables.length, rows, key }
}

/** Which schema it is, and which key seals. */
async function look(client: pg.Client): Promise<{ migrations: string[]; key: string }> {
  const { rows } = await client.query(
    "select to_regclass('settings') is not null and to_regclass('kysely_migration') is not null as ours",
  )
  const canary = rows[0].ours
    ? (await client.query("select value from settings where name = 'canary'")).rows[0]?.value
    : undefined
  if (canary === undefined) throw new Error('there is nothing of Tagboat in this database')
  const steps = await client.query('select name from kysely_migration order by name')
  return { migrations: steps.rows.map(({ name }) => name), key: keyIdOf(canary) }
}

interface Table {
  readonly table: string
  readonly columns: readonly string[]
  readonly where?: string
}

/** Every table of the schema, as the catalogue has it, those that others refer to before those that do; then the jobs. */
async function listTables(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; refers: string[] }>(`
    select c.relname as name,
      array(select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      array(select other.relname::text from pg_constraint k join pg_class other on other.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and other.oid <> c.oid) as refers
    from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      and c.relname not like 'kysely\\_%' order by c.relname`)
  const sorted: Table[] = []
  while (sorted.length < rows.length) {
    const done = new Set(sorted.map(({ table }) => table))
    const next = rows.filter(({ name, refers }) => !done.has(name) && refers.every((one) => done.has(one)))
    if (next.length === 0) throw new Error('tables refer to each other in a circle')
    sorted.push(...next.map(({ name, columns }) => ({ table: name, columns })))
  }
  const jobs = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass('pgboss.job') and attnum > 0 and not attisdropped and attgenerated = ''`,
  )
  const columns = jobs.rows.map(({ name }) => name)
  return columns.length === 0 ? sorted : [...sorted, { ...JOBS, columns }]
}

async function* readTable(
  client: pg.Client,
  { table, columns, where = '' }: Table,
): AsyncGenerator<TablePart> {
  const names = columns.map((name) => client.escapeIdentifier(name)).join(', ')
  const from = table
    .split('.')
    .map((name) => client.escapeIdentifier(name))
    .join('.')
  await client.query(`declare reading no scroll cursor for select ${names} from ${from} ${where}`)
  yield { table, columns, rows: [] }
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch ${FETCH} from reading`,
      rowMode: 'array',
      // What PostgreSQL says, to the letter: JSON with NULs in it comes through nothing else.
      types: { getTypeParser: () => (text: string) => text },
    })
    if (rows.length > 0) yield { table, columns, rows }
    if (rows.length < FETCH) break
  }
  await client.query('close reading')
}

async function readSequences(client: pg.Client): Promise<readonly BackupPart[]> {
  const { rows } = await client.query<{ sequence: string; start: string; last: string | null }>(
    'select sequencename as sequence, start_value as start, last_value as last from pg_sequences where schemaname = current_schema()',
  )
  return rows.map(({ sequence, start, last }) => ({ sequence, value: last ?? start, called: last !== null }))
}

function keysIn({ table, columns, rows }: TablePart): string[] {
  const sealed = SEALED.find((one) => one.table === table)
  const at = columns.indexOf(sealed?.column ?? '')
  return rows.flatMap((row) =>
    [...(row[at] ?? '').matchAll(/"\$sealed":"v1\.([0-9a-f]{8})\./g)].map(([, id = '']) => id),
  )
}
