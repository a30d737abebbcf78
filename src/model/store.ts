import type { Places } from './access.ts'
import type { Actions } from './action.ts'
import type { ExecutionId, Executions, Turns } from './execution.ts'
import type { Groups } from './group.ts'
import type { Integrations } from './integration.ts'
import type { Members, People } from './member.ts'
import type { PermissionSets } from './permission-set.ts'
import type { Pipelines, Priority } from './pipeline.ts'
import type { Schedules } from './schedule.ts'
import type { Sessions } from './session.ts'
import type { TagMoves, TagSightings } from './tag-move.ts'
import type { Teams } from './team.ts'
import type { Tokens } from './token.ts'
import type { TriggerKeys } from './trigger-key.ts'
import type { Variables } from './variable.ts'
import type { Webhooks } from './webhook.ts'
import type { Projects, Workspaces } from './workspace.ts'

/** All the keepers together. */
export interface Store {
  readonly workspaces: Workspaces
  readonly projects: Projects
  readonly pipelines: Pipelines
  readonly actions: Actions
  readonly integrations: Integrations
  readonly executions: Executions
  readonly turns: Turns
  readonly variables: Variables
  readonly tokens: Tokens
  readonly webhooks: Webhooks
  readonly schedules: Schedules
  readonly triggerKeys: TriggerKeys
  readonly sessions: Sessions
  readonly people: People
  readonly members: Members
  readonly groups: Groups
  readonly permissionSets: PermissionSets
  readonly teams: Teams
  readonly places: Places
  readonly tagMoves: TagMoves
  readonly tagSightings: TagSightings
  readonly queue: Queue
  /** Runs `work` against a store whose every write happens together or not at all, the queue's included. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  /**
   * Does `work`, and all that it leads to, as one attempt: once something of it was written, a failure of the database is UNCERTAIN whatever it
   * was asked for, since to attempt the same again might do it twice.
   */
  attempt<T>(work: () => T): T
}

/** The work that waits. A job carries the execution's id and nothing else. */
export interface Queue {
  /** In the transaction of the store it belongs to. */
  enqueue(id: ExecutionId, options?: { readonly priority?: Priority }): Promise<void>
  /** Has a worker look after the execution at that time. In the transaction of the store it belongs to. */
  remind(id: ExecutionId, at: Date): Promise<void>
}

/** The side of a queue where work is taken. */
export interface Work<Id = ExecutionId> {
  /**
   * Hands over each job, at most `concurrency` at once, until {@link Work.stop}. A job whose `run` ends well is done;
   * one whose `run` throws is handed over again. What becomes of one whose process dies is for whoever keeps what it was about to find out.
   */
  start(
    run: (id: Id, signal: AbortSignal) => Promise<void>,
    options: { readonly concurrency: number },
  ): Promise<void>
  /** Takes no new job, waits up to `graceMs` for those that run, then aborts their signals and hands them back. */
  stop(graceMs: number): Promise<void>
}

/** Tells when an execution was changed, by whomever and in whatever process. */
export interface Changes {
  /** Calls the listener with the id of each execution after it was changed, until the function that is returned is called. */
  subscribe(listener: (id: ExecutionId) => void): () => void
  /** Calls `wake` after anything about this execution was written, its logs and its headway too, until the function that is returned is called. */
  watch(id: ExecutionId, wake: () => void): () => void
}
