import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import pg from 'pg'
import { cancelExecution, runDelayed, startExecution } from '#engine'
import { type Execution, ModelError, type Pipeline, Secret, STEP_DEFAULTS } from '#model'
import { hello, layers, push } from '#support/images'
import { faults } from '#support/registry'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let places = 0
before(async () => {
  stage = await setStage()
  await push(stage.source.url, 'team/app', '1', hello())
})
afterEach(() => stage.target.clearFaults())
after(() => stage[Symbol.asyncDispose]())

/** A target repository that no other test has, and the faults of its requests. */
function newPlace() {
  places += 1
  const image = `live/app${places}`
  const tagPut = (tag = 'prod') => ({ method: 'PUT', path: new RegExp(`/${image}/manifests/(?:${tag})$`) })
  const blob = { path: new RegExp(`/${image}/blobs/uploads/`) }
  return { image, tagPut, blob, to: (tag = 'prod') => ({ image, tag }), tags: () => stage.target.tags(image) }
}

async function end(pipeline: Pipeline, request: Parameters<Stage['start']>[1] = {}): Promise<Execution> {
  return stage.ended((await stage.start(pipeline, request)).id)
}

const statuses = ({ actions }: Execution) => actions.map(({ status }) => status)
const pass = (variables: Readonly<Record<string, string>>) => ({
  variables: Object.entries(variables).map(([key, value]) => ({
    key,
    value: new Secret(value),
    encrypted: false,
  })),
})

