import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import pg from 'pg'
import { startSweeper } from '#engine'
import { advance, type Execution, type ExecutionId, Secret } from '#model'
import { hello, push } from '#support/images'
import { faults } from '#support/registry'
import { type Stage, setStage } from './stage.ts'

const NOBODY = { info: () => {}, warn: () => {}, error: () => {} }
const TAG_PUT = { method: 'PUT', path: /\/manifests\/prod/ }

let stage: Stage
let database: pg.Client
before(async () => {
  stage = await setStage()
  await push(stage.source.url, 'team/app', '1', hello())
  database = new pg.Client({ connectionString: stage.test.url })
  await database.connect()
})
afterEach(() => stage.target.clearFaults())
after(async () => {
  await database.end()
  await stage[Symbol.asyncDispose]()
})

/** One that nobody has begun, and whose job is gone. */
async function forgotten(tag: string): Promise<Execution> {
  const delayUntil = new Date(Date.now() + 3_600_000)
  const { id } = await stage.start(await stage.pipeline({ to: { tag } }), { delayUntil })
  const due = await stage.store.executions.change(id, (found) => advance(found, { kind: 'due' }))
  return due ?? assert.fail()
}

async function lapse(id: ExecutionId): Promise<void> {
  await database.query('update executions set lease_until = now() where id = $1', [id])
}

/** A worker that takes it, and is never heard of again. */
async function dieWith(id: ExecutionId): Promise<void> {
  const claim = await stage.store.executions.claim(id, 'one that dies', 0)
  assert.ok(claim)
  await stage.store.executions.change(
    id,
    (found) => (found.status === 'enqueued' ? advance(found, { kind: 'started', at: new Date() }) : found),
    claim,
  )
}

async function swept(id: ExecutionId, sweepers = 1): Promise<Execution> {
  const sweeping = Array.from({ length: sweepers }, () =>
    startSweeper({ store: stage.store, log: NOBODY, everyMs: 50 }),
  )
  try {
    return await stage.ended(id)
  } finally {
    await Promise.all(sweeping.map((sweeper) => sweeper.stop()))
  }
}

suite('an execution', { timeout: 60_000 }, () => {
  test('whose job was lost in the queue is put into it again, and has lost no worker', async () => {
    const { id } = await forgotten('prod-lost')
    assert.equal(await stage.store.executions.takeLapsed(), undefined, 'it has been there for a moment only')
    await lapse(id)
    const { status, recoveries } = await swept(id)
    assert.deepEqual([status, recoveries], ['succeeded', 0])
  })

  test('whose worker has died is found once, however many look for it, and goes on', async () => {
    const { id } = await forgotten('prod-died')
    await dieWith(id)
    const { status, recoveries } = await swept(id, 5)
    assert.deepEqual([status, recoveries], ['succeeded', 1])
  })

  test('that no worker survives fails at last, and says so', async () => {
    const { id } = await forgotten('prod-poison')
    for (let death = 0; death < 4; death++) {
      await dieWith(id)
      if (death < 3) assert.equal((await stage.store.executions.takeLapsed())?.id, id)
    }
    const { status, actions } = await swept(id)
    assert.equal(status, 'failed')
    assert.deepEqual(
      [actions[0]?.failure?.code, actions[0]?.failure?.message],
      ['RECOVERY_LIMIT', 'given up after its worker was lost 4 times'],
    )
    assert.equal(stage.target.count({ path: /prod-poison/ }), 0)
  })

  test('is run by one worker, whatever other jobs there are for it', async () => {
    const held = stage.target.fault(TAG_PUT, faults.gate(), { times: 1 })
    const { id } = await stage.start(await stage.pipeline({ to: { tag: 'prod-once' } }))
    await held.reached
    const probe = await stage.pipeline({ to: { tag: 'probe' } })
    await stage.store.queue.enqueue(id)
    await stage.ended((await stage.start(probe)).id)
    held.release()
    assert.equal((await stage.ended(id)).recoveries, 0)
    assert.equal(
      stage.lines.filter((line) => line.startsWith(`an execution runs {"execution":${id},`)).length,
      1,
    )
  })

  test('whose worker is cut off from the database in the middle of an action has not failed, and goes on, as if that had not been', async () => {
    const secrets = { username: new Secret('u'), password: new Secret('p') }
    await stage.integration('mine', secrets)
    await database.query('begin; lock table integrations')
    const { id } = await stage.start(await stage.pipeline({ to: { tag: 'prod-cut', integration: 'mine' } }))
    const waits = `datname = current_database() and wait_event_type = 'Lock'`
    for (let cut = 0; cut === 0; ) {
      const { rowCount } = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where ${waits}`,
      )
      cut = rowCount ?? 0
    }
    await database.query('commit')
    const { status, recoveries, actions } = await swept(id)
    assert.deepEqual([status, recoveries], ['succeeded', 0], actions[0]?.failure?.message ?? '')
  })

  test('that its worker gives back is free at once: counted against it where something broke, not where it was asked to', async () => {
    const { executions } = stage.store
    const { id } = await forgotten('prod-back')
    const first = (await executions.claim(id, 'one', 60_000)) ?? assert.fail()
    assert.equal(await executions.claim(id, 'another', 60_000), undefined)
    await executions.release(first, 'handed-back')
    const second = (await executions.claim(id, 'another', 60_000)) ?? assert.fail()
    await executions.release(first, 'broken-off')
    assert.equal(await executions.holds(second, 60_000), true)
    await executions.release(second, 'broken-off')
    await lapse(id)
    assert.deepEqual([(await swept(id)).recoveries], [1])
  })
})
