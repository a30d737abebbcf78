import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import pg from 'pg'
import { Secret } from '#model'
import { type OpenStore, openStore } from '#store'
import { draftExecution, makePipeline } from '#support/store'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded.ts'

let root: string
let postgres: EmbeddedPostgres
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tagboat-open-'))
  postgres = await startEmbedded({ dataDir: join(root, 'data') })
})
after(async () => {
  await postgres.stop()
  await rm(root, { recursive: true, force: true })
})

async function makeDatabase(name: string): Promise<string> {
  const client = new pg.Client(postgres.connection)
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  return `postgres://tagboat@/${name}?host=${encodeURIComponent(postgres.connection.host)}`
}

const open = (url: string, key: string): Promise<OpenStore> =>
  openStore({ database: { kind: 'url', url }, masterKeyFile: join(root, key) })

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  const result = await client.query(text).finally(() => client.end())
  return result.rows
}

const KEY = { token: new Secret('token'), totp: new Secret('AAAA'), secret: new Secret('secret') }

async function openAtOnce(url: string, keys: readonly string[]) {
  const results = await Promise.allSettled(keys.map((key) => open(url, key)))
  const opened = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
  const messages = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => String(reason.message))
  for (const each of opened) await each.close()
  return { opened, messages }
}

describe('a database of your own', { timeout: 60_000 }, () => {
  test('is made ready once by many that open it new at the same moment, with one key for all', async () => {
    const url = await makeDatabase('shared_key')
    const { opened, messages } = await openAtOnce(url, ['one.key', 'one.key', 'one.key'])
    assert.deepEqual(messages, [])
    assert.equal(opened.length, 3)
  })

  test('belongs to the first key, and says so to those who come with none', async () => {
    const url = await makeDatabase('other_keys')
    const { opened, messages } = await openAtOnce(url, ['a.key', 'b.key', 'c.key'])
    assert.equal(opened.length, 1)
    assert.equal(messages.length, 2)
    for (const message of messages) assert.match(message, /the master key .*[abc]\.key is missing/)
    const keys = (await readdir(root)).filter((name) => /^[abc]\.key/.test(name))
    assert.equal(keys.length, 1, 'no key was made that opens nothing')
  })

  test('stays as it was when somebody comes with a wrong key, its schema included', async () => {
    const url = await makeDatabase('wrong_key')
    await (await open(url, 'right.key')).close()
    // As if an older version had made it.
    await query(
      url,
      `drop function sealed_otherwise, refuse_other_key cascade;
       delete from kysely_migration where name = '0060-one-key'`,
    )
    const state = () => query(url, 'select name from kysely_migration union all select value from settings')
    const before = await state()
    await writeFile(join(root, 'wrong.key'), 'ab'.repeat(32))
    await assert.rejects(open(url, 'wrong.key'), /not the one that this database's secrets were sealed with/)
    await assert.rejects(open(url, 'none.key'), /none\.key is missing/)
    assert.deepEqual(await state(), before)
    await (await open(url, 'right.key')).close()
    assert.equal((await state()).length, before.length + 1)
  })

  test('whose key is lost takes a new one when its canary is let go, and new secrets with it', async () => {
    const url = await makeDatabase('lost_key')
    const lost = await open(url, 'lost.key')
    const { pipeline } = await makePipeline(lost, 'lost')
    await lost.store.triggerKeys.save(pipeline.id, KEY)
    await lost.close()
    await query(url, "insert into settings values ('only key', '01234567')")
    await query(url, "delete from settings where name = 'canary'")
    const found = await open(url, 'found.key')
    try {
      const old = await found.store.triggerKeys.find(pipeline.id, KEY.token)
      assert.throws(() => old?.secret.reveal(), { code: 'SECRET_UNREADABLE' })
      await found.store.triggerKeys.save(pipeline.id, KEY)
      const anew = await found.store.triggerKeys.find(pipeline.id, KEY.token)
      assert.equal(anew?.secret.reveal(), 'secret')
    } finally {
      await found.close()
    }
  })

  test('that cannot be reached is no reason to say its password', async () => {
    const password = 's3cr3t-pw'
    for (const url of [`postgres://u:${password}@127.0.0.1:1/x`, `postgres://u:${password}@[::bad/x`]) {
      const error = await open(url, 'never.key').then(
        () => assert.fail('it was opened'),
        (reason: unknown) => reason,
      )
      assert.equal(inspect(error, { depth: 9, showHidden: true }).includes(password), false)
    }
  })
})

describe('a transaction', { timeout: 60_000 }, () => {
  let store: OpenStore
  let url: string
  before(async () => {
    url = await makeDatabase('transactions')
    store = await open(url, 'transactions.key')
  })
  after(() => store.close())

  test('within another is part of it, and goes with it', async () => {
    const nested = store.store.transaction(async (outer) => {
      await outer.workspaces.create({ domain: 'outer', name: 'Outer' })
      await outer.transaction((inner) => inner.workspaces.create({ domain: 'inner', name: 'Inner' }))
      assert.ok(await outer.workspaces.find('inner'))
      throw new Error('not this')
    })
    await assert.rejects(nested, /not this/)
    assert.deepEqual(await store.store.workspaces.list(), [])
  })

  test('whose connection is cut is undone, and that is all that comes of it: what comes next, and what is told, goes over others', async () => {
    const [begun, cut] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const broken = store.store.transaction(async (within) => {
      await within.workspaces.create({ domain: 'cut', name: 'Cut' })
      begun.resolve()
      await cut.promise
      await within.workspaces.find('cut')
    })
    broken.catch(() => {})
    await begun.promise
    const others = 'datname = current_database() and pid <> pg_backend_pid()'
    await query(url, `select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${others}`)
    // Until it has been heard of here, while nobody waits for an answer of it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    cut.resolve()
    await assert.rejects(broken)
    assert.equal(await store.store.workspaces.find('cut'), undefined)
    const { pipeline } = await makePipeline(store, 'again')
    const heard = Promise.withResolvers<void>()
    store.changes.subscribe(() => heard.resolve())
    const draft = draftExecution(pipeline, [], (await store.store.tokens.owner()).id)
    const { id } = await store.store.executions.create(draft, new Date())
    const tell = setInterval(() => query(url, `select pg_notify('tagboat_execution', '${id}')`), 200)
    await heard.promise
    clearInterval(tell)
  })

  test('is seen by nobody before its end', async () => {
    const { workspace } = await makePipeline(store, 'seen')
    await store.store.transaction(async (within) => {
      await within.workspaces.save({ ...workspace, name: 'Changed' })
      const page = await within.projects.list(workspace.id, { page: 1, perPage: 10 })
      assert.equal(page.total, 1)
      assert.equal((await store.store.workspaces.find('seen'))?.name, 'seen')
    })
    assert.equal((await store.store.workspaces.find('seen'))?.name, 'Changed')
  })

  test('that removes a pipeline leaves its executions to nobody', async () => {
    const { pipeline } = await makePipeline(store, 'gone')
    const { id: creatorId } = await store.store.tokens.owner()
    const draft = draftExecution(pipeline, [], creatorId)
    const { id } = await store.store.executions.create(draft, new Date())
    const claim = await store.store.executions.claim(id, 'worker', 1_000)
    assert.ok(claim)
    await store.store.transaction((within) => within.pipelines.remove(pipeline.id))
    const { executions } = store.store
    assert.equal(
      await executions.change(id, () => assert.fail('there is nothing to change'), claim),
      undefined,
    )
    assert.equal(await executions.claim(id, 'worker', 1_000), undefined)
    assert.equal(await executions.holds(claim, 1_000), false)
    assert.equal(await executions.findById(id), undefined)
  })
})
