import type { Schedule } from './event.ts'
import type { PipelineId } from './pipeline.ts'

/** A pipeline's schedule that is due, or of which it is not known yet when it is. */
export interface DueSchedule {
  readonly pipelineId: PipelineId
  /** Its place among the pipeline's events. */
  readonly position: number
  readonly schedule: Schedule
  /** Since when it holds. */
  readonly since: Date
  /** Undefined: it was never looked at. */
  readonly dueAt: Date | undefined
}

/** Keeps when pipelines are to start by themselves. A pipeline that is saved brings its schedules with it. */
export interface Schedules {
  /** The first that is due, locked until the transaction ends: to all others it is not there meanwhile. */
  takeDue(now: Date): Promise<DueSchedule | undefined>
  /** Says when it is due next; undefined: never. Nothing happens when somebody else said so meanwhile. */
  advance(schedule: DueSchedule, dueAt: Date | undefined): Promise<void>
}
