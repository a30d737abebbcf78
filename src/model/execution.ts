import type { Digest } from '#oci'
import type { PersonId } from './access.ts'
import type { Action, ActionId } from './action.ts'
import type { Approval } from './approval.ts'
import type { Watched } from './headway.ts'
import type { JsonObject } from './json.ts'
import type { Page, Slice } from './page.ts'
import type { Pipeline, PipelineId, Priority } from './pipeline.ts'
import type { Binding } from './variable.ts'
import type { ProjectId, WorkspaceId } from './workspace.ts'

/** An execution's number, unique among all. In URLs and answers `number` stands for it, counted per pipeline. */
export type ExecutionId = number & { readonly execution: unique symbol }
/** 24 hexadecimal digits. */
export type ActionExecutionId = string & { readonly actionExecution: unique symbol }

/** What an action, or all of an execution, waits for a person to give. */
export type Waiting = 'waiting-for-apply' | 'waiting-for-variables'
export type ExecutionStatus =
  | 'delayed'
  | 'enqueued'
  | 'running'
  | Waiting
  | 'terminating'
  | 'succeeded'
  | 'failed'
  | 'terminated'
  | 'skipped'
export type ActionStatus =
  | 'initial'
  | 'running'
  | Waiting
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
  /** What was promoted, and to where, as references in full. */
  readonly source: string
  readonly target: string
  /** `registry/repository:tag` of the target: one place, whoever names it. */
  readonly place: string
  readonly digest: Digest
  /** What the target's tag named before; undefined when there was none. */
  readonly previous: Digest | undefined
  readonly bytes: { readonly sent: number; readonly mounted: number; readonly present: number }
  readonly requests: number
  /** How long each part took, in milliseconds, in their order; undefined where nobody measured it. */
  readonly phases: Readonly<Partial<Record<'plan' | 'copy' | 'put' | 'tag' | 'verify', number>>> | undefined
}

/** One action within one execution, with the action as it was when the execution was made. */
export interface ActionExecution {
  readonly id: ActionExecutionId
  readonly action: Action
  /** What its loop's variables are this time. */
  readonly loop: readonly Binding[]
  readonly status: ActionStatus
  /** 0 to 100. */
  readonly progress: number
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  /** Tries that failed and were followed by another one. */
  readonly attempts: number
  /** Stands for the tag that it will move, as far as that is known beforehand: others that aim at it take turns. */
  readonly aim: string | undefined
  /** What the source's name meant when it was first resolved, or approved: no other digest is promoted by this execution. */
  readonly pinned: Digest | undefined
  readonly approval: Approval | undefined
  readonly failure: Failure | undefined
  readonly outcome: Outcome | undefined
}

/** Who called an execution off; undefined: nobody, a newer run did. */
export interface Cancellation {
  readonly by: PersonId | undefined
  readonly at: Date
  readonly comment: string | undefined
}

/** One run of a pipeline, frozen when it was asked for. Change it through `advance` alone. */
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
  /** Before this it does not run, unless somebody says so. */
  readonly delayUntil: Date | undefined
  /** What else it was asked for with: as in `Pipeline`. */
  readonly extras: JsonObject
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  readonly cancelled: Cancellation | undefined
  /** How often its worker was lost, or broke off, before it came to an end. */
  readonly recoveries: number
  /** What its variables were, and what was passed to it since. */
  readonly variables: readonly Binding[]
  readonly actions: readonly ActionExecution[]
}

/** Whether nothing will happen to it any more, short of a retry. */
export function isFinal(status: ExecutionStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'terminated' || status === 'skipped'
}

/** Whether a person is asked for something, and no worker has it. */
export function isWaiting(status: ExecutionStatus | ActionStatus): status is Waiting {
  return status === 'waiting-for-apply' || status === 'waiting-for-variables'
}

/** Whether it has a place among those that run or will without further ado. */
export function isReady(status: ExecutionStatus): boolean {
  return status === 'enqueued' || status === 'running' || status === 'terminating'
}

/** A worker's right to change an execution: the fencing number it was given. */
export interface Claim {
  readonly executionId: ExecutionId
  readonly fence: number
}

/** An execution that has been with somebody for too long. */
export interface Lapsed {
  readonly id: ExecutionId
  readonly priority: Priority
  /** Undefined: no worker ever took it from the queue. */
  readonly worker: string | undefined
}

