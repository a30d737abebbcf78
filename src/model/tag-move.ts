import type { Digest } from '#oci'
import type { PersonId } from './access.ts'
import type { ActionId } from './action.ts'
import type { ActionExecutionId } from './execution.ts'
import type { Page, Slice } from './page.ts'
import type { PipelineId } from './pipeline.ts'
import type { ProjectId } from './workspace.ts'

/** A tag that a promotion set, and to what: written with the promotion's success, and never changed. */
export interface TagMove {
  readonly id: number
  readonly projectId: ProjectId
  readonly pipelineId: PipelineId
  readonly actionId: ActionId
  readonly actionExecutionId: ActionExecutionId
  /** The execution's number in its pipeline. */
  readonly number: number
  /** What was promoted, and to where, as references in full. */
  readonly source: string
  readonly target: string
  /** `registry/repository:tag`: one place, whoever names it. */
  readonly place: string
  readonly tag: string
  readonly digest: Digest
  /** What the tag named before; undefined when there was none. */
  readonly previous: Digest | undefined
  readonly personId: PersonId
  readonly at: Date
}

/** A move as the history tells it. */
export interface PastMove extends TagMove {
  /** Whether what the tag named before is not what was recorded before: another tool had moved it in between. */
  readonly outside: boolean
}

/** What of the history is wanted; what is not given is not asked for. */
export interface TagMoveFilter {
  readonly place?: string
  readonly tag?: string
  /** The tag was moved to it, or away from it; the first characters of one are enough. */
  readonly digest?: string
  /** A part of the source's or the target's name. */
  readonly image?: string
  readonly personId?: PersonId
  readonly actionId?: ActionId
  readonly pipelineIds?: readonly PipelineId[]
}

/** Reads the history of tags. It is written where executions are kept. */
export interface TagMoves {
  /** Newest first. */
  list(projectId: ProjectId, filter: TagMoveFilter, page: Page<'at'>): Promise<Slice<PastMove>>
  /** The newest move of each tag of a project, by its place. */
  latest(projectId: ProjectId): Promise<ReadonlyMap<string, TagMove>>
}

/** What a registry said of a tag when it was last looked at. */
export interface TagSighting {
  readonly place: string
  /** Undefined: there is no such tag, or it could not be found out. */
  readonly digest: Digest | undefined
  /** The code of the error, where it could not be found out. */
  readonly failure: string | undefined
  readonly at: Date
}

/** Keeps what was last seen of the tags of projects, and whose turn it is to look. */
export interface TagSightings {
  of(projectId: ProjectId): Promise<ReadonlyMap<string, TagSighting>>
  /** Writes what was seen now in place of all that was seen before. */
  replace(projectId: ProjectId, sightings: readonly TagSighting[]): Promise<void>
  /** The project that was looked at longest ago, and before `since`; it is the caller's now, and no other process's. */
  takeDue(since: Date, now: Date): Promise<ProjectId | undefined>
  /** Has the project looked at next. */
  ask(projectId: ProjectId): Promise<void>
  /** When the project was last taken to be looked at. */
  lookedAt(projectId: ProjectId): Promise<Date | undefined>
}
