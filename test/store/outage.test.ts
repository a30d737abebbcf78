import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { StoreError, type StoreErrorCode } from '#model'
import { findFreePort } from '#support/process'
import { within } from '../../src/store/actions.ts'
import { type Database, type OpenDatabase, openDatabase, openPool } from '../../src/store/database.ts'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded.ts'
import { attempt, withOutages } from '../../src/store/outage.ts'

const MAX = 12

function is(code: StoreErrorCode, why: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof StoreError, String(error))
    assert.deepEqual([error.code, error.retryable], [code, true])
    assert.match(error.message, why)
    return true
  }
}

// A PostgreSQL of its own: it is brought to its end.
describe('a database that does not answer for the moment', () => {
  let dataDir: string
  let postgres: EmbeddedPostgres
  let admin: pg.Client
  let open: OpenDatabase

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tagboat-outage-'))
    postgres = await startEmbedded({ dataDir, maxConnections: MAX })
    admin = new pg.Client(postgres.connection)
    admin.on('error', () => {})
    await admin.connect()
    await admin.query('create table notes (id serial, note text)')
    // A commit that takes its time.
    await admin.query(`
      create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end';
      create constraint trigger linger after insert on notes deferrable initially deferred
        for each row when (new.note = 'slow') execute function linger()`)
    open = openDatabase(postgres.connection, () => {}, { max: 2, waitMs: 200 })
  })
  after(async () => {
    await open.close()
    await admin.end().catch(() => {})
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const look = (db: Database) => sql`select 1`.execute(db)
  const write = (db: Database, note: string) => sql`insert into notes (note) values (${note})`.execute(db)
  /** Cuts the connection that is at this statement, until that has failed. */
  const breaks = async (work: Promise<unknown>, statement: string, code: StoreErrorCode): Promise<void> => {
    const over = new AbortController()
    const failed = assert.rejects(work, is(code, /terminat/)).finally(() => over.abort())
    while (!over.signal.aborted) {
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where state = $1 and query like $2',
        ['active', `${statement}%`],
      )
      await sleep(5)
    }
    await failed
  }

  test('has no connection to give within the time that somebody waits for one', async () => {
    const release = Promise.withResolvers<void>()
    const holding = [1, 2].map(() => within(open.db, () => release.promise))
    await assert.rejects(within(open.db, look), is('UNAVAILABLE', /timeout/))
    release.resolve()
    await Promise.all(holding)
    await look(open.db)
  })

  test('breaks off: what is read can be read again, what is written in a transaction was not, and of a commit or a single write nobody knows', async () => {
    await breaks(sql`select pg_sleep(60)`.execute(open.db), 'select pg_sleep', 'UNAVAILABLE')
    const inMid = within(open.db, async (trx) => {
      await write(trx, 'lost')
      await sql`select pg_sleep(60)`.execute(trx)
    })
    await breaks(inMid, 'select pg_sleep', 'UNAVAILABLE')
    const inCommit = within(open.db, (trx) => write(trx, 'slow'))
    await breaks(inCommit, 'commit', 'UNCERTAIN')
    await breaks(write(open.db, 'slow'), 'insert into notes', 'UNCERTAIN')
    assert.equal((await admin.query('select from notes')).rowCount, 0)
  })

  test('breaks off after something was written: nobody knows of that attempt, and others are as before', async () => {
    // Over connections of its own: those that were cut before may not be known yet.
    const readAfter = async (first: (db: Database) => Promise<unknown>) => {
      const { db, close } = openDatabase(postgres.connection, () => {}, { max: 1 })
      const attempted = attempt(async () => {
        await first(db)
        await sql`select pg_sleep(60)`.execute(db)
      })
      await attempted.finally(close)
    }
    const before = (await admin.query('select from notes')).rowCount ?? 0
    await breaks(
      readAfter((db) => write(db, 'quick')),
      'select pg_sleep',
      'UNCERTAIN',
    )
    await breaks(
      readAfter((db) => within(db, (trx) => write(trx, 'quick'))),
      'select pg_sleep',
      'UNCERTAIN',
    )
    assert.equal((await admin.query('select from notes')).rowCount, before + 2)
    await breaks(readAfter(look), 'select pg_sleep', 'UNAVAILABLE')
  })

  test('gives a connection that broke to nobody else', async () => {
    const pool = openPool(postgres.connection, { name: 'broken', max: 1 }, () => {})
    const connection = await withOutages(pool).connect()
    let idle = 1
    const asked = connection.query('select pg_sleep(60)', []).finally(() => {
      connection.release()
      idle = pool.idleCount
    })
    await breaks(asked, 'select pg_sleep', 'UNAVAILABLE')
    assert.equal(idle, 0)
    await pool.end()
  })

  test('says no to what it does not allow as ever', async () => {
    await assert.rejects(sql`select 1 / 0`.execute(open.db), { code: '22012' })
    const refused = within(open.db, async (trx) => {
      await write(trx, 'undone')
      await sql`select nothing from nowhere`.execute(trx)
    })
    await assert.rejects(refused, { code: '42P01' })
    const circle: unknown[] = []
    circle.push({ circle })
    await assert.rejects(sql`select ${circle}`.execute(open.db), TypeError)
    await look(open.db)
  })

  test('has given all its connections to others', async () => {
    const others: pg.Client[] = []
    const full = openDatabase(postgres.connection, () => {}, { max: 1 })
    try {
      for (;;) {
        const other = new pg.Client(postgres.connection)
        await other.connect()
        others.push(other)
      }
    } catch (error) {
      assert.equal((error as { code?: string }).code, '53300')
    }
    try {
      await assert.rejects(look(full.db), is('UNAVAILABLE', /too many clients/))
    } finally {
      await Promise.all(others.map((other) => other.end()))
      await full.close()
    }
  })

  test('is being stopped, is away, and is back', async () => {
    const { pid } = postgres
    // It waits for whoever is connected, and lets nobody in.
    process.kill(pid, 'SIGTERM')
    const refused = async (): Promise<void> => {
      for (;;) {
        const late = openDatabase(postgres.connection, () => {}, { max: 1 })
        await look(late.db).finally(() => late.close())
      }
    }
    await assert.rejects(refused, is('UNAVAILABLE', /the database system is shutting down/))
    process.kill(pid, 'SIGINT')
    await postgres.stop()
    await assert.rejects(look(open.db), is('UNAVAILABLE', /ENOENT|ECONNREFUSED|terminat/))
    const nowhere = openDatabase({ host: '127.0.0.1', port: await findFreePort() }, () => {}, { max: 1 })
    await assert.rejects(look(nowhere.db), is('UNAVAILABLE', /ECONNREFUSED/))
    await nowhere.close()
    postgres = await startEmbedded({ dataDir, maxConnections: MAX })
    const again = openDatabase(postgres.connection, () => {})
    await look(again.db)
    await again.close()
  })
})
