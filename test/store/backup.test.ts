import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { Secret } from '#model'
import { type Backup, backUp, openStore, restore } from '#store'
import { askTestPostgres, urlOf } from '#support/postgres'
import {
  draftAction,
  draftExecution,
  makePipeline,
  promotionOf,
  startStore,
  type TestStore,
} from '#support/store'

let open: TestStore
let made: Awaited<ReturnType<typeof furnish>>
let backup: Buffer
let told: Backup
before(async () => {
  open = await startStore()
  made = await furnish()
  ;[told, backup] = await take(open.url)
})
after(() => open.close())

async function furnish() {
  const { store } = open
  const { pipeline } = await makePipeline(open, 'backed-up')
  const draft = draftAction(pipeline.id)
  const source = { ...draft.promotion.source, username: 'ada', password: new Secret('Pa55word') }
  const action = await store.actions.create({ ...draft, promotion: { ...draft.promotion, source } })
  const { id } = await store.tokens.owner()
  const execution = await store.executions.create(draftExecution(pipeline, [action], id), new Date())
  const [actionExecution] = execution.actions
  assert.ok(actionExecution)
  await store.executions.appendLog(actionExecution.id, ['a "line"\r\nand another\t\\ Ä 🙂', '', '\u2028'])
  // What a registry may have said, and PostgreSQL keeps but does not understand.
  await ask(
    open.url,
    String.raw`update action_executions set failure = '{"message":${'\n'}"a\u0000b \ud800"}'`,
  )
  await store.transaction(async (within) => {
    await within.queue.enqueue(execution.id)
    await within.queue.remind(execution.id, new Date(Date.now() + 3_600_000))
  })
  await ask(open.url, "update pgboss.job set state = 'active' where name = 'executions'")
  return { pipeline, action, execution }
}

async function ask(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  return (await client.query(text).finally(() => client.end())).rows
}

async function take(url: string): Promise<[Backup, Buffer]> {
  const output = new PassThrough()
  const options = { database: { kind: 'url', url } as const, masterKeyFile: 'not needed', version: '1.2.3' }
  return Promise.all([backUp(options, output), buffer(output)])
}

const put = (url: string, bytes: Buffer, masterKeyFile = open.keyFile): Promise<Backup> =>
  restore({ database: { kind: 'url', url }, masterKeyFile }, Readable.from([bytes]))

let databases = 0

/** A database with nothing in it, which goes at the end. */
async function makeEmpty(): Promise<{ url: string } & AsyncDisposable> {
  const host = new URL(open.url.replace('@/', '@localhost/')).searchParams.get('host') ?? ''
  databases += 1
  const name = `empty_${process.pid}_${databases}`
  await askTestPostgres(host, `create database ${name}`)
  return {
    url: urlOf(host, name),
    [Symbol.asyncDispose]: () => askTestPostgres(host, `drop database ${name} with (force)`),
  }
}

const TABLES = `select relname as name from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'kysely%' order by 1`

async function contentOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  const tables = await ask(url, TABLES)
  const content = await Promise.all(
    tables.map(async ({ name }) => [name, await ask(url, `select t::text as row from ${name} t order by 1`)]),
  )
  return Object.fromEntries(content)
}

const linesOf = (bytes: Buffer) => gunzipSync(bytes).toString().split('\n')

