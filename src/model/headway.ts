import type { Digest } from '#oci'
import type { ActionExecutionId, ExecutionId } from './execution.ts'

/** One move of a promotion, and how far it is. */
export interface MoveHeadway {
  readonly kind: 'mount' | 'copy' | 'put' | 'attach' | 'list' | 'tag'
  /** Of the blob or the manifest, or of that whose referrers are listed. */
  readonly digest: Digest
  readonly size: number
  readonly tag: string | undefined
  /** Bytes that have left for the target. */
  readonly sent: number
  /** What became of it; undefined until it is done. */
  readonly as: 'mounted' | 'copied' | 'present' | 'put' | 'tagged' | undefined
}

/** How far a promotion is. Bytes are of blobs. A long plan shows its first moves alone. */
export interface Headway {
  readonly bytes: { readonly sent: number; readonly total: number }
  readonly done: number
  readonly total: number
  readonly moves: readonly MoveHeadway[]
}

/** A line of a log and its place, counted from 0. */
export interface LogLine {
  readonly id: ActionExecutionId
  readonly line: number
  readonly text: string
}

/** What those who watch an execution are shown beside its state. */
export interface Watched {
  /** Puts down how far an action execution is, in place of what was there. */
  track(id: ActionExecutionId, headway: Headway): Promise<void>
  /** How far the action executions of an execution are, as far as that was put down. */
  headways(id: ExecutionId): Promise<ReadonlyMap<ActionExecutionId, Headway>>
  /** The lines of each log from a line on, in order, `limit` of them together at most. */
  linesFrom(places: readonly Pick<LogLine, 'id' | 'line'>[], limit: number): Promise<readonly LogLine[]>
}
