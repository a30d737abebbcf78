import { ANYBODY, type Question } from './approval.ts'
import type { Condition } from './condition.ts'
import type { JsonObject } from './json.ts'
import type { PipelineId, Priority } from './pipeline.ts'
import type { Secret } from './secret.ts'
import type { ProjectId } from './workspace.ts'

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

/** Whether the next action waits for this one, or runs at the same time. Here there is always room for both, so the two ways are one. */
export type RunNext = 'wait' | 'in-soft-parallel' | 'in-hard-parallel'

/** What every step of a pipeline has. `position` counts from 0. `extras`: as in `Pipeline`. */
interface Step {
  readonly id: ActionId
  readonly pipelineId: PipelineId
  readonly name: string
  readonly position: number
  readonly triggerTime: TriggerTime
  readonly conditions: readonly Condition[]
  readonly runNext: RunNext
  readonly disabled: boolean
  /** A failure is shown, and the run goes on as if there had been none. */
  readonly ignoreErrors: boolean
  /** After a failure only if the run before did not fail. */
  readonly onlyFirstFailure: boolean
  /** How long each try may take, or how long is waited for an answer. */
  readonly timeoutMs: number | undefined
  readonly retries: { readonly count: number; readonly intervalMs: number }
  /** Variables, each a list with commas: the action runs once for each combination of their values. */
  readonly loop: readonly string[]
  readonly extras: JsonObject
}

/** Promotes an image. */
export interface PromoteImage extends Step {
  readonly type: 'promote-image'
  readonly promotion: PromotionDefinition
}

/** Waits until somebody says yes, or for the values of the action's own variables. */
export interface WaitFor extends Step {
  readonly type: 'wait-for-apply' | 'wait-for-variables'
  readonly question: Question
}

/** Runs another pipeline. */
export interface RunNextPipeline extends Step {
  readonly type: 'run-next-pipeline'
  readonly next: NextPipeline
}

/** Which pipeline is run next, and how. */
export interface NextPipeline {
  readonly project: string
  /** By its identifier or, where that is none, its name. */
  readonly pipeline: string
  readonly comment: string | undefined
  readonly priority: Priority | undefined
}

/** One step of a pipeline. */
export type Action = PromoteImage | WaitFor | RunNextPipeline

type Draft<T> = T extends Action ? Omit<T, 'id' | 'position'> : never
/** An action to be made. */
export type ActionDraft = Draft<Action>

/** What is so of a step of which nothing else was said. */
export const STEP_DEFAULTS = {
  triggerTime: 'on-every-execution',
  conditions: [],
  runNext: 'wait',
  disabled: false,
  ignoreErrors: false,
  onlyFirstFailure: false,
  timeoutMs: undefined,
  retries: { count: 0, intervalMs: 0 },
  loop: [],
  extras: {},
} as const satisfies Partial<Step>

/** A question of which nothing was said. */
export const QUESTION_DEFAULTS: Question = { comment: undefined, approvers: ANYBODY, byAnother: false }

/** Keeps actions, in their order. */
export interface Actions {
  /** All of a pipeline's actions, by position. */
  list(pipelineId: PipelineId): Promise<readonly Action[]>
  /** Those of all pipelines of a project, each pipeline's by position. */
  listIn(projectId: ProjectId): Promise<readonly Action[]>
  find(pipelineId: PipelineId, id: ActionId): Promise<Action | undefined>
  /** For what refers to an action by its number alone. */
  findById(id: ActionId): Promise<Action | undefined>
  /** Inserts behind `after` (`'first'`: before all; undefined: at the end). Throws INVALID (field `after_action_id`) for an action of another pipeline. */
  create(draft: ActionDraft, after?: ActionId | 'first'): Promise<Action>
  /** Saves everything but the position; moves it when `after` is given. */
  save(action: Action, after?: ActionId | 'first'): Promise<Action>
  remove(id: ActionId): Promise<void>
}
