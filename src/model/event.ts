import type { JsonObject } from './json.ts'

/** When a schedule is due. A cron expression without a time zone is read in UTC. */
export type Schedule =
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string | undefined }
  | { readonly kind: 'interval'; readonly startAt: Date; readonly everyMs: number }

/**
 * What starts runs of a pipeline beside people. `webhook` and `image-pushed` are told by a URL that has the pipeline's key in it; `inert` are
 * those of Buddy's that cannot happen here. `extras`: as in `Pipeline`.
 */
export type PipelineEvent = { readonly extras: JsonObject } & (
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  /** `totp`: a one-time password is asked for too. */
  | { readonly kind: 'webhook'; readonly totp: boolean }
  | ({ readonly kind: 'image-pushed' } & PushPattern)
  | { readonly kind: 'inert'; readonly type: string }
)

/** Which pushes are meant: patterns of repositories with their registries, and of tags; no tags: all. */
export interface PushPattern {
  readonly images: readonly string[]
  readonly tags: readonly string[]
  /** The sender has to show the key's secret, or sign with it. */
  readonly signed: boolean
}