describe('a backup', { timeout: 60_000 }, () => {
  test('has every table that the schema has, and tells how much', async () => {
    const tables = (await ask(open.url, TABLES)).map(({ name }) => name)
    const lines = linesOf(backup)
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    const found = lines.flatMap(({ table }) => table ?? [])
    assert.deepEqual(found.sort(), [...tables, 'pgboss.job'].sort())
    assert.equal(told.tables, found.length)
    assert.equal(told.rows, lines.filter(Array.isArray).length)
    assert.equal(lines[0].product, '1.2.3')
    assert.equal(gunzipSync(backup).includes('Pa55word'), false)
  })

  test('fills an empty database with all that there was, and work goes on in it', async () => {
    await using empty = await makeEmpty()
    assert.deepEqual(await put(empty.url, backup), told)
    assert.deepEqual(await contentOf(empty.url), await contentOf(open.url))
    const jobs = await ask(empty.url, 'select name, state from pgboss.job order by 1')
    assert.deepEqual(jobs, [
      { name: 'executions', state: 'retry' },
      { name: 'reminders', state: 'created' },
    ])
    const [, again] = await take(empty.url)
    assert.equal(linesOf(again).length, linesOf(backup).length)
    const other = await openStore({ database: { kind: 'url', url: empty.url }, masterKeyFile: open.keyFile })
    try {
      const action = await other.store.actions.find(made.pipeline.id, made.action.id)
      assert.equal(promotionOf(action).source.password?.reveal(), 'Pa55word')
      const next = await other.store.actions.create(draftAction(made.pipeline.id))
      assert.ok(next.id > made.action.id, 'numbers go on where they were')
      const off = "select tgname from pg_trigger where tgname like '%_one_key' and tgenabled <> 'O'"
      assert.deepEqual(await ask(empty.url, off), [])
    } finally {
      await other.close()
    }
  })

  test('that is cut short, altered, newer or none at all is refused, and the database stays empty', async () => {
    await using empty = await makeEmpty()
    const lines = linesOf(backup)
    const replaced = (from: string, to: string) => gzipSync(lines.join('\n').replace(from, to))
    const first = lines.findIndex((line) => line.startsWith('['))
    const cases: [Buffer, RegExp][] = [
      [Buffer.alloc(0), /cut short/],
      [backup.subarray(0, 5), /cut short/],
      [backup.subarray(0, backup.length >> 1), /cut short/],
      [gzipSync(lines.toSpliced(first, 1).join('\n')), /altered/],
      [replaced('and another', 'and an other'), /altered/],
      [Buffer.from('PGDMP'), /no backup of Tagboat/],
      [gzipSync('{}\n'), /no backup of Tagboat/],
      [
        replaced('"0001-first"', '"9999-later","0001-first"'),
        /made by Tagboat 1\.2\.3, which is newer: 9999-later/,
      ],
      [replaced('"format":1', '"format":2'), /newer/],
    ]
    for (const [bytes, why] of cases) await assert.rejects(put(empty.url, bytes), why)
    assert.deepEqual(await ask(empty.url, TABLES), [])
    assert.deepEqual(await ask(empty.url, "select 1 from pg_namespace where nspname = 'pgboss'"), [])
    await put(empty.url, backup)
  })

  test('of an older schema is brought up to date', async () => {
    await using older = await makeEmpty()
    await using newer = await makeEmpty()
    await put(older.url, backup)
    await ask(older.url, 'drop function sealed_otherwise, refuse_other_key cascade')
    await ask(older.url, "delete from kysely_migration where name = '0060-one-key'")
    await put(newer.url, (await take(older.url))[1])
    const triggers = await ask(newer.url, "select 1 from pg_trigger where tgname like '%_one_key'")
    assert.equal(triggers.length, 7)
    assert.deepEqual(await contentOf(newer.url), await contentOf(open.url))
  })

  test('is for its own key, and for a database that is empty', async () => {
    await using empty = await makeEmpty()
    const wrong = `${open.keyFile}.wrong-${process.pid}`
    await assert.rejects(put(empty.url, backup, wrong), /is missing/)
    await writeFile(wrong, 'ab'.repeat(32))
    await assert.rejects(
      put(empty.url, backup, wrong),
      /sealed with the key [0-9a-f]{8}, and .* has [0-9a-f]{8}/,
    )
    assert.deepEqual(await ask(empty.url, TABLES), [])
    const before = await contentOf(open.url)
    await assert.rejects(put(open.url, backup), /not empty: it has .*executions \(1\)/)
    assert.deepEqual(await contentOf(open.url), before)
  })
})