suite('actions', { timeout: 120_000 }, () => {
  test('that are parallel run at the same time, and the one behind them when all have ended', async () => {
    const { to, tagPut, tags } = newPlace()
    const held = stage.target.fault(tagPut('a|b'), faults.gate())
    const pipeline = await stage.pipeline(
      { to: to('a'), runNext: 'in-soft-parallel' },
      { to: to('b') },
      { to: to('c') },
    )
    const { id } = await stage.start(pipeline)
    await held.reached
    const both = await stage.until(id, ({ actions }) => actions[1]?.status === 'running')
    assert.deepEqual(statuses(both), ['running', 'running', 'initial'])
    held.release()
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.deepEqual(tags(), ['a', 'b', 'c'])
  })

  test('that fail in parallel leave the others to end', async () => {
    const { to } = newPlace()
    const first = { from: { tag: 'none' }, to: to('a'), runNext: 'in-hard-parallel' } as const
    const done = await end(await stage.pipeline(first, { to: to('b') }, { to: to('c') }))
    assert.deepEqual(statuses(done), ['failed', 'succeeded', 'not-executed'])
  })

  test('are tried again as often as they may, after a pause, and their log says so', async () => {
    const { to, tagPut } = newPlace()
    const broken = stage.target.fault(tagPut(), faults.respondError(403, 'DENIED', 'not yet'), { times: 2 })
    const done = await end(await stage.pipeline({ retries: { count: 2, intervalMs: 50 }, to: to() }))
    assert.deepEqual([done.status, broken.hits, done.actions[0]?.attempts], ['succeeded', 2, 2])
    assert.match((await stage.log(done)).join('\n'), /failed: DENIED target: .*\ntry 2 of 3 in 0\.05 s/)
  })

  test('fail when their tries are used up, and are not tried again for what cannot change', async () => {
    const { to, tagPut } = newPlace()
    const broken = stage.target.fault(tagPut(), faults.respondError(403, 'DENIED', 'never'))
    const retries = { count: 1, intervalMs: 1 }
    const done = await end(await stage.pipeline({ retries, to: to() }))
    assert.deepEqual([done.status, broken.hits], ['failed', 2])
    const [undefined_] = (await end(await stage.pipeline({ retries, to: to('$NOBODY') }))).actions
    assert.deepEqual([undefined_?.attempts, undefined_?.failure?.code], [0, 'VARIABLE_UNDEFINED'])
  })

  test('wait for the next try within reach of a cancel', async () => {
    const { to, tagPut } = newPlace()
    stage.target.fault(tagPut(), faults.respondError(403, 'DENIED', 'no'))
    const { id } = await stage.start(
      await stage.pipeline({ retries: { count: 5, intervalMs: 60_000 }, to: to() }),
    )
    await stage.until(id, ({ actions }) => actions[0]?.attempts === 1)
    await cancelExecution(stage.store, id, new Date())
    assert.equal((await stage.ended(id)).status, 'terminated')
  })

  test('run once for each combination of the values of their loop', async () => {
    const { to, tags } = newPlace()
    const pipeline = await stage.pipeline({ loop: ['REGION', 'STAGE'], to: to('$STAGE-$REGION') })
    const done = await end(pipeline, pass({ REGION: 'eu, us', STAGE: 'test,prod' }))
    assert.deepEqual([done.status, done.actions.length], ['succeeded', 4])
    assert.deepEqual(tags(), ['prod-eu', 'prod-us', 'test-eu', 'test-us'])
  })

  test('fail when there is nothing to loop over', async () => {
    const { image, to } = newPlace()
    const [action] = (await end(await stage.pipeline({ loop: ['NOBODY'], to: to() }))).actions
    assert.equal(action?.failure?.code, 'VARIABLE_UNDEFINED')
    assert.match(action?.failure?.message ?? '', /loop: .*NOBODY/)
    assert.equal(stage.target.count({ path: new RegExp(image) }), 0)
  })

  test('run where their conditions are met', async () => {
    const { to } = newPlace()
    const is = (value: string) =>
      ({ conditions: [{ kind: 'variable', is: 'is', key: 'STAGE', value }] }) as const
    const ended = { kind: 'action', is: true, action: 'First', ending: 'skipped' } as const
    const pipeline = await stage.pipeline(
      { name: 'First', ...is('test'), to: to('a') },
      { ...is('prod'), to: to('b') },
      { conditions: [ended], to: to('c') },
    )
    const done = await end(pipeline, pass({ STAGE: 'prod' }))
    assert.deepEqual(statuses(done), ['skipped', 'succeeded', 'succeeded'])
    assert.deepEqual(await stage.log(done), ['skipped: its conditions are not met'])
  })

  test('know who started the run, and how another pipeline last ended', async () => {
    const { to } = newPlace()
    const other = await stage.pipeline({ to: to('other') })
    const succeeded = { kind: 'pipeline', project: 'p', pipeline: other.identifier } as const
    const isNot = { kind: 'user', is: false, email: 'nobody@example.com' } as const
    const pipeline = await stage.pipeline(
      { conditions: [succeeded], to: to('a') },
      { conditions: [isNot], to: to('b') },
      { conditions: [{ kind: 'group', is: true, group: 'ops' }], to: to('c') },
    )
    assert.deepEqual(statuses(await end(pipeline)), ['skipped', 'succeeded', 'skipped'])
    await end(other)
    assert.deepEqual(statuses(await end(pipeline)), ['succeeded', 'succeeded', 'skipped'])
  })

  test('for being called off run when it is, and what they do is not called off with it', async () => {
    const { to, blob, tags } = newPlace()
    const held = stage.target.fault(blob, faults.gate(), { times: 1 })
    const pipeline = await stage.pipeline({ to: to() }, { to: to('undo'), triggerTime: 'on-terminate' })
    const { id } = await stage.start(pipeline)
    await held.reached
    await cancelExecution(stage.store, id, new Date())
    const done = await stage.ended(id)
    assert.equal(done.status, 'terminated')
    assert.deepEqual(statuses(done), ['terminated', 'succeeded'])
    assert.deepEqual(tags(), ['undo'])
  })

  test('for a success after a failure run when there was one', async () => {
    const { to, tagPut } = newPlace()
    const broken = stage.target.fault(tagPut(), faults.respondError(403, 'DENIED', 'no'))
    const pipeline = await stage.pipeline(
      { to: to() },
      { to: to('green'), triggerTime: 'on-back-to-success' },
    )
    assert.equal((await end(pipeline)).status, 'failed')
    broken.remove()
    assert.equal((await end(pipeline)).actions[1]?.status, 'succeeded')
    assert.equal((await end(pipeline)).actions[1]?.status, 'skipped')
  })

  test('start another pipeline, and none that led to them', async () => {
    const { to, tags } = newPlace()
    const last = await stage.pipeline({ to: to('last') })
    const next = {
      project: '',
      pipeline: last.identifier,
      comment: 'after $BUDDY_RUN_ID',
      priority: undefined,
    }
    const first = await stage.pipeline({ type: 'run-next-pipeline', next })
    const newest = async () => {
      const { items } = await stage.store.executions.list(last.id, { page: 1, perPage: 1 })
      return stage.ended(items[0]?.id ?? assert.fail('nothing was started'))
    }
    const done = await end(first)
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    const started = await newest()
    assert.deepEqual([started.triggeredOn, started.comment], ['pipeline', 'after 1'])
    assert.deepEqual(tags(), ['last'])

    const back = { project: 'p', pipeline: first.identifier, comment: undefined, priority: undefined }
    const step = { ...STEP_DEFAULTS, pipelineId: last.id, name: 'Back' }
    await stage.store.actions.create({ ...step, type: 'run-next-pipeline', next: back })
    await end(first)
    assert.equal((await newest()).actions[1]?.failure?.code, 'PIPELINE_LOOP')
    const lost = await stage.pipeline({ type: 'run-next-pipeline', next: { ...back, pipeline: 'nobody' } })
    assert.equal((await end(lost)).actions[0]?.failure?.code, 'PIPELINE_UNKNOWN')
  })
})

