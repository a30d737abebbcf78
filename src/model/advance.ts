import type { Digest } from '#oci'
import type { PersonId } from './access.ts'
import type { Approval, PlannedPromotion } from './approval.ts'
import { ModelError } from './errors.ts'
import {
  type ActionExecution,
  type ActionExecutionId,
  type ActionStatus,
  type Execution,
  type ExecutionStatus,
  type Failure,
  isFinal,
  isWaiting,
  type Outcome,
} from './execution.ts'
import type { Binding } from './variable.ts'

/** What can happen to an action within an execution. */
type ActionEvent = { readonly id: ActionExecutionId } & (
  | { readonly kind: 'action-started'; readonly at: Date }
  | { readonly kind: 'action-skipped'; readonly at: Date }
  | { readonly kind: 'action-retried' }
  | { readonly kind: 'action-waits'; readonly at: Date; readonly approval: Approval }
  | { readonly kind: 'replanned'; readonly plan: readonly PlannedPromotion[] }
  | { readonly kind: 'pinned'; readonly digest: Digest }
  | { readonly kind: 'progressed'; readonly progress: number }
  | { readonly kind: 'action-succeeded'; readonly at: Date; readonly outcome?: Outcome }
  | { readonly kind: 'action-failed'; readonly at: Date; readonly failure: Failure }
  | { readonly kind: 'action-terminated'; readonly at: Date }
)

/** What a person says to an action that waits. */
type AnswerEvent = {
  readonly id: ActionExecutionId
  readonly by: PersonId
  readonly at: Date
  readonly comment: string | undefined
} & ({ readonly kind: 'applied' } | { readonly kind: 'answered'; readonly values: readonly Binding[] })

/** What can happen to an execution. */
export type ExecutionEvent =
  | { readonly kind: 'due' }
  | { readonly kind: 'started'; readonly at: Date }
  | { readonly kind: 'unmet'; readonly at: Date }
  | { readonly kind: 'aimed'; readonly aims: ReadonlyMap<ActionExecutionId, string | undefined> }
  | { readonly kind: 'parked' }
  | { readonly kind: 'expired'; readonly at: Date }
  | { readonly kind: 'variables-set'; readonly values: readonly Binding[] }
  | { readonly kind: 'finished'; readonly at: Date }
  | { readonly kind: 'cancel'; readonly at: Date; readonly by?: PersonId; readonly comment?: string }
  | { readonly kind: 'retry'; readonly at: Date }
  | ActionEvent
  | AnswerEvent

/**
 * The execution after the event. Pure: the same answer for the same question.
 * The first pin wins; progress never falls; what is final stays as it is.
 * @throws ModelError CONFLICT when the state does not allow the event; NOT_FOUND for an action that it does not have.
 */
export function advance(execution: Execution, event: ExecutionEvent): Execution {
  switch (event.kind) {
    case 'due':
      return { ...allow(execution, event, 'delayed'), status: 'enqueued' }
    case 'started':
      if (execution.status === 'terminating') return execution
      return {
        ...allow(execution, event, 'enqueued'),
        status: 'running',
        startedAt: execution.startedAt ?? event.at,
      }
    case 'unmet':
      return { ...finish(allow(execution, event, 'running'), event.at), status: 'skipped' }
    case 'aimed':
      return isFinal(execution.status) ? execution : aim(execution, event.aims)
    case 'parked':
      return park(allow(execution, event, 'running'))
    case 'expired':
      return expire(execution, event.at)
    case 'variables-set':
      return {
        ...allow(execution, event, 'delayed', 'enqueued', 'running', ...WAITING),
        variables: [...execution.variables, ...event.values],
      }
    case 'finished':
      return finish(allow(execution, event, 'running', 'terminating'), event.at)
    case 'cancel':
      return cancel(execution, event)
    case 'retry':
      return {
        ...allow(execution, event, 'failed', 'terminated'),
        status: 'enqueued',
        startedAt: undefined,
        finishedAt: undefined,
        cancelled: undefined,
        recoveries: 0,
        actions: execution.actions.map((action) => (action.status === 'succeeded' ? action : again(action))),
      }
    case 'applied':
    case 'answered':
      return answer(allow(execution, event, 'enqueued', 'running', ...WAITING), event)
    case 'replanned':
      return changeAction(allow(execution, event, 'enqueued', 'running', ...WAITING), event, WAITING)
    default:
      return changeAction(allow(execution, event, 'running', 'terminating'), event, STATES[event.kind])
  }
}

