import type { PersonId } from './access.ts'
import type { Condition } from './condition.ts'
import type { PipelineEvent } from './event.ts'
import type { Grants } from './grants.ts'
import type { JsonObject } from './json.ts'
import type { Page, Slice } from './page.ts'
import type { ProjectId } from './workspace.ts'

/** A pipeline's number. */
export type PipelineId = number & { readonly pipeline: unique symbol }

/** How urgent an execution is among those that wait. */
export type Priority = 'low' | 'normal' | 'high'

/**
 * A row of actions that run in order. Its runs take turns, in the order in which they were accepted, unless `concurrent`.
 * `extras` keeps what a client sent for Buddy's fields that have no effect here; they are stored and given back, never read.
 */
export interface Pipeline {
  readonly id: PipelineId
  readonly projectId: ProjectId
  readonly name: string
  readonly identifier: string
  readonly priority: Priority
  readonly disabled: boolean
  readonly disabledReason: string | undefined
  /** What starts it beside people. */
  readonly events: readonly PipelineEvent[]
  /** Who may do how much with it; undefined: all what their permission set says. */
  readonly permissions: Grants | undefined
  readonly creatorId: PersonId | undefined
  /** Starts nobody's runs but those that a person asks for. */
  readonly paused: boolean
  readonly concurrent: boolean
  /** A new run calls off the older ones that have not ended. */
  readonly terminateStale: boolean
  /** After so many failed runs in a row it pauses. */
  readonly pauseAfterFailures: number
  readonly conditions: readonly Condition[]
  /** Variables, each a list with commas: there is one run for each combination of their values. */
  readonly loop: readonly string[]
  readonly createdAt: Date
  readonly extras: JsonObject
}

/** What is needed to make one. */
export type PipelineDraft = Omit<Pipeline, 'id' | 'createdAt' | 'events' | 'permissions' | 'creatorId'> &
  Partial<Pick<Pipeline, 'events' | 'permissions' | 'creatorId'>>

/** What is so of a pipeline of which nothing else was said. */
export const PIPELINE_DEFAULTS = {
  priority: 'normal',
  disabled: false,
  disabledReason: undefined,
  paused: false,
  concurrent: false,
  terminateStale: false,
  pauseAfterFailures: 100,
  conditions: [],
  loop: [],
  extras: {},
} as const satisfies Partial<Pipeline>

/** Keeps pipelines. `create` and `save` throw `ModelError` CONFLICT (field `identifier`) when the identifier is taken in the project. */
export interface Pipelines {
  list(projectId: ProjectId, page: Page<'id' | 'name'>): Promise<Slice<Pipeline>>
  find(projectId: ProjectId, id: PipelineId): Promise<Pipeline | undefined>
  /** For what refers to a pipeline by its number alone. */
  findById(id: PipelineId): Promise<Pipeline | undefined>
  /** By its identifier, else by its name, the oldest of those that share it. */
  findNamed(projectId: ProjectId, name: string): Promise<Pipeline | undefined>
  create(draft: PipelineDraft): Promise<Pipeline>
  /** What is no longer paused has no failures behind it. */
  save(pipeline: Pipeline): Promise<Pipeline>
  /** Counts a run that ended, in the transaction of that: enough failures in a row pause the pipeline. */
  countEnd(id: PipelineId, failed: boolean): Promise<void>
  /** Removes the pipeline with its actions and executions. */
  remove(id: PipelineId): Promise<void>
}