suite('runs of one pipeline', { timeout: 120_000 }, () => {
  test('take turns, and those behind wait in the queue', async () => {
    const { to, tagPut } = newPlace()
    const held = stage.target.fault(tagPut(), faults.gate(), { times: 1 })
    const pipeline = await stage.pipeline({ to: to() })
    const first = await stage.start(pipeline)
    await held.reached
    const others = [await stage.start(pipeline), await stage.start(pipeline)]
    await end(await stage.pipeline({ to: to('probe') }))
    for (const { id } of others) assert.equal((await stage.store.executions.findById(id))?.status, 'enqueued')
    held.release()
    const ends = await Promise.all([first, ...others].map(({ id }) => stage.ended(id)))
    assert.ok(ends.every(({ status }) => status === 'succeeded'))
    for (const [index, { startedAt }] of ends.entries())
      assert.ok(index === 0 || (ends[index - 1]?.finishedAt ?? 0) <= (startedAt ?? 0))
  })

  test('run at once where the pipeline lets them', async () => {
    const { to, tagPut } = newPlace()
    const held = stage.target.fault(tagPut('one|two'), faults.gate())
    const pipeline = await stage.pipelineWith({ concurrent: true }, { to: to('$TAG') })
    const made = [
      await stage.start(pipeline, pass({ TAG: 'one' })),
      await stage.start(pipeline, pass({ TAG: 'two' })),
    ]
    for (const { id } of made) await stage.until(id, ({ actions }) => actions[0]?.status === 'running')
    held.release()
    for (const { id } of made) assert.equal((await stage.ended(id)).status, 'succeeded')
  })

  test('go on when the one before them is called off, waiting or running', async () => {
    const { to, blob } = newPlace()
    const held = stage.target.fault(blob, faults.gate(), { times: 1 })
    const pipeline = await stage.pipeline({ to: to() })
    const first = await stage.start(pipeline)
    const [second, third] = [await stage.start(pipeline), await stage.start(pipeline)]
    await held.reached
    assert.equal((await cancelExecution(stage.store, second.id, new Date())).status, 'terminated')
    await cancelExecution(stage.store, first.id, new Date())
    assert.equal((await stage.ended(third.id)).status, 'succeeded')
    assert.equal((await stage.ended(first.id)).status, 'terminated')
  })

  test('that are stale are called off by a newer one', async () => {
    const { to, tagPut } = newPlace()
    stage.target.fault(tagPut(), faults.delay(50))
    const pipeline = await stage.pipelineWith({ terminateStale: true }, { to: to() })
    const later = { delayUntil: new Date(Date.now() + 60_000) }
    const delayed = await stage.start(pipeline, later)
    const newer = await stage.start(pipeline, later)
    const off = await stage.store.executions.findById(delayed.id)
    assert.equal(off?.status, 'terminated')
    assert.deepEqual([off?.cancelled?.by, off?.cancelled?.comment], [undefined, 'a newer run began: 2'])
    assert.equal((await end(pipeline)).status, 'succeeded')
    assert.equal((await stage.store.executions.findById(newer.id))?.status, 'terminated')
  })

  test('that are stale are called off by a newer one that begins, and by no other', async () => {
    const pipeline = await stage.pipelineWith({ terminateStale: true }, { to: newPlace().to() })
    const delayed = await stage.start(pipeline, { delayUntil: new Date(Date.now() + 60_000) })
    const refused = new Error('not this one')
    const begun = stage.store.transaction(async (within) => {
      await startExecution(within, pipeline, { creatorId: delayed.creatorId }, new Date())
      throw refused
    })
    await assert.rejects(begun, refused)
    assert.equal((await stage.store.executions.findById(delayed.id))?.status, 'delayed')
    const database = new pg.Client({ connectionString: stage.test.url })
    await database.connect()
    await database.query(`
      create function refuse() returns trigger language plpgsql as 'begin raise exception ''refused''; end';
      create trigger refuse before update on executions for each row
        when (new.status = 'terminated') execute function refuse()`)
    await assert.rejects(stage.start(pipeline), /refused/)
    await database.query('drop function refuse cascade')
    await database.end()
    const { total } = await stage.store.executions.list(pipeline.id, { page: 1, perPage: 1 })
    assert.equal(total, 1, 'what does not call off what is stale does not begin')
  })

  test('that are stale are called off while they end, and while others begin', async () => {
    const { to } = newPlace()
    const pipeline = await stage.pipelineWith({ terminateStale: true }, { to: to() })
    const begun: Execution[] = []
    for (let round = 0; round < 5; round++)
      begun.push(...(await Promise.all([1, 2, 3, 4].map(() => stage.start(pipeline)))))
    const ended = await Promise.all(begun.map(({ id }) => stage.ended(id)))
    const [newest, ...stale] = ended.toSorted((a, b) => b.number - a.number)
    assert.equal(newest?.status, 'succeeded')
    // One that had done all that it was to do is not called off any more.
    for (const { status } of stale) assert.match(status, /terminated|succeeded/)
    assert.ok(stale.some(({ status }) => status === 'terminated'))
  })

  test('pause it when enough of them have failed in a row, for all but a person', async () => {
    const { to } = newPlace()
    const { id } = await stage.pipelineWith({ pauseAfterFailures: 2 }, { from: { tag: 'none' }, to: to() })
    const now = async () => (await stage.store.pipelines.findById(id)) ?? assert.fail()
    await end(await now())
    assert.equal((await now()).paused, false)
    await end(await now())
    assert.equal((await now()).paused, true)
    await assert.rejects(
      async () => stage.start(await now(), { triggeredOn: 'schedule' }),
      (error) => error instanceof ModelError && error.code === 'CONFLICT',
    )
    assert.equal((await end(await now())).status, 'failed', 'a click is no schedule')
    await stage.store.pipelines.save({ ...(await now()), paused: false })
    await end(await now())
    assert.equal((await now()).paused, false, 'those before do not count any more')
  })

  test('are passed over where its conditions are not met', async () => {
    const conditions = [{ kind: 'variable', is: 'is', key: 'GO', value: 'yes' }] as const
    const pipeline = await stage.pipelineWith({ conditions }, { to: newPlace().to() })
    const done = await end(pipeline)
    assert.deepEqual([done.status, done.actions[0]?.status], ['skipped', 'not-executed'])
    assert.equal((await end(pipeline, pass({ GO: 'yes' }))).status, 'succeeded')
  })

  test('are as many as there are combinations in its loop', async () => {
    const { to, tags } = newPlace()
    const pipeline = await stage.pipelineWith({ loop: ['REGION'] }, { to: to('prod-$REGION') })
    const { number } = await stage.start(pipeline, pass({ REGION: 'eu,us,ap' }))
    assert.equal(number, 1)
    const { items, total } = await stage.store.executions.list(pipeline.id, { page: 1, perPage: 9 })
    assert.equal(total, 3)
    for (const { id } of items) assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.deepEqual(tags(), ['prod-ap', 'prod-eu', 'prod-us'])
    const many = Array.from({ length: 101 }, (_, index) => index).join()
    await assert.rejects(
      stage.start(pipeline, pass({ REGION: many })),
      (error) => error instanceof ModelError && error.field === 'loop',
    )
  })
})

