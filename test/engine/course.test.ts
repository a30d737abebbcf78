import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ActionExecution,
  type ActionStatus,
  advance,
  type Execution,
  type ExecutionEvent,
  isFinal,
  type PromoteImage,
  QUESTION_DEFAULTS,
  type TriggerTime,
} from '#model'
import { draftAction, draftExecution } from '#support/store'
import { type Circumstances, nextSteps } from '../../src/engine/course.ts'

const at = new Date('2026-11-24T12:00:00Z')
const usual: Circumstances = { previous: undefined, met: () => true }
type Drafted = Partial<PromoteImage> & { readonly is?: ActionStatus; readonly asks?: boolean }

/** An execution whose actions are called a, b, c, … */
function of(...drafts: Drafted[]): Execution {
  const { promotion, ...step } = draftAction(1 as never)
  const actions = drafts.map(({ is = 'initial', asks, ...more }, position): ActionExecution => {
    const place = { ...step, ...more, id: position as never, position }
    const action = asks
      ? { ...place, type: 'wait-for-apply' as const, question: QUESTION_DEFAULTS }
      : { ...place, type: 'promote-image' as const, promotion }
    return {
      id: String.fromCharCode(97 + position) as never,
      action: action as ActionExecution['action'],
      status: is,
      ...{ loop: [], progress: 0, attempts: 0, aim: undefined, pinned: undefined, approval: undefined },
      ...{ startedAt: undefined, finishedAt: undefined, failure: undefined, outcome: undefined },
    }
  })
  return {
    ...draftExecution({ id: 1 } as never, [], 1 as never),
    ...{ id: 1 as never, number: 1, pipelineId: 1 as never, status: 'running', createdAt: at, recoveries: 0 },
    ...{ startedAt: at, finishedAt: undefined, cancelled: undefined },
    actions,
  }
}

/** `a runs, b skip` in short. */
function steps(execution: Execution, circumstances: Partial<Circumstances> = {}): string {
  const next = nextSteps(execution, { ...usual, ...circumstances })
  return next.map(({ id, kind }) => `${id} ${kind}`).join(', ')
}

const parallel = { runNext: 'in-soft-parallel' } as const
const when = (triggerTime: TriggerTime): Drafted => ({ triggerTime })

