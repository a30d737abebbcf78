import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startScheduler } from '#engine'
import type { Pipeline, PipelineEvent } from '#model'
import { draftAction, makePipeline, startStore, type TestStore } from '#support/store'

let open: TestStore
let client: pg.Client
let now = new Date('2026-03-01T12:00:30Z')
const lines: string[] = []
const tell = (details: object, message: string): void =>
  void lines.push(`${message} ${JSON.stringify(details)}`)
before(async () => {
  open = await startStore()
  client = new pg.Client({ connectionString: open.url })
  await client.connect()
})
after(async () => {
  await client.end()
  await open.close()
})

const MINUTE_MS = 60_000
const EVERY_MINUTE: PipelineEvent = {
  kind: 'schedule',
  schedule: { kind: 'cron', cron: '* * * * *', timezone: undefined },
  extras: {},
}

/** Looks for what is due, as often as it can. */
function look(): AsyncDisposable {
  const log = { info: tell, warn: tell, error: tell }
  const scheduler = startScheduler({ store: open.store, now: () => now, log, everyMs: 10 })
  return { [Symbol.asyncDispose]: () => scheduler.stop() }
}

let made = 0
/** A pipeline that is due every minute from now on. */
async function scheduled(more: Partial<Pipeline> = {}): Promise<Pipeline> {
  made += 1
  const { pipeline } = await makePipeline(open, `scheduled-${made}`)
  await open.store.actions.create(draftAction(pipeline.id))
  const saved = await open.store.pipelines.save({ ...pipeline, ...more, events: [EVERY_MINUTE] })
  await client.query('update schedules set since = $1 where pipeline_id = $2', [now, pipeline.id])
  return saved
}

/** When its runs were made, once nothing is due at this time. */
async function runs({ id }: Pipeline): Promise<readonly string[]> {
  const due = 'select 1 from schedules where due_at is null or due_at <= $1'
  while ((await client.query(due, [now])).rowCount !== 0) await sleep(5)
  const { items } = await open.store.executions.list(id, { page: 1, perPage: 50, descending: false })
  for (const { triggeredOn } of items) assert.equal(triggeredOn, 'schedule')
  return items.map(({ createdAt }) => createdAt.toISOString().slice(11, 19))
}

function pass(ms: number): void {
  now = new Date(now.getTime() + ms)
}

suite('a schedule', { timeout: 60_000 }, () => {
  test('is run once for each tick, though three processes look, and once for all that nobody was there for', async () => {
    const pipeline = await scheduled()
    await using _one = look()
    await using _two = look()
    await using _three = look()
    assert.deepEqual(await runs(pipeline), [])
    pass(MINUTE_MS)
    assert.deepEqual(await runs(pipeline), ['12:01:30'])
    for (let each = 0; each < 5; each++) {
      pass(MINUTE_MS)
      await runs(pipeline)
    }
    assert.equal((await runs(pipeline)).length, 6)
    pass(3600 * 1000)
    assert.equal((await runs(pipeline)).length, 7)
    pass(MINUTE_MS)
    assert.equal((await runs(pipeline)).length, 8)
    await open.store.pipelines.remove(pipeline.id)
  })

  test('that is saved as it was stays due when it was, and one that is taken away is due no more', async () => {
    const pipeline = await scheduled()
    await using _ = look()
    pass(MINUTE_MS)
    assert.equal((await runs(pipeline)).length, 1)
    await open.store.pipelines.save({ ...pipeline, name: 'Renamed' })
    pass(MINUTE_MS)
    assert.equal((await runs(pipeline)).length, 2)
    await open.store.pipelines.save({ ...pipeline, events: [] })
    pass(MINUTE_MS)
    assert.equal((await runs(pipeline)).length, 2)
  })

  test('lets its ticks pass while the pipeline cannot run', async () => {
    for (const why of [{ disabled: true }, { paused: true }]) {
      const pipeline = await scheduled(why)
      await using _ = look()
      pass(2 * MINUTE_MS)
      assert.deepEqual(await runs(pipeline), [])
      await open.store.pipelines.save({ ...pipeline, disabled: false, paused: false })
      assert.deepEqual(await runs(pipeline), [])
      pass(MINUTE_MS)
      assert.equal((await runs(pipeline)).length, 1)
      await open.store.pipelines.remove(pipeline.id)
    }
  })

  test('whose run fails to begin holds up no other, and is tried again', async () => {
    const [broken, sound] = [await scheduled(), await scheduled()]
    const kept = await client.query('select definition from actions where pipeline_id = $1', [broken.id])
    const define = (definition: string) =>
      client.query('update actions set definition = $1 where pipeline_id = $2', [definition, broken.id])
    await define('{}')
    await using _ = look()
    pass(MINUTE_MS)
    assert.equal((await runs(sound)).length, 1)
    assert.ok(lines.some((line) => line.startsWith('a scheduled run failed to begin')))
    await define(JSON.stringify(kept.rows[0].definition))
    pass(MINUTE_MS)
    assert.equal((await runs(broken)).length, 1)
  })
})