const WAITING = ['waiting-for-apply', 'waiting-for-variables'] as const

/** In which states an action can be when something happens to it. */
const STATES: Readonly<Record<Exclude<ActionEvent['kind'], 'replanned'>, readonly ActionStatus[]>> = {
  'action-started': ['initial', 'running'],
  'action-skipped': ['initial'],
  'action-retried': ['running'],
  'action-waits': ['initial', 'running'],
  pinned: ['running'],
  progressed: ['running'],
  'action-succeeded': ['running'],
  'action-failed': ['running'],
  'action-terminated': ['initial', 'running', ...WAITING],
}

function changed(action: ActionExecution, event: ActionEvent): ActionExecution {
  switch (event.kind) {
    case 'action-started':
      return { ...action, status: 'running', startedAt: action.startedAt ?? event.at }
    case 'action-skipped':
      return { ...action, status: 'skipped', finishedAt: event.at }
    case 'action-retried':
      return { ...action, attempts: action.attempts + 1 }
    case 'action-waits': {
      const status = action.action.type === 'wait-for-variables' ? WAITING[1] : WAITING[0]
      return { ...action, status, startedAt: action.startedAt ?? event.at, approval: event.approval }
    }
    case 'replanned':
      return { ...action, approval: action.approval && { ...action.approval, plan: event.plan } }
    case 'pinned':
      return { ...action, pinned: action.pinned ?? event.digest }
    case 'progressed':
      return { ...action, progress: Math.max(action.progress, Math.min(100, Math.floor(event.progress))) }
    case 'action-succeeded':
      return {
        ...action,
        status: 'succeeded',
        progress: 100,
        finishedAt: event.at,
        outcome: event.outcome,
      }
    case 'action-failed':
      return { ...action, status: 'failed', finishedAt: event.at, failure: event.failure }
    case 'action-terminated':
      return { ...action, status: 'terminated', finishedAt: event.at }
  }
}

function allow(execution: Execution, event: ExecutionEvent, ...states: ExecutionStatus[]): Execution {
  if (states.includes(execution.status)) return execution
  throw new ModelError(
    'CONFLICT',
    `execution ${execution.number} is ${execution.status}: ${event.kind} is not possible`,
  )
}

/** The action that the event is about, if it is in one of these states. */
function actionFor(
  execution: Execution,
  event: ActionEvent | AnswerEvent,
  states: readonly ActionStatus[],
): ActionExecution {
  const found = execution.actions.find(({ id }) => id === event.id)
  if (found === undefined)
    throw new ModelError('NOT_FOUND', `execution ${execution.number} has no action execution ${event.id}`)
  if (!states.includes(found.status))
    throw new ModelError(
      'CONFLICT',
      `action execution ${found.id} is ${found.status}: ${event.kind} is not possible`,
    )
  return found
}

function changeAction(execution: Execution, event: ActionEvent, states: readonly ActionStatus[]): Execution {
  const found = actionFor(execution, event, states)
  return {
    ...execution,
    actions: execution.actions.map((action) => (action === found ? changed(action, event) : action)),
  }
}

/** What was planned is what was approved: its digests are pinned. What was answered counts from now on. */
function answer(execution: Execution, event: AnswerEvent): Execution {
  const state = event.kind === 'applied' ? WAITING[0] : WAITING[1]
  const found = actionFor(execution, event, [state])
  const { by, at, comment } = event
  const approval = found.approval && { ...found.approval, answer: { by, at, comment } }
  const done: ActionExecution = { ...found, status: 'succeeded', progress: 100, finishedAt: at, approval }
  const digests = new Map(approval?.plan.map((planned) => [planned.id, planned.digest]))
  return {
    ...execution,
    status: isWaiting(execution.status) ? 'enqueued' : execution.status,
    variables: event.kind === 'answered' ? [...execution.variables, ...event.values] : execution.variables,
    actions: execution.actions.map((action) => {
      if (action === found) return done
      const digest = event.kind === 'applied' ? digests.get(action.id) : undefined
      return digest === undefined ? action : { ...action, pinned: action.pinned ?? digest }
    }),
  }
}