describe('the course of a run', () => {
  test('is one action after the other', () => {
    assert.equal(steps(of({}, {})), 'a run')
    assert.equal(steps(of({ is: 'running' }, {})), 'a run', 'what is under way is taken up')
    assert.equal(steps(of({ is: 'succeeded' }, {})), 'b run')
    assert.equal(steps(of({ is: 'skipped' }, { is: 'succeeded' })), '')
  })

  test('goes together where an action says so, and waits for all of them', () => {
    const hard = { runNext: 'in-hard-parallel' } as const
    assert.equal(steps(of(parallel, hard, {}, {})), 'a run, b run, c run')
    assert.equal(
      steps(of({ ...parallel, is: 'succeeded' }, { is: 'running' }, {})),
      'b run',
      'the one behind waits',
    )
    assert.equal(steps(of({ ...parallel, is: 'succeeded' }, { is: 'succeeded' }, {})), 'c run')
  })

  test('passes over what is disabled, and what its conditions keep back', () => {
    assert.equal(steps(of({ disabled: true }, {})), 'a skip')
    const met: Circumstances['met'] = ({ id }) => (id as string) !== 'a'
    assert.equal(steps(of({}, {}), { met }), 'a skip')
  })

  test('ends with the first failure that counts; what runs beside it may end', () => {
    assert.equal(steps(of({ is: 'failed' }, {})), '')
    assert.equal(steps(of({ is: 'failed', ignoreErrors: true }, {})), 'b run')
    assert.equal(steps(of({ ...parallel, is: 'failed' }, { is: 'running' }, {})), 'b run')
    assert.equal(
      steps(of({ ...parallel, is: 'failed' }, { is: 'waiting-for-apply', asks: true }, {})),
      'b end',
      'nobody needs to answer any more',
    )
  })

  test('comes to those for success when all went well, and passes over the others', () => {
    const closing = [when('on-failure'), when('on-success'), when('on-terminate')]
    assert.equal(steps(of({ is: 'succeeded' }, ...closing)), 'c run')
    assert.equal(
      steps(of({ is: 'succeeded' }, closing[0] ?? {}, { ...closing[1], is: 'succeeded' }, closing[2] ?? {})),
      'b skip',
    )
  })

  test('comes to those for failure when something failed, one of those for success among it', () => {
    assert.equal(steps(of({ is: 'failed' }, when('on-success'), when('on-failure'))), 'b skip')
    assert.equal(
      steps(of({ is: 'succeeded' }, { ...when('on-success'), is: 'failed' }, when('on-failure'))),
      'c run',
    )
    const first = { ...when('on-failure'), onlyFirstFailure: true }
    assert.equal(steps(of({ is: 'failed' }, first), { previous: 'succeeded' }), 'b run')
    assert.equal(steps(of({ is: 'failed' }, first), { previous: 'failed' }), 'b skip')
  })

  test('knows a success after a failure, and an error that was ignored', () => {
    const back = of({ is: 'succeeded' }, when('on-back-to-success'))
    assert.equal(steps(back, { previous: 'failed' }), 'b run')
    assert.equal(steps(back, { previous: 'succeeded' }), 'b skip')
    assert.equal(steps(of({ is: 'failed', ignoreErrors: true }, when('on-warning'))), 'b run')
    assert.equal(steps(of({ is: 'succeeded' }, when('on-warning'))), 'b skip')
    assert.equal(steps(of({ is: 'failed' }, when('on-warning'))), 'b skip')
  })

  test('tells when somebody is waited for, once', () => {
    const told = when('on-wait-for-approve')
    assert.equal(steps(of({ is: 'waiting-for-apply', asks: true }, {}, told)), 'c run')
    assert.equal(
      steps(of({ is: 'waiting-for-apply', asks: true }, {}, { ...told, is: 'succeeded' })),
      '',
      'nothing left but to wait',
    )
    assert.equal(steps(of({ is: 'succeeded' }, told)), 'b skip')
  })

  test('does what is to be done about being called off, and nothing else', () => {
    const off = { ...of({ is: 'terminated' }, {}, when('on-terminate'), when('on-failure')) }
    assert.equal(steps({ ...off, status: 'terminating' }), 'c run')
  })

  test('comes to an end whatever happens on the way, every action passed once', () => {
    const draft = fc.record({
      triggerTime: fc.constantFrom<TriggerTime>(
        'on-every-execution',
        'on-every-execution',
        'on-success',
        'on-failure',
        'on-back-to-success',
        'on-warning',
        'on-wait-for-approve',
        'on-terminate',
      ),
      runNext: fc.constantFrom('wait' as const, 'in-soft-parallel' as const),
      disabled: fc.boolean(),
      ignoreErrors: fc.boolean(),
      asks: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(draft, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.boolean()),
        (drafts, fails, cancels) => {
          let execution = of(...drafts)
          const happen = (...events: ExecutionEvent[]): void => {
            execution = events.reduce(advance, execution)
          }
          const seen = new Map<string, number>()
          for (let round = 0; round < 100; round += 1) {
            if (cancels.next().value && cancels.next().value && execution.status === 'running')
              happen({ kind: 'cancel', at })
            const next = nextSteps(execution, usual)
            if (next.length === 0) {
              const asked = execution.actions.find(({ status }) => status === 'waiting-for-apply')
              if (asked === undefined || execution.status === 'terminating') break
              happen({ kind: 'applied', id: asked.id, by: 1 as never, at, comment: undefined })
              continue
            }
            for (const { id, kind } of next) {
              const action = execution.actions.find((each) => each.id === id)
              if (action?.status === 'initial') seen.set(id, (seen.get(id) ?? 0) + 1)
              if (kind === 'skip') happen({ kind: 'action-skipped', id, at })
              else if (kind === 'end') happen({ kind: 'action-terminated', id, at })
              else if (action?.action.type === 'wait-for-apply' && action.status === 'initial') {
                const approval = { question: undefined, plan: [], until: undefined, answer: undefined }
                happen({ kind: 'action-waits', id, at, approval })
              } else {
                const failure = { code: 'X', side: undefined, message: 'x', retryable: false }
                happen({ kind: 'action-started', id, at })
                if (fails.next().value) happen({ kind: 'action-failed', id, at, failure })
                else happen({ kind: 'action-succeeded', id, at })
              }
            }
          }
          assert.deepEqual(nextSteps(execution, usual), [], 'it came to an end')
          for (const [id, times] of seen) assert.equal(times, 1, `${id} once`)
          if (execution.status !== 'terminating') {
            // What is left is what a failure kept from running.
            const left = execution.actions.filter(({ status }) => status === 'initial')
            const failed = execution.actions.some(
              ({ status, action }) => status === 'failed' && !action.ignoreErrors,
            )
            assert.ok(left.length === 0 || failed)
          }
          happen({ kind: 'finished', at })
          assert.ok(isFinal(execution.status))
        },
      ),
      { numRuns: 300 },
    )
  })
})
