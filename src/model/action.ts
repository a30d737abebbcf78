import type { JsonObject } from './json.ts'
import type { PipelineId } from './pipeline.ts'
import type { Secret } from './secret.ts'

/** An action's number. */
export type ActionId = number & { readonly action: unique symbol }

/** The kinds of registry that an image can be in. */
export type RegistryKind =
  | 'docker-hub'
  | 'amazon-ecr'
  | 'google-artifact-registry'
  | 'google-gcr'
  | 'github'
  | 'digital-ocean'
  | 'artifact-registry'
  | 'other'
  | 'none'

/** When an action runs, given how the ones before it went. */
export type TriggerTime =
  | 'on-every-execution'
  | 'on-success'
  | 'on-failure'
  | 'on-back-to-success'
  | 'on-warning'
  | 'on-wait-for-approve'
  | 'on-terminate'

/**
 * Where an image is, in the words in which it was given: `image` may carry a host, a tag or a digest, and `tag` may stand apart.
 * The engine's `locate` turns it into one reference.
 */
export interface ImageDefinition {
  readonly kind: RegistryKind
  readonly image: string
  readonly registry: string | undefined
  readonly tag: string | undefined
  /** The identifier of the integration whose credentials are used. */
  readonly integration: string | undefined
  readonly region: string | undefined
  readonly username: string | undefined
  readonly password: Secret | undefined
  /** Of a target at ECR: whether its repository is made when it is missing. */
  readonly createRepository?: boolean | undefined
}

/** What a promoting action promotes, and to where. */
export interface PromotionDefinition {
  /** True: the same registry and repository, so that only a tag moves. */
  readonly sameLocation: boolean
  /**
   * Whether what belongs to the image comes along: signatures, SBOMs, attestations. True: it is looked for each time. Undefined: it comes
   * along when the image is copied.
   */
  readonly copyReferrers: boolean | undefined
  /** Of an index, what is for these alone, as `linux/arm64`; empty: all of it. */
  readonly platforms: readonly string[]
  readonly source: ImageDefinition
  readonly target: ImageDefinition
}

/** One step of a pipeline. `position` counts from 0. `extras`: as in `Pipeline`. */
export interface Action {
  readonly id: ActionId
  readonly pipelineId: PipelineId
  readonly name: string
  readonly type: 'promote-image'
  readonly position: number
  readonly triggerTime: TriggerTime
  readonly disabled: boolean
  readonly ignoreErrors: boolean
  readonly promotion: PromotionDefinition
  readonly extras: JsonObject
}

/** Keeps actions, in their order. */
export interface Actions {
  /** All of a pipeline's actions, by position. */
  list(pipelineId: PipelineId): Promise<readonly Action[]>
  find(pipelineId: PipelineId, id: ActionId): Promise<Action | undefined>
  /** Inserts behind `after` (`'first'`: before all; undefined: at the end). Throws INVALID (field `after_action_id`) for an action of another pipeline. */
  create(draft: Omit<Action, 'id' | 'position'>, after?: ActionId | 'first'): Promise<Action>
  /** Saves everything but the position; moves it when `after` is given. */
  save(action: Action, after?: ActionId | 'first'): Promise<Action>
  remove(id: ActionId): Promise<void>
}