suite('a delayed run', { timeout: 120_000 }, () => {
  test('runs when its time has come', async () => {
    const delayUntil = new Date(Date.now() + 700)
    const { id, status } = await stage.start(await stage.pipeline({ to: newPlace().to() }), { delayUntil })
    assert.equal(status, 'delayed')
    const done = await stage.ended(id)
    assert.equal(done.status, 'succeeded')
    assert.ok((done.startedAt ?? 0) >= delayUntil)
  })

  test('runs before its time when somebody says so, once', async () => {
    const delayUntil = new Date(Date.now() + 3_600_000)
    const { id } = await stage.start(await stage.pipeline({ to: newPlace().to() }), { delayUntil })
    assert.equal((await runDelayed(stage.store, id)).status, 'enqueued')
    assert.equal((await stage.ended(id)).status, 'succeeded')
    await assert.rejects(
      runDelayed(stage.store, id),
      (error) => error instanceof ModelError && error.code === 'CONFLICT',
    )
  })

  test('holds nobody up, and one whose time has passed is none', async () => {
    const pipeline = await stage.pipeline({ to: newPlace().to() })
    await stage.start(pipeline, { delayUntil: new Date(Date.now() + 3_600_000) })
    const { id, status } = await stage.start(pipeline, { delayUntil: new Date(Date.now() - 1) })
    assert.equal(status, 'enqueued')
    assert.equal((await stage.ended(id)).status, 'succeeded')
  })
})

