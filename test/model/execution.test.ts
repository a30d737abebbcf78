import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ActionExecution,
  type ActionExecutionId,
  type Approval,
  advance,
  type Execution,
  type ExecutionEvent,
  isFinal,
  isWaiting,
  ModelError,
  type PersonId,
  type PlannedPromotion,
  type PromoteImage,
  QUESTION_DEFAULTS,
  Secret,
  type TriggerTime,
  type WaitFor,
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
  phases: { plan: 2, copy: 30, tag: 1, verify: 1 },
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
    extras: {},
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

  const approval = { question: 'go?', plan: [], until: undefined, answer: undefined }
  const waits = (id: ActionExecutionId, more: Partial<Approval> = {}): ExecutionEvent => ({
    kind: 'action-waits',
    id,
    at,
    approval: { ...approval, ...more },
  })
  const parked: ExecutionEvent = { kind: 'parked' }
  const by = 7 as PersonId
  const apply = (id: ActionExecutionId): ExecutionEvent => ({ kind: 'applied', id, by, at, comment: 'fine' })

  test('that waits for a person is held by nobody, and goes on when they say yes', () => {
    const waiting = go(asking(), started, waits(one), parked)
    assert.deepEqual(statuses(waiting), ['waiting-for-apply', 'waiting-for-apply', 'initial'])
    const going = go(waiting, apply(one))
    assert.deepEqual(statuses(going), ['enqueued', 'succeeded', 'initial'])
    assert.deepEqual(going.actions[0]?.approval?.answer, { by, at, comment: 'fine' })
    assert.throws(() => go(going, apply(one)), { code: 'CONFLICT' })
    assert.throws(() => go(waiting, apply(two)), { code: 'CONFLICT' })
  })

  test('is approved for the digests that were planned, and for those that were pinned before', () => {
    const other = `sha256:${'b'.repeat(64)}` as never
    const planned = (id: ActionExecutionId) => ({ ...({} as PlannedPromotion), id, digest })
    const plan = [planned(two)]
    assert.equal(go(asking(), started, waits(one, { plan }), parked, apply(one)).actions[1]?.pinned, digest)
    const expected = asking()
    const bound = { ...expected, actions: expected.actions.map((action) => ({ ...action, pinned: other })) }
    assert.equal(go(bound, started, waits(one, { plan }), parked, apply(one)).actions[1]?.pinned, other)
  })

  test('takes the values that were asked for', () => {
    const value = { scope: 'run', actionId: undefined, key: 'V', encrypted: true, settable: false } as const
    const values = [{ ...value, value: new Secret('1') }]
    const waiting = go(asking('wait-for-variables'), started, waits(one), parked)
    assert.equal(waiting.status, 'waiting-for-variables')
    assert.throws(() => go(waiting, apply(one)), { code: 'CONFLICT' })
    const answered = go(waiting, { kind: 'answered', id: one, by, at, comment: undefined, values })
    assert.deepEqual(answered.variables, values)
    assert.equal(answered.status, 'enqueued')
  })

  test('whose question nobody answers in time fails there, and not before', () => {
    const until = new Date(at.getTime() + 1000)
    const waiting = go(asking(), started, waits(one, { until }), parked)
    assert.equal(go(waiting, { kind: 'expired', at }), waiting)
    const late = go(waiting, { kind: 'expired', at: until })
    assert.deepEqual(statuses(late), ['enqueued', 'failed', 'initial'])
    assert.equal(late.actions[0]?.failure?.code, 'TIMEOUT')
    assert.equal(go(late, { kind: 'expired', at: until }), late)
  })

  test('that waits is called off there and then, unless something is to be done about it', () => {
    const cancel: ExecutionEvent = { kind: 'cancel', at, by, comment: 'no' }
    const off = go(asking(), started, waits(one), parked, cancel)
    assert.deepEqual(statuses(off), ['terminated', 'terminated', 'not-executed'])
    assert.deepEqual(off.cancelled, { by, at, comment: 'no' })
    const told = asking('wait-for-apply', 'on-terminate')
    assert.equal(go(told, started, waits(one), parked, cancel).status, 'terminating')
    // Nothing had begun that would have to be undone.
    assert.equal(go(told, cancel).status, 'terminated')
  })

  test('that is delayed runs when it is due, and not before', () => {
    const delayed: Execution = { ...make(), status: 'delayed', delayUntil: at }
    assert.throws(() => go(delayed, started), { code: 'CONFLICT' })
    assert.equal(go(delayed, { kind: 'due' }).status, 'enqueued')
    assert.equal(go(delayed, { kind: 'cancel', at }).status, 'terminated')
    assert.throws(() => go(make(), { kind: 'due' }), { code: 'CONFLICT' })
  })

  test('whose conditions are not met is passed over', () => {
    assert.deepEqual(statuses(go(make(), started, { kind: 'unmet', at })), [
      'skipped',
      'not-executed',
      'not-executed',
    ])
  })

  test('forgets an approval that is to be tried again, and asks anew', () => {
    const until = at
    const failed = go(
      asking(),
      started,
      waits(one, { until }),
      parked,
      { kind: 'expired', at },
      started,
      finished,
    )
    assert.equal(failed.status, 'failed')
    const again = go(failed, { kind: 'retry', at })
    assert.deepEqual(statuses(again), ['enqueued', 'initial', 'initial'])
    assert.equal(again.actions[0]?.approval, undefined)
    assert.equal(again.startedAt, undefined)
  })

  function asking(
    type: WaitFor['type'] = 'wait-for-apply',
    then: TriggerTime = 'on-every-execution',
  ): Execution {
    const { actions, ...rest } = make()
    const [first, second] = actions
    assert.ok(first && second)
    const { promotion: _, ...step } = first.action as PromoteImage
    const question = { ...step, type, question: QUESTION_DEFAULTS }
    return {
      ...rest,
      actions: [
        { ...first, action: question },
        { ...second, action: { ...second.action, triggerTime: then } },
      ],
    }
  }

  const event: fc.Arbitrary<ExecutionEvent> = fc.oneof(
    fc.constantFrom<ExecutionEvent>(
      started,
      finished,
      parked,
      { kind: 'due' },
      { kind: 'unmet', at },
      { kind: 'expired', at },
      { kind: 'variables-set', values: [] },
      { kind: 'aimed', aims: new Map([[one, 'r/a:1']]) },
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
          { kind: 'action-retried', id },
          { kind: 'replanned', id, plan: [] },
          waits(id, { until: at }),
          apply(id),
          { kind: 'answered', id, by, at, comment: undefined, values: [] },
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
      fc.property(fc.boolean(), fc.array(event, { maxLength: 30 }), (asks, events) => {
        let execution = asks ? asking() : make()
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
            if (action.status === 'succeeded') assert.ok(action.outcome ?? action.approval?.answer)
            assert.equal(isWaiting(action.status) && isFinal(after.status), false)
            if (action.status === 'failed') assert.ok(action.failure)
          }
          execution = after
        }
      }),
      { numRuns: 500 },
    )
  })
})
