import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ActionExecution,
  type ActionExecutionId,
  advance,
  type Execution,
  type ExecutionEvent,
  isFinal,
  ModelError,
} from '#model'
import { draftAction } from '#support/store'

const at = new Date('2026-11-24T12:00:00Z')
const digest = `sha256:${'a'.repeat(64)}` as never
const places = {
  source: 'a.example/team/app:1',
  target: 'b.example/team/app:1',
  place: 'b.example/team/app:1',
}
const outcome = {
  ...places,
  digest,
  previous: undefined,
  bytes: { sent: 1, mounted: 0, present: 0 },
  requests: 4,
}
const failure = { code: 'DENIED', side: 'target', message: 'no', retryable: false } as const
const ids = ['one', 'two', 'three'] as unknown as ActionExecutionId[]

function make(count = 2, ignoreErrors = false): Execution {
  const actions = ids.slice(0, count).map(
    (id, position): ActionExecution => ({
      id,
      action: { ...draftAction(1 as never), ignoreErrors, id: position as never, position },
      loop: [],
      status: 'initial',
      attempts: 0,
      aim: undefined,
      approval: undefined,
      progress: 0,
      startedAt: undefined,
      finishedAt: undefined,
      pinned: undefined,
      failure: undefined,
      outcome: undefined,
    }),
  )
  return {
    id: 1 as never,
    number: 1,
    pipelineId: 1 as never,
    pipeline: {} as never,
    status: 'enqueued',
    priority: 'normal',
    comment: undefined,
    creatorId: 1 as never,
    triggeredOn: 'click',
    createdAt: at,
    delayUntil: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    cancelled: undefined,
    variables: [],
    recoveries: 0,
    actions,
  }
}

const [one, two] = ids as [ActionExecutionId, ActionExecutionId]
const go = (execution: Execution, ...events: ExecutionEvent[]): Execution => events.reduce(advance, execution)
const started: ExecutionEvent = { kind: 'started', at }
const begin = (id: ActionExecutionId): ExecutionEvent => ({ kind: 'action-started', id, at })
const succeed = (id: ActionExecutionId): ExecutionEvent => ({ kind: 'action-succeeded', id, at, outcome })
const fail = (id: ActionExecutionId): ExecutionEvent => ({ kind: 'action-failed', id, at, failure })
const finished: ExecutionEvent = { kind: 'finished', at }
const statuses = ({ status, actions }: Execution) => [status, ...actions.map((action) => action.status)]

describe('an execution', () => {
  test('succeeds when its actions did', () => {
    const done = go(make(), started, begin(one), succeed(one), begin(two), succeed(two), finished)
    assert.deepEqual(statuses(done), ['succeeded', 'succeeded', 'succeeded'])
    assert.equal(done.actions[0]?.progress, 100)
  })

  test('fails when one did, and what came after it was not executed', () => {
    const done = go(make(), started, begin(one), fail(one), finished)
    assert.deepEqual(statuses(done), ['failed', 'failed', 'not-executed'])
  })

  test('succeeds where failures are ignored', () => {
    assert.equal(go(make(1, true), started, begin(one), fail(one), finished).status, 'succeeded')
  })

  test('that nobody has begun is cancelled there and then', () => {
    const done = go(make(), { kind: 'cancel', at })
    assert.deepEqual(statuses(done), ['terminated', 'not-executed', 'not-executed'])
    assert.equal(go(done, { kind: 'cancel', at }), done)
  })

  test('that runs is asked to end, and tells the truth when it had done its work all the same', () => {
    const asked = go(make(1), started, begin(one), { kind: 'cancel', at })
    assert.equal(asked.status, 'terminating')
    assert.deepEqual(statuses(go(asked, finished)), ['terminated', 'terminated'])
    assert.deepEqual(statuses(go(asked, succeed(one), finished)), ['succeeded', 'succeeded'])
  })

  test('keeps its first pin through a retry, and does again what did not succeed', () => {
    const other = `sha256:${'b'.repeat(64)}` as never
    const failed = go(
      make(),
      started,
      begin(one),
      succeed(one),
      begin(two),
      { kind: 'pinned', id: two, digest },
      { kind: 'pinned', id: two, digest: other },
      fail(two),
      finished,
    )
    const again = go(failed, { kind: 'retry', at })
    assert.deepEqual(statuses(again), ['enqueued', 'succeeded', 'initial'])
    assert.equal(again.actions[1]?.pinned, digest)
    assert.equal(again.actions[1]?.failure, undefined)
    assert.equal(again.finishedAt, undefined)
  })

  test('that is over allows no event but a retry', () => {
    const done = go(make(1), started, begin(one), succeed(one), finished)
    for (const event of [
      started,
      begin(one),
      succeed(one),
      fail(one),
      finished,
      { kind: 'retry', at },
      { kind: 'cancel', at },
      { kind: 'recovered', at },
    ] as ExecutionEvent[]) {
      assert.throws(
        () => go(done, event),
        (error: unknown) => error instanceof ModelError && error.code === 'CONFLICT',
        event.kind,
      )
    }
  })

  test('knows its actions, and no others', () => {
    assert.throws(() => go(make(1), started, begin(two)), { code: 'NOT_FOUND' })
  })

  const event: fc.Arbitrary<ExecutionEvent> = fc.oneof(
    fc.constantFrom<ExecutionEvent>(
      started,
      finished,
      { kind: 'recovered', at },
      { kind: 'cancel', at },
      { kind: 'retry', at },
    ),
    fc.constantFrom(...ids.slice(0, 2)).chain((id) =>
      fc.oneof(
        fc.constantFrom<ExecutionEvent>(
          begin(id),
          succeed(id),
          fail(id),
          { kind: 'action-skipped', id, at },
          { kind: 'action-terminated', id, at },
          { kind: 'pinned', id, digest },
        ),
        fc
          .double({ min: -10, max: 200, noNaN: true })
          .map((progress): ExecutionEvent => ({ kind: 'progressed', id, progress })),
      ),
    ),
  )

  test('holds through any events: final stays final, progress never falls, a pin stays, nothing is changed in place', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let execution = make()
        for (const next of events) {
          const before = structuredClone(execution)
          let after: Execution
          try {
            after = advance(execution, next)
          } catch (error) {
            assert.ok(error instanceof ModelError)
            assert.deepEqual(execution, before)
            continue
          }
          assert.deepEqual(execution, before)
          if (isFinal(execution.status) && next.kind !== 'retry') assert.deepEqual(after, execution)
          assert.equal(isFinal(after.status), after.finishedAt !== undefined)
          for (const [n, action] of after.actions.entries()) {
            const was = execution.actions[n]
            assert.ok(Number.isInteger(action.progress) && action.progress >= 0 && action.progress <= 100)
            if (next.kind !== 'retry') assert.ok(action.progress >= (was?.progress ?? 0))
            if (was?.pinned !== undefined) assert.equal(action.pinned, was.pinned)
            if (isFinal(after.status)) assert.ok(action.status !== 'running' && action.status !== 'initial')
            if (action.status === 'succeeded') assert.ok(action.outcome)
            if (action.status === 'failed') assert.ok(action.failure)
          }
          execution = after
        }
      }),
      { numRuns: 500 },
    )
  })
})