suite('promotions to one tag', { timeout: 120_000 }, () => {
  test('take turns in the order in which their runs were asked for, whoever works', async () => {
    await using other = await setStage({ worker: false })
    const images = ['one', 'two', 'three', 'four'].map((name) => layers(1, 30_000, name))
    const runs = []
    for (const [index, image] of images.entries()) {
      const tag = String(index)
      await push(other.source.url, 'team/app', tag, image)
      runs.push(await other.start(await other.pipeline({ from: { tag } })))
    }
    const tagPut = { method: 'PUT', path: /\/manifests\/prod$/ }
    other.target.fault({ path: /\/blobs\// }, faults.delay(50))
    // Each with a queue and a slot of its own, as in processes of their own.
    for (let worker = 0; worker < 3; worker += 1) await other.work({ concurrency: 1 })
    const ends = await Promise.all(runs.map(({ id }) => other.ended(id)))
    assert.ok(ends.every(({ status }) => status === 'succeeded'))
    const chain = ends.map(({ actions }) => actions[0]?.outcome?.previous)
    assert.deepEqual(chain, [undefined, ...images.slice(0, -1).map(({ top }) => top.digest)])
    const puts = other.target.find(tagPut)
    for (const [index, put] of puts.entries())
      assert.ok(index === 0 || (puts[index - 1]?.endedAt ?? Number.POSITIVE_INFINITY) <= put.at)
    assert.equal(other.target.getManifest('live/app', 'prod')?.digest, images.at(-1)?.top.digest)
  })

  test('hold no slot while they wait', async () => {
    await using other = await setStage({ worker: false })
    await push(other.source.url, 'team/app', '1', hello())
    const held = other.target.fault({ method: 'PUT', path: /\/manifests\/prod$/ }, faults.gate(), {
      times: 1,
    })
    await other.work({ concurrency: 2 })
    const first = await other.start(await other.pipeline({}))
    await held.reached
    const waiting = []
    for (let count = 0; count < 3; count += 1) waiting.push(await other.start(await other.pipeline({})))
    const free = await other.start(await other.pipeline({ to: { tag: 'other' } }))
    assert.equal((await other.ended(free.id)).status, 'succeeded')
    held.release()
    for (const { id } of [first, ...waiting]) assert.equal((await other.ended(id)).status, 'succeeded')
  })

  test('go on when the one before them failed, or was called off', async () => {
    const { to, blob } = newPlace()
    const held = stage.target.fault(blob, faults.gate(), { times: 1 })
    const off = await stage.start(await stage.pipeline({ to: to() }))
    await held.reached
    const lost = await stage.start(await stage.pipeline({ from: { tag: 'none' }, to: to() }))
    const last = await stage.start(await stage.pipeline({ to: to() }))
    await cancelExecution(stage.store, off.id, new Date())
    assert.equal((await stage.ended(last.id)).status, 'succeeded')
    assert.equal((await stage.ended(lost.id)).status, 'failed')
  })
})
