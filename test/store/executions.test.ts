import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { advance, type Binding, type Execution, type ExecutionId, type Pipeline, Secret } from '#model'
import {
  draftAction,
  draftExecution,
  makePipeline,
  promotionOf,
  startStore,
  type TestStore,
} from '#support/store'

let open: TestStore
before(async () => {
  open = await startStore()
})
after(() => open.close())

async function makeExecution(pipeline: Pipeline): Promise<Execution> {
  const { id: creatorId } = await open.store.tokens.owner()
  const actions = await open.store.actions.list(pipeline.id)
  return open.store.executions.create(draftExecution(pipeline, actions, creatorId), new Date())
}

async function withAction(name: string): Promise<Pipeline> {
  const { pipeline } = await makePipeline(open, name)
  await open.store.actions.create(draftAction(pipeline.id))
  return pipeline
}

const started = (execution: Execution) => advance(execution, { kind: 'started', at: new Date() })

describe('executions', () => {
  test('are counted per pipeline without gaps, also when twenty are made at once and some fail', async () => {
    const pipeline = await withAction('numbers')
    const failing = open.store.transaction(async (within) => {
      const { id: creatorId } = await within.tokens.owner()
      await within.executions.create(draftExecution(pipeline, [], creatorId), new Date())
      throw new Error('not this one')
    })
    const made = Array.from({ length: 20 }, () => makeExecution(pipeline))
    await assert.rejects(failing, /not this one/)
    const numbers = (await Promise.all(made)).map(({ number }) => number)
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, n) => n + 1),
    )
  })

  test('are in a transaction what it has made of them, one after the other, and afterwards for everybody', async () => {
    const pipeline = await withAction('in one transaction')
    const { id: creatorId } = await open.store.tokens.owner()
    const actions = await open.store.actions.list(pipeline.id)
    const kept = await open.store.transaction(async (within) => {
      const made = await within.executions.create(draftExecution(pipeline, actions, creatorId), new Date())
      const { id } = made
      assert.deepEqual(await within.executions.findById(id), made)
      const first = await within.executions.claim(id, 'one', 600_000)
      assert.ok(first)
      // A transaction within is the same one.
      const begun = await within.transaction((same) => same.executions.change(id, started, first))
      assert.deepEqual(await within.executions.findById(id), begun)
      await within.executions.release(first, 'broken-off')
      const second = await within.executions.claim(id, 'two', 600_000)
      assert.equal(await within.executions.change(id, (execution) => execution, first), undefined)
      const last = await within.executions.change(
        id,
        (before) => advance(before, { kind: 'cancel', at: new Date() }),
        second,
      )
      assert.deepEqual([last?.status, last?.recoveries], ['terminating', 1])
      return last
    })
    assert.ok(kept)
    assert.deepEqual(await open.store.executions.findById(kept.id), kept)
  })

  test('tell what they are at or have before them, until they end', async () => {
    const { project, pipeline } = await makePipeline(open, 'underway')
    const { id: actionId } = await open.store.actions.create(draftAction(pipeline.id))
    const { id, number } = await makeExecution(pipeline)
    const run = { pipelineId: pipeline.id, actionId, number }
    assert.deepEqual(await open.store.executions.underway(project.id), [{ ...run, status: 'enqueued' }])
    await open.store.executions.change(id, started)
    assert.deepEqual(await open.store.executions.underway(project.id), [{ ...run, status: 'running' }])
    const end = (before: Execution) =>
      advance(advance(before, { kind: 'cancel', at: new Date() }), { kind: 'finished', at: new Date() })
    await open.store.executions.change(id, end)
    assert.deepEqual(await open.store.executions.underway(project.id), [])
  })

  test('keep what else they were asked for with, alone and in lists', async () => {
    const pipeline = await withAction('asked')
    const { id: creatorId } = await open.store.tokens.owner()
    const draft = draftExecution(pipeline, [], creatorId, { extras: { tag: 'v1', refresh: true } })
    const { id, extras } = await open.store.executions.create(draft, new Date())
    const { items } = await open.store.executions.list(pipeline.id, { page: 1, perPage: 1 })
    const changed = await open.store.executions.change(id, started)
    for (const kept of [extras, items[0]?.extras, changed?.extras])
      assert.deepEqual(kept, { tag: 'v1', refresh: true })
  })

  test('are frozen: what happens to pipeline and actions afterwards does not reach them', async () => {
    const { project, pipeline } = await makePipeline(open, 'frozen')
    const draft = draftAction(pipeline.id)
    const target = { ...draft.promotion.target, password: new Secret('Pa55word') }
    const action = await open.store.actions.create({ ...draft, promotion: { ...draft.promotion, target } })
    const execution = await makeExecution(pipeline)
    await open.store.actions.save({ ...draft, id: action.id, position: 0, name: 'Changed' })
    await open.store.pipelines.save({ ...pipeline, name: 'Changed' })
    const found = await open.store.executions.find(pipeline.id, execution.number)
    assert.equal(found?.actions[0]?.action.name, 'Promote')
    assert.equal(promotionOf(found?.actions[0]?.action).target.password?.reveal(), 'Pa55word')
    assert.equal(found?.pipeline.name, 'Production')
    assert.ok(found?.pipeline.createdAt instanceof Date)
    assert.equal((await open.store.pipelines.find(project.id, pipeline.id))?.name, 'Changed')
  })

  test('come back as they were changed', async () => {
    const execution = await makeExecution(await withAction('changed'))
    const [action] = execution.actions
    assert.ok(action)
    const at = new Date()
    const changed = await open.store.executions.change(execution.id, (found) =>
      advance(
        advance(advance(found, { kind: 'started', at }), { kind: 'action-started', id: action.id, at }),
        {
          kind: 'action-failed',
          id: action.id,
          at,
          failure: { code: 'DENIED', side: undefined, message: 'no', retryable: false },
        },
      ),
    )
    assert.deepEqual(await open.store.executions.findById(execution.id), changed)
    assert.equal(changed?.actions[0]?.failure?.code, 'DENIED')
  })

  test('keep whatever a registry said, also what no text of a database can hold', async () => {
    const execution = await makeExecution(await withAction('said'))
    const [action] = execution.actions
    assert.ok(action)
    const at = new Date()
    const message = 'no\0thing \ud800 to \u{1f6a2} see'
    const changed = await open.store.executions.change(execution.id, (found) =>
      advance(
        advance(advance(found, { kind: 'started', at }), { kind: 'action-started', id: action.id, at }),
        {
          kind: 'action-failed',
          id: action.id,
          at,
          failure: { code: 'UNKNOWN', side: 'target', message, retryable: false },
        },
      ),
    )
    assert.equal(changed?.actions[0]?.failure?.message, message)
    const found = await open.store.executions.findById(execution.id)
    assert.equal(found?.actions[0]?.failure?.message, message)
  })

  test('are not changed under an old claim', async () => {
    const execution = await makeExecution(await withAction('fenced'))
    const old = await open.store.executions.claim(execution.id, 'one', 0)
    assert.equal((await open.store.executions.takeLapsed())?.worker, 'one')
    const claim = await open.store.executions.claim(execution.id, 'two', 1_000)
    assert.ok(old && claim)
    assert.equal(await open.store.executions.change(execution.id, started, old), undefined)
    assert.equal((await open.store.executions.findById(execution.id))?.status, 'enqueued')
    assert.equal(await open.store.executions.holds(old, 1_000), false)
    assert.equal(await open.store.executions.holds(claim, 1_000), true)
    assert.equal((await open.store.executions.change(execution.id, started, claim))?.status, 'running')
  })

  test('a change that throws changes nothing', async () => {
    const execution = await makeExecution(await withAction('thrown'))
    const retry = (found: Execution) => advance(started(found), { kind: 'retry', at: new Date() })
    await assert.rejects(open.store.executions.change(execution.id, retry), { code: 'CONFLICT' })
    assert.equal((await open.store.executions.findById(execution.id))?.status, 'enqueued')
  })

  test('two that change one take turns', async () => {
    const execution = await makeExecution(await withAction('turns'))
    await open.store.executions.change(execution.id, started)
    const value = { key: 'N', value: new Secret('1'), encrypted: false }
    const more = (found: Execution) => advance(found, { kind: 'variables-set', values: [value as Binding] })
    await Promise.all(Array.from({ length: 10 }, () => open.store.executions.change(execution.id, more)))
    assert.equal((await open.store.executions.findById(execution.id))?.variables.length, 10)
  })

  test('are listed newest first, and the latest of many pipelines is found at once', async () => {
    const [one, two, none] = await Promise.all([
      withAction('latest-1'),
      withAction('latest-2'),
      withAction('latest-3'),
    ])
    assert.ok(one && two && none)
    for (const pipeline of [one, two, one]) await makeExecution(pipeline)
    const { items, total } = await open.store.executions.list(one.id, { page: 1, perPage: 1 })
    assert.deepEqual([items.map(({ number }) => number), total], [[2], 2])
    const latest = await open.store.executions.latest([one.id, two.id, none.id])
    assert.deepEqual(
      [latest.get(one.id)?.number, latest.get(two.id)?.number, latest.get(none.id)],
      [2, 1, undefined],
    )
  })

  test('tell who listens that they were changed', async () => {
    const execution = await makeExecution(await withAction('listened'))
    const heard = Promise.withResolvers<ExecutionId>()
    const unsubscribe = open.changes.subscribe((id) => id === execution.id && heard.resolve(id))
    await open.store.executions.change(execution.id, started)
    assert.equal(await heard.promise, execution.id)
    unsubscribe()
  })

  test('log lines keep their order and are read by offset', async () => {
    const execution = await makeExecution(await withAction('logged'))
    const id = execution.actions[0]?.id
    assert.ok(id)
    await Promise.all([
      open.store.executions.appendLog(id, ['a', 'b']),
      open.store.executions.appendLog(id, ['c', 'd\0']),
    ])
    const { items, total } = await open.store.executions.readLog(id, 1, 2)
    assert.equal(total, 4)
    const all = (await open.store.executions.readLog(id, 0, 100)).items
    assert.deepEqual(items, all.slice(1, 3))
    assert.ok(['a,b,c,d', 'c,d,a,b'].includes(all.join()))
  })
})