function aim(execution: Execution, aims: ReadonlyMap<ActionExecutionId, string | undefined>): Execution {
  const actions = execution.actions.map((action) =>
    aims.has(action.id) && aims.get(action.id) !== action.aim
      ? { ...action, aim: aims.get(action.id) }
      : action,
  )
  return actions.some((action, index) => action !== execution.actions[index])
    ? { ...execution, actions }
    : execution
}

/** Nobody holds it from now on: it waits for a person, or in the queue for its turn. */
function park(execution: Execution): Execution {
  const status = WAITING.find((state) => execution.actions.some((action) => action.status === state))
  return { ...execution, status: status ?? 'enqueued' }
}

function expire(execution: Execution, at: Date): Execution {
  const late = (action: ActionExecution): boolean => {
    const until = action.approval?.until
    return isWaiting(action.status) && until !== undefined && until <= at
  }
  if (isFinal(execution.status) || execution.status === 'terminating' || !execution.actions.some(late))
    return execution
  const failure = { code: 'TIMEOUT', side: undefined, message: 'nobody answered in time', retryable: true }
  return {
    ...execution,
    status: isWaiting(execution.status) ? 'enqueued' : execution.status,
    actions: execution.actions.map((action) =>
      late(action) ? { ...action, status: 'failed', finishedAt: at, failure } : action,
    ),
  }
}

/** Where a worker has it, or what is to be done when it is called off needs one, it ends when that says so; else there and then. */
function cancel(execution: Execution, event: ExecutionEvent & { readonly kind: 'cancel' }): Execution {
  if (execution.status === 'terminating' || execution.status === 'terminated') return execution
  const { at, by, comment } = event
  const asked: Execution = {
    ...allow(execution, event, 'delayed', 'enqueued', 'running', ...WAITING),
    status: 'terminating',
    cancelled: { by, at, comment },
  }
  const begun = execution.startedAt !== undefined
  const due = ({ status, action }: ActionExecution): boolean =>
    status === 'initial' && action.triggerTime === 'on-terminate' && !action.disabled
  return execution.status === 'running' || (begun && execution.actions.some(due)) ? asked : finish(asked, at)
}

function finish(execution: Execution, at: Date): Execution {
  const actions = execution.actions.map(
    (action): ActionExecution =>
      action.status === 'initial'
        ? { ...action, status: 'not-executed' }
        : action.status === 'running' || isWaiting(action.status)
          ? { ...action, status: 'terminated', finishedAt: at }
          : action,
  )
  const failed = actions.some(({ status, action }) => status === 'failed' && !action.ignoreErrors)
  // A cancel that came after the last action had done its work changed nothing, and does not claim to.
  const cut =
    execution.status === 'terminating' &&
    actions.some(
      ({ status, action }) =>
        (status === 'terminated' || status === 'not-executed') && ALWAYS.has(action.triggerTime),
    )
  return {
    ...execution,
    status: cut ? 'terminated' : failed ? 'failed' : 'succeeded',
    finishedAt: at,
    actions,
  }
}

/** What a run that goes well does. */
const ALWAYS: ReadonlySet<string> = new Set(['on-every-execution', 'on-success'])

/** The pin stays: a retry promotes what the first try resolved, or what it now finds if it never resolved anything. */
function again(action: ActionExecution): ActionExecution {
  return {
    ...action,
    status: 'initial',
    progress: 0,
    startedAt: undefined,
    finishedAt: undefined,
    attempts: 0,
    approval: undefined,
    failure: undefined,
    outcome: undefined,
  }
}