/** What is needed to make an execution; the keeper counts the number and makes the ids. */
export interface ExecutionDraft {
  readonly pipeline: Pipeline
  readonly actions: readonly Pick<ActionExecution, 'action' | 'loop' | 'pinned'>[]
  readonly variables: readonly Binding[]
  readonly priority: Priority
  readonly comment: string | undefined
  readonly creatorId: PersonId
  readonly triggeredOn: Trigger
  readonly delayUntil: Date | undefined
  readonly extras: JsonObject
}

/** An action that has not ended, in a run that has not. */
export interface Underway {
  readonly pipelineId: PipelineId
  readonly actionId: ActionId
  /** The run's number in its pipeline, and its status. */
  readonly number: number
  readonly status: ExecutionStatus
}

/** What lists tell of an execution: nothing of what was frozen, which is large, and partly sealed. */
export type ExecutionSummary = Omit<
  Execution,
  'pipeline' | 'actions' | 'variables' | 'cancelled' | 'recoveries'
>

/** How a pipeline went last, and each of its actions in that. */
export interface LatestExecution extends Pick<Execution, 'number' | 'status'> {
  readonly actions: ReadonlyMap<ActionId, ActionExecution['status']>
}

/** Keeps executions. */
export interface Executions extends Watched {
  create(draft: ExecutionDraft, at: Date): Promise<Execution>
  find(pipelineId: PipelineId, number: number): Promise<Execution | undefined>
  findById(id: ExecutionId): Promise<Execution | undefined>
  /** Newest first. */
  list(pipelineId: PipelineId, page: Page<'number'>): Promise<Slice<ExecutionSummary>>
  /** The newest execution of each of these pipelines. */
  latest(pipelineIds: readonly PipelineId[]): Promise<ReadonlyMap<PipelineId, LatestExecution>>
  /** How the newest run before that number ended that succeeded or failed; undefined: there is none. */
  lastEnd(pipelineId: PipelineId, before?: number): Promise<'succeeded' | 'failed' | undefined>
  /** Those of a workspace that wait for an answer, the oldest first. */
  waiting(workspaceId: WorkspaceId, limit: number): Promise<readonly Execution[]>
  /**
   * Those of a pipeline that have not ended, the oldest first. To be asked within a transaction: until that ends nobody else is answered this, and
   * they stay as they are.
   */
  takeOpen(pipelineId: PipelineId): Promise<readonly ExecutionId[]>
  /** What a project's runs are at or have before them, the oldest run first. */
  underway(projectId: ProjectId): Promise<readonly Underway[]>
  /**
   * Reads, changes and writes under a row lock. With a claim, answers undefined and writes nothing when the claim is no longer the newest;
   * answers undefined too when the execution is gone.
   */
  change(
    id: ExecutionId,
    change: (execution: Execution) => Execution,
    claim?: Claim,
  ): Promise<Execution | undefined>
  /** Takes the right to run it, for so long unless it is renewed. Undefined when another worker has it, or it is gone. */
  claim(id: ExecutionId, worker: string, leaseMs: number): Promise<Claim | undefined>
  /** Whether the claim is still the newest; extends its lease. */
  holds(claim: Claim, leaseMs: number): Promise<boolean>
  /** Gives the right back, so that whoever is next need not wait for the lease to lapse. */
  release(claim: Claim, why: 'handed-back' | 'broken-off'): Promise<void>
  /**
   * Takes one from a worker, or a queue, that has had it for longer than was its right; each is one caller's. What it had may not be written
   * under any more, and whoever takes it is to put it into the queue again. Undefined: there is none.
   */
  takeLapsed(): Promise<Lapsed | undefined>
  /** Appends lines to an action execution's log. */
  appendLog(id: ActionExecutionId, lines: readonly string[]): Promise<void>
  /** Lines from `offset` (counted from 0), at most `limit`, and how many there are. */
  readLog(id: ActionExecutionId, offset: number, limit: number): Promise<Slice<string>>
}

/**
 * Who goes before whom: the runs of one pipeline, and the promotions to one tag, in the order in which their executions became ready. To be
 * asked within a transaction, and true until that ends. Nobody ever waits for one that became ready later, so there is always one that goes
 * on.
 */
export interface Turns {
  /** Whether it is this execution's turn in its pipeline. */
  inPipeline(execution: Execution): Promise<boolean>
  /** Whether it is this action's turn at the tag that it aims at. */
  atTag(execution: Execution, id: ActionExecutionId): Promise<boolean>
  /** Those that wait in the queue for what these executions have let go of. */
  behind(executions: readonly Execution[]): Promise<readonly Pick<Execution, 'id' | 'priority'>[]>
}