describe('the queue', () => {
  test('forgets a job whose transaction is rolled back, and hands over one that was committed', {
    timeout: 20_000,
  }, async () => {
    const pipeline = await withAction('queued')
    const lost = open.store.transaction(async (within) => {
      await within.queue.enqueue(999_999 as ExecutionId)
      throw new Error('rolled back')
    })
    await assert.rejects(lost, /rolled back/)
    const execution = await makeExecution(pipeline)
    await open.store.transaction((within) => within.queue.enqueue(execution.id))
    const ran: ExecutionId[] = []
    const done = Promise.withResolvers<void>()
    let failures = 1
    const work = open.work()
    await work.start(
      async (id) => {
        ran.push(id)
        if (failures-- > 0) throw new Error('once more')
        done.resolve()
      },
      { concurrency: 2 },
    )
    await done.promise
    assert.deepEqual(ran, [execution.id, execution.id])
    await work.stop(1_000)
  })

  test('aborts what runs when the grace is over', { timeout: 20_000 }, async () => {
    const execution = await makeExecution(await withAction('stopped'))
    await open.store.queue.enqueue(execution.id)
    const running = Promise.withResolvers<AbortSignal>()
    const work = open.work()
    await work.start(
      async (_, signal) => {
        running.resolve(signal)
        if (!signal.aborted) await once(signal, 'abort')
        throw new Error('handed back')
      },
      { concurrency: 1 },
    )
    const signal = await running.promise
    await work.stop(50)
    assert.equal(signal.aborted, true)
  })
})
