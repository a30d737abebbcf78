import type { PersonId } from './access.ts'
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
 * A row of actions that run in order.
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
  readonly createdAt: Date
  readonly extras: JsonObject
}

/** What is needed to make one. */
export type PipelineDraft = Omit<Pipeline, 'id' | 'createdAt' | 'events' | 'permissions' | 'creatorId'> &
  Partial<Pick<Pipeline, 'events' | 'permissions' | 'creatorId'>>

/** Keeps pipelines. `create` and `save` throw `ModelError` CONFLICT (field `identifier`) when the identifier is taken in the project. */
export interface Pipelines {
  list(projectId: ProjectId, page: Page<'id' | 'name'>): Promise<Slice<Pipeline>>
  find(projectId: ProjectId, id: PipelineId): Promise<Pipeline | undefined>
  /** For what refers to a pipeline by its number alone. */
  findById(id: PipelineId): Promise<Pipeline | undefined>
  create(draft: PipelineDraft): Promise<Pipeline>
  save(pipeline: Pipeline): Promise<Pipeline>
  /** Removes the pipeline with its actions and executions. */
  remove(id: PipelineId): Promise<void>
}
