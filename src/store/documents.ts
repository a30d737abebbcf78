import {
  type Action,
  type ActionDraft,
  type ActionExecution,
  type Approval,
  type Binding,
  type Cancellation,
  type ImageDefinition,
  type Json,
  type JsonObject,
  PIPELINE_DEFAULTS,
  type Pipeline,
  type PromotionDefinition,
  STEP_DEFAULTS,
} from '#model'
import { readEvents } from './schedules.ts'
import type { Seal } from './seal.ts'

// What rests as JSON in a column, and how it wakes up again: absent members are undefined, dates are dates, secrets are sealed.

type Placed = 'id' | 'pipelineId' | 'position'
type Content<T> = T extends Action ? Omit<T, Placed> : never
/** What of an action is written: all but its place among the others. */
type ActionDocument = Content<Action>

/** The JSON of an action's content, its secrets sealed to `place`. */
export function writeAction(action: ActionDraft | Action, seal: Seal, place: string): unknown {
  const { pipelineId: _, ...content } = action
  const { id: __, position: ___, ...document } = content as Partial<Action>
  return seal.sealTree(document, place)
}

/** The action's content as it was written. An unreadable secret shows when it is asked for. */
export function readAction(document: unknown, seal: Seal, place: string): ActionDocument {
  const read = seal.openTree(document as JsonObject, place) as ActionDocument
  const step = { ...STEP_DEFAULTS, ...read, timeoutMs: read.timeoutMs }
  if (step.type === 'promote-image') return { ...step, promotion: readPromotion(step.promotion) }
  if (step.type === 'run-next-pipeline') {
    const { project, pipeline, comment, priority } = step.next
    return { ...step, next: { project, pipeline, comment, priority } }
  }
  const { comment, approvers, byAnother } = step.question
  return { ...step, question: { comment, approvers, byAnother } }
}

function readPromotion(promotion: PromotionDefinition): PromotionDefinition {
  const { sameLocation, copyReferrers, platforms = [], source, target } = promotion
  return { sameLocation, copyReferrers, platforms, source: readImage(source), target: readImage(target) }
}

function readImage(image: ImageDefinition): ImageDefinition {
  const { kind, registry, tag, integration, region, username, password, createRepository } = image
  return {
    ...{ kind, image: image.image, registry, tag, integration, region, username, password },
    createRepository,
  }
}

/** The whole action within an execution's snapshot: where it stood is kept too, and what its loop's variables are. */
export function writeFrozenAction(
  { action, loop }: Pick<ActionExecution, 'action' | 'loop'>,
  seal: Seal,
  place: string,
): unknown {
  const { id, pipelineId, position } = action
  const content = writeAction(action, seal, place)
  return { id, pipelineId, position, content, loop: writeBindings(loop, seal, `${place}/loop`) }
}

export function readFrozenAction(
  document: unknown,
  seal: Seal,
  place: string,
): Pick<ActionExecution, 'action' | 'loop'> {
  const { id, pipelineId, position, content, loop } = document as Pick<Action, Placed> & {
    content: unknown
    loop?: unknown
  }
  return {
    action: { ...readAction(content, seal, place), id, pipelineId, position } as Action,
    loop: readBindings(loop ?? [], seal, `${place}/loop`),
  }
}

/** What {@link writeFrozenAction} wrote, sealed anew. */
export function resealFrozenAction(document: Json, seal: Seal, place: string): Json {
  const { content = null, loop = [], ...stood } = document as JsonObject
  return {
    ...stood,
    content: seal.resealTree(content, place),
    loop: seal.resealTree(loop, `${place}/loop`),
  }
}

/** Each value sealed, whether it is secret or not: what a person passed to a run may be. */
export function writeBindings(bindings: readonly Binding[], seal: Seal, place: string): unknown {
  return seal.sealTree(bindings, place)
}

export function readBindings(document: unknown, seal: Seal, place: string): readonly Binding[] {
  const bindings = seal.openTree(document as JsonObject, place) as readonly Binding[]
  return bindings.map((binding) => ({ ...binding, actionId: binding.actionId }))
}

/** What an action asks, as it was written: its dates are dates again. */
export function readApproval(document: unknown): Approval | undefined {
  if (document === null || document === undefined) return undefined
  const { question, plan, until, answer } = document as Approval
  return {
    question,
    plan: plan.map((item) => ({ ...NOTHING_PLANNED, ...item })),
    until: until && new Date(until),
    answer: answer && { by: answer.by, at: new Date(answer.at), comment: answer.comment },
  }
}

const NOTHING_PLANNED = {
  id: undefined,
  source: undefined,
  target: undefined,
  digest: undefined,
  previous: undefined,
  failure: undefined,
}

export function readCancellation(document: unknown): Cancellation | undefined {
  if (document === null || document === undefined) return undefined
  const { by, at, comment } = document as Cancellation
  return { by, at: new Date(at), comment }
}

export function readFrozenPipeline(document: unknown): Pipeline {
  const pipeline = document as Pipeline & { createdAt: string }
  const { disabledReason, permissions, creatorId, createdAt } = pipeline
  return {
    ...PIPELINE_DEFAULTS,
    ...pipeline,
    events: readEvents(pipeline.events ?? []),
    ...{ disabledReason, permissions, creatorId },
    createdAt: new Date(createdAt),
  }
}
