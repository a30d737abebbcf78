import type { Static } from 'typebox'
import { draftPromotion, settlePromotion } from '#engine'
import {
  type Action,
  type ActionDraft,
  type Binding,
  type JsonObject,
  type NextPipeline,
  type Pipeline,
  type PromoteImage,
  type PromotionDefinition,
  QUESTION_DEFAULTS,
  STEP_DEFAULTS,
} from '#model'
import { invalid } from '../errors.ts'
import type { Finder } from '../finder.ts'
import { ACTION_EXTRAS, ACTION_TYPES, type ActionBody, type ActionPatch } from './action-schema.ts'
import { decodeConditions, encodeConditions } from './condition.ts'
import { checkPassword, decodeImage, encodeImage, withPassword } from './image.ts'
import { decodeQuestion, encodeQuestion } from './question.ts'
import { extrasOf } from './schema.ts'
import { type Spelling, spellImages, spellingOf } from './spelling.ts'
import { encodeBinding } from './variable.ts'
import { encodeWord, PRIORITIES, RUN_NEXT, TRIGGER_TIMES } from './words.ts'

type Body = Static<typeof ActionPatch> & { readonly [name: string]: unknown }

export async function decodeAction(
  body: Static<typeof ActionBody> & Body,
  pipeline: Pipeline,
  finder: Finder,
): Promise<ActionDraft> {
  const step = { ...decodeStep(body, STEP_DEFAULTS), pipelineId: pipeline.id, name: body.name }
  const type = ACTION_TYPES[body.type]
  switch (type) {
    case 'promote-image':
      return { ...step, type, promotion: await decodePromotion(body, finder), extras: spelled(step, body) }
    case 'run-next-pipeline':
      return { ...step, type, next: await decodeNext(body, undefined, pipeline, finder) }
    default:
      return { ...step, type, question: await decodeQuestion(body, QUESTION_DEFAULTS, finder) }
  }
}

/** What is not sent stays. `src` and `dest` are replaced as wholes; a password stays only for the same user at the same registry. */
export async function decodeActionPatch(
  body: Body,
  before: Action,
  pipeline: Pipeline,
  finder: Finder,
): Promise<Action> {
  if (body.type !== undefined && ACTION_TYPES[body.type] !== before.type)
    throw invalid('type', 'is for ever: make another action')
  const step = { ...decodeStep(body, before), name: body.name ?? before.name }
  switch (before.type) {
    case 'promote-image':
      return {
        ...before,
        ...step,
        promotion: await decodePromotionPatch(body, before, finder),
        extras: spelled(step, body),
      }
    case 'run-next-pipeline':
      return { ...before, ...step, next: await decodeNext(body, before.next, pipeline, finder) }
    default:
      return { ...before, ...step, question: await decodeQuestion(body, before.question, finder) }
  }
}

/** The action after which it is to stand; undefined: where it would stand anyway. */
export function decodePosition(body: Body): Action['id'] | 'first' | undefined {
  const { after_action_id: after } = body
  return after === 0 ? 'first' : (after as Action['id'] | undefined)
}

/** `variables`: those of the action's own scope. */
export function encodeAction(action: Action, variables: readonly object[]) {
  const { name, type, disabled, ignoreErrors, onlyFirstFailure, timeoutMs, retries, loop } = action
  const { spelling: _, ...extras } = action.extras
  return {
    name,
    type: encodeWord(ACTION_TYPES, type),
    trigger_time: encodeWord(TRIGGER_TIMES, action.triggerTime),
    trigger_conditions: encodeConditions(action.conditions),
    run_next: encodeWord(RUN_NEXT, action.runNext),
    run_only_on_first_failure: onlyFirstFailure,
    disabled,
    ignore_errors: ignoreErrors,
    timeout: timeoutMs === undefined ? null : timeoutMs / 1000,
    retry_count: retries.count || null,
    retry_interval: retries.intervalMs / 1000 || null,
    loop,
    variables,
    current_revision: null,
    ...encodeWork(action),
    ...extras,
  }
}

/** The action of an execution, with the variables that it had in it. */
export function encodeRanAction(action: Action, variables: readonly Binding[]) {
  const own = variables.filter(({ scope, actionId }) => scope === 'action' && actionId === action.id)
  return encodeAction(action, own.map(encodeBinding))
}

function encodeWork(action: Action) {
  switch (action.type) {
    case 'promote-image': {
      const { sameLocation, copyReferrers, platforms, source, target } = action.promotion
      return {
        same_location: sameLocation,
        copy_referrers: copyReferrers ?? null,
        platforms,
        src: encodeImage(source),
        dest: encodeImage(target),
      }
    }
    case 'run-next-pipeline': {
      const { project, pipeline, comment, priority } = action.next
      return {
        next_project_name: project,
        next_pipeline_name: pipeline,
        comment: comment ?? null,
        priority: priority?.toUpperCase() ?? null,
      }
    }
    default:
      return encodeQuestion(action.question)
  }
}

