import type { PipelineId } from './pipeline.ts'
import type { Secret } from './secret.ts'

/** What the URLs that start a pipeline are protected by. */
export interface TriggerKey {
  /** Stands in the URL. Only its hash is kept. */
  readonly token: Secret
  /** Base32: makes the one-time passwords. */
  readonly totp: Secret
  /** Shown, or signed with, by registries. */
  readonly secret: Secret
}

/** Keeps one key for each pipeline that has one, its secrets sealed, and what was told under it before. */
export interface TriggerKeys {
  /** Replaces the key that there was. */
  save(pipelineId: PipelineId, key: TriggerKey): Promise<void>
  remove(pipelineId: PipelineId): Promise<void>
  /** What belongs to the token; undefined when it is not the pipeline's. */
  find(pipelineId: PipelineId, token: Secret): Promise<Omit<TriggerKey, 'token'> | undefined>
  /** Counts a try at the one-time password of this step, and answers how many there were in it. */
  countTry(pipelineId: PipelineId, step: number): Promise<number>
  /** Uses the password of a step up, and all before it. False: it was used up already. */
  spend(pipelineId: PipelineId, step: number): Promise<boolean>
  /** Notes what was told. False: it was told before, within the last week. */
  hear(pipelineId: PipelineId, notice: string): Promise<boolean>
}
