import type { Digest } from '#oci'
import type { PersonId } from './access.ts'
import type { Action } from './action.ts'
import { ModelError } from './errors.ts'
import type { Watched } from './headway.ts'
import type { Page, Slice } from './page.ts'
import type { Pipeline, PipelineId, Priority } from './pipeline.ts'

/** An execution's number, unique among all. In URLs and answers `number` stands for it, counted per pipeline. */
export type ExecutionId = number & { readonly execution: unique symbol }
/** 24 hexadecimal digits. */
export type ActionExecutionId = string & { readonly actionExecution: unique symbol }

export type ExecutionStatus = 'enqueued' | 'running' | 'terminating' | 'succeeded' | 'failed' | 'terminated'
export type ActionStatus =
  | 'initial'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'terminated'
  | 'not-executed'

/** What made a run begin. */
export type Trigger = 'click' | 'schedule' | 'event' | 'pipeline' | 'webhook' | 'email'

/** Why an action failed: the registry's or our code, which side, and whether another try could help. */
export interface Failure {
  readonly code: string
  readonly side: 'source' | 'target' | undefined
  readonly message: string
  readonly retryable: boolean
}

/** What a promotion did, for the record. Byte counts are of blobs. */
export interface Outcome {
  readonly digest: Digest
  /** What the target's tag named before; undefined when there was none. */
  readonly previous: Digest | undefined
  readonly bytes: { readonly sent: number; readonly mounted: number; readonly present: number }
  readonly requests: number
}

/** One action within one execution, with the action as it was when the execution was made. */
export interface ActionExecution {
  readonly id: ActionExecutionId
  readonly action: Action
  readonly status: ActionStatus
  /** 0 to 100. */
  readonly progress: number
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  /** What the source's name meant when it was first resolved: no other digest is promoted by this execution. */
  readonly pinned: Digest | undefined
  readonly failure: Failure | undefined
  readonly outcome: Outcome | undefined
}

/** One run of a pipeline, frozen when it was asked for. Change it through {@link advance} alone. */
export interface Execution {
  readonly id: ExecutionId
  readonly number: number
  readonly pipelineId: PipelineId
  /** The pipeline as it was. */
  readonly pipeline: Pipeline
  readonly status: ExecutionStatus
  readonly priority: Priority
  readonly comment: string | undefined
  readonly creatorId: PersonId
  readonly triggeredOn: Trigger
  readonly createdAt: Date
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  /** How often a worker found this one abandoned by its predecessor. */
  readonly recoveries: number
  readonly actions: readonly ActionExecution[]
}

/** What can happen to an execution. */
export type ExecutionEvent =
  | { readonly kind: 'started'; readonly at: Date }
  | { readonly kind: 'recovered'; readonly at: Date }
  | { readonly kind: 'action-started'; readonly id: ActionExecutionId; readonly at: Date }
  | { readonly kind: 'action-skipped'; readonly id: ActionExecutionId; readonly at: Date }
  | { readonly kind: 'pinned'; readonly id: ActionExecutionId; readonly digest: Digest }
  | { readonly kind: 'progressed'; readonly id: ActionExecutionId; readonly progress: number }
  | {
      readonly kind: 'action-succeeded'
      readonly id: ActionExecutionId
      readonly at: Date
      readonly outcome: Outcome
    }
  | {
      readonly kind: 'action-failed'
      readonly id: ActionExecutionId
      readonly at: Date
      readonly failure: Failure
    }
  | { readonly kind: 'action-terminated'; readonly id: ActionExecutionId; readonly at: Date }
  | { readonly kind: 'finished'; readonly at: Date }
  | { readonly kind: 'cancel'; readonly at: Date }
  | { readonly kind: 'retry'; readonly at: Date }

/** Whether nothing will happen to it any more, short of a retry. */
export function isFinal(status: ExecutionStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'terminated'
}

/**
 * The execution after the event. Pure: the same answer for the same question.
 * The first pin wins; progress never falls; what is final stays as it is.
 * @throws ModelError CONFLICT when the state does not allow the event.
 */
export function advance(execution: Execution, event: ExecutionEvent): Execution {
  switch (event.kind) {
    case 'started':
      if (execution.status === 'terminating') return execution
      return {
        ...allow(execution, event, 'enqueued'),
        status: 'running',
        startedAt: execution.startedAt ?? event.at,
      }
    case 'recovered':
      return { ...allow(execution, event, 'running', 'terminating'), recoveries: execution.recoveries + 1 }
    case 'action-started':
      return changeAction(execution, event, ['initial', 'running'], (action) => ({
        ...action,
        status: 'running',
        startedAt: action.startedAt ?? event.at,
      }))
    case 'action-skipped':
      return changeAction(execution, event, ['initial'], (action) => ({
        ...action,
        status: 'skipped',
        finishedAt: event.at,
      }))
    case 'pinned':
      return changeAction(execution, event, ['running'], (action) => ({
        ...action,
        pinned: action.pinned ?? event.digest,
      }))
    case 'progressed':
      return changeAction(execution, event, ['running'], (action) => ({
        ...action,
        progress: Math.max(action.progress, Math.min(100, Math.floor(event.progress))),
      }))
    case 'action-succeeded':
      return changeAction(execution, event, ['running'], (action) => ({
        ...action,
        status: 'succeeded',
        progress: 100,
        finishedAt: event.at,
        outcome: event.outcome,
      }))
    case 'action-failed':
      return changeAction(execution, event, ['running'], (action) => ({
        ...action,
        status: 'failed',
        finishedAt: event.at,
        failure: event.failure,
      }))
    case 'action-terminated':
      return changeAction(execution, event, ['initial', 'running'], (action) => ({
        ...action,
        status: 'terminated',
        finishedAt: event.at,
      }))
    case 'finished':
      return finish(allow(execution, event, 'running', 'terminating'), event.at)
    case 'cancel':
      if (execution.status === 'terminating' || execution.status === 'terminated') return execution
      if (allow(execution, event, 'enqueued', 'running').status === 'running')
        return { ...execution, status: 'terminating' }
      return finish({ ...execution, status: 'terminating' }, event.at)
    case 'retry':
      return {
        ...allow(execution, event, 'failed', 'terminated'),
        status: 'enqueued',
        finishedAt: undefined,
        recoveries: 0,
        actions: execution.actions.map((action) => (action.status === 'succeeded' ? action : again(action))),
      }
  }
}