/** What kind of action a body is about. */
export function typeOf({ type }: Pick<Static<typeof ActionBody>, 'type'>): Action['type'] {
  return ACTION_TYPES[type]
}

/** The action with nothing said of it but what it cannot do without. */
export function blankAction(action: Action): Action {
  switch (action.type) {
    case 'promote-image':
      return {
        ...action,
        ...STEP_DEFAULTS,
        promotion: { ...action.promotion, copyReferrers: undefined, platforms: [] },
      }
    case 'run-next-pipeline':
      return {
        ...action,
        ...STEP_DEFAULTS,
        next: { ...action.next, comment: undefined, priority: undefined },
      }
    default:
      return { ...action, ...STEP_DEFAULTS, question: QUESTION_DEFAULTS }
  }
}

/** How the images of an action were said to be. */
export function spelledImages(action: PromoteImage) {
  return spellImages(action, action.extras.spelling as Spelling | undefined)
}

function spelled({ extras }: Common, body: Body): JsonObject {
  return { ...extras, spelling: spellingOf(body, extras.spelling as Spelling | undefined) as JsonObject }
}

type Common = Omit<PromoteImage, 'id' | 'position' | 'pipelineId' | 'name' | 'type' | 'promotion'>

function decodeStep(body: Body, before: Common): Common {
  const { retry_count: count, retry_interval: interval, timeout } = body
  const triggerTime = body.trigger_time === undefined ? before.triggerTime : TRIGGER_TIMES[body.trigger_time]
  if (body.run_only_on_first_failure && triggerTime !== 'on-failure')
    throw invalid('run_only_on_first_failure', 'is for ON_FAILURE')
  return {
    triggerTime,
    conditions:
      body.trigger_conditions === undefined ? before.conditions : decodeConditions(body.trigger_conditions),
    runNext: body.run_next === undefined ? before.runNext : RUN_NEXT[body.run_next],
    disabled: body.disabled ?? before.disabled,
    ignoreErrors: body.ignore_errors ?? before.ignoreErrors,
    onlyFirstFailure:
      triggerTime === 'on-failure' && (body.run_only_on_first_failure ?? before.onlyFirstFailure),
    timeoutMs: timeout === undefined ? before.timeoutMs : timeout === 0 ? undefined : timeout * 1000,
    retries: {
      count: count ?? before.retries.count,
      intervalMs: interval === undefined ? before.retries.intervalMs : interval * 1000,
    },
    loop: body.loop ?? before.loop,
    extras: { ...before.extras, ...extrasOf(ACTION_EXTRAS, body) },
  }
}

async function decodePromotion(
  { src, dest, same_location, copy_referrers, platforms }: Body,
  finder: Finder,
): Promise<PromotionDefinition> {
  if (src === undefined) throw invalid('src', 'is missing')
  if (dest === undefined) throw invalid('dest', 'is missing')
  return settlePromotion({
    sameLocation: same_location,
    copyReferrers: copy_referrers,
    platforms,
    source: await decodeImage(src, 'src', finder),
    target: await decodeImage(dest, 'dest', finder),
  })
}

async function decodePromotionPatch(
  { src, dest, same_location, copy_referrers, platforms }: Body,
  before: PromoteImage,
  finder: Finder,
): Promise<PromotionDefinition> {
  const drafted = draftPromotion(before.promotion)
  const { source, target } = before.promotion
  const promotion = settlePromotion({
    sameLocation: same_location ?? (dest === undefined ? drafted.sameLocation : undefined),
    copyReferrers: copy_referrers ?? drafted.copyReferrers,
    platforms: platforms ?? drafted.platforms,
    source: src === undefined ? drafted.source : withPassword(await decodeImage(src, 'src', finder), source),
    target:
      dest === undefined ? drafted.target : withPassword(await decodeImage(dest, 'dest', finder), target),
  })
  checkPassword(promotion.source, source, 'src')
  checkPassword(promotion.target, target, 'dest')
  return promotion
}

/** By number, or by the names of project and pipeline; without a project it is in the same one. */
async function decodeNext(
  body: Body,
  before: NextPipeline | undefined,
  own: Pipeline,
  finder: Finder,
): Promise<NextPipeline> {
  const { next_pipeline_id: id, next_pipeline_name: name, next_project_name: project } = body
  if (id === own.id) throw invalid('next_pipeline_id', 'is the pipeline itself')
  if (body.wait) throw invalid('wait', 'cannot be true: the other run is not waited for')
  const named = id === undefined ? undefined : await finder.pipeline(id, 'next_pipeline_id')
  const pipeline = named?.pipeline ?? name ?? before?.pipeline
  if (pipeline === undefined) throw invalid('next_pipeline_name', 'is missing, and so is next_pipeline_id')
  return {
    project: named?.project ?? project ?? before?.project ?? '',
    pipeline,
    comment: body.comment ?? before?.comment,
    priority: body.priority === undefined ? before?.priority : PRIORITIES[body.priority],
  }
}