function allow(execution: Execution, event: ExecutionEvent, ...states: ExecutionStatus[]): Execution {
  if (states.includes(execution.status)) return execution
  throw new ModelError(
    'CONFLICT',
    `execution ${execution.number} is ${execution.status}: ${event.kind} is not possible`,
  )
}

function changeAction(
  execution: Execution,
  event: ExecutionEvent & { readonly id: ActionExecutionId },
  states: readonly ActionStatus[],
  change: (action: ActionExecution) => ActionExecution,
): Execution {
  allow(execution, event, 'running', 'terminating')
  let found = false
  const actions = execution.actions.map((action) => {
    if (action.id !== event.id) return action
    found = true
    if (!states.includes(action.status))
      throw new ModelError(
        'CONFLICT',
        `action execution ${action.id} is ${action.status}: ${event.kind} is not possible`,
      )
    return change(action)
  })
  if (!found)
    throw new ModelError('NOT_FOUND', `execution ${execution.number} has no action execution ${event.id}`)
  return { ...execution, actions }
}

function finish(execution: Execution, at: Date): Execution {
  const actions = execution.actions.map(
    (action): ActionExecution =>
      action.status === 'initial'
        ? { ...action, status: 'not-executed' }
        : action.status === 'running'
          ? { ...action, status: 'terminated', finishedAt: at }
          : action,
  )
  const failed = actions.some(({ status, action }) => status === 'failed' && !action.ignoreErrors)
  // A cancel that came after the last action had done its work changed nothing, and does not claim to.
  const cut =
    execution.status === 'terminating' &&
    actions.some(({ status }) => status === 'terminated' || status === 'not-executed')
  return {
    ...execution,
    status: cut ? 'terminated' : failed ? 'failed' : 'succeeded',
    finishedAt: at,
    actions,
  }
}

/** The pin stays: a retry promotes what the first try resolved, or what it now finds if it never resolved anything. */
function again(action: ActionExecution): ActionExecution {
  return {
    ...action,
    status: 'initial',
    progress: 0,
    startedAt: undefined,
    finishedAt: undefined,
    failure: undefined,
    outcome: undefined,
  }
}

/** A worker's right to change an execution: the fencing number it was given. */
export interface Claim {
  readonly executionId: ExecutionId
  readonly fence: number
}

/** What is needed to make an execution; the keeper counts the number and makes the ids. */
export interface ExecutionDraft {
  readonly pipeline: Pipeline
  readonly actions: readonly Action[]
  readonly priority: Priority
  readonly comment: string | undefined
  readonly creatorId: PersonId
  readonly triggeredOn?: Trigger
}

/** Keeps executions. */
export interface Executions extends Watched {
  create(draft: ExecutionDraft, at: Date): Promise<Execution>
  find(pipelineId: PipelineId, number: number): Promise<Execution | undefined>
  findById(id: ExecutionId): Promise<Execution | undefined>
  /** Newest first. */
  list(pipelineId: PipelineId, page: Page<'number'>): Promise<Slice<Execution>>
  /** The newest execution of each of these pipelines. */
  latest(pipelineIds: readonly PipelineId[]): Promise<ReadonlyMap<PipelineId, Execution>>
  /**
   * Reads, changes and writes under a row lock. With a claim, answers undefined and writes nothing when the claim is no longer the newest;
   * answers undefined too when the execution is gone.
   */
  change(
    id: ExecutionId,
    change: (execution: Execution) => Execution,
    claim?: Claim,
  ): Promise<Execution | undefined>
  /** Takes the right to run it, over any earlier holder's: only for a worker that the queue handed the job. Undefined when it is gone. */
  claim(id: ExecutionId, worker: string, leaseMs: number): Promise<Claim | undefined>
  /** Whether the claim is still the newest; extends its lease. */
  holds(claim: Claim, leaseMs: number): Promise<boolean>
  /** Appends lines to an action execution's log. */
  appendLog(id: ActionExecutionId, lines: readonly string[]): Promise<void>
  /** Lines from `offset` (counted from 0), at most `limit`, and how many there are. */
  readLog(id: ActionExecutionId, offset: number, limit: number): Promise<Slice<string>>
}
