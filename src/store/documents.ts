import type { Action, ImageDefinition, JsonObject, Pipeline, PromotionDefinition } from '#model'
import { readEvents } from './schedules.ts'
import type { Seal } from './seal.ts'

// What rests as JSON in a column, and how it wakes up again: absent members are undefined, dates are dates, secrets are sealed.

/** What of an action is written: all but its place among the others. */
type ActionDocument = Omit<Action, 'id' | 'pipelineId' | 'position'>

/** The JSON of an action's content, its secrets sealed to `place`. */
export function writeAction(action: ActionDocument, seal: Seal, place: string): unknown {
  const { name, type, triggerTime, disabled, ignoreErrors, promotion, extras } = action
  return seal.sealTree({ name, type, triggerTime, disabled, ignoreErrors, promotion, extras }, place)
}

/** The action's content as it was written. An unreadable secret shows when it is asked for. */
export function readAction(document: unknown, seal: Seal, place: string): ActionDocument {
  const { name, type, triggerTime, disabled, ignoreErrors, promotion, extras } = seal.openTree(
    document as JsonObject,
    place,
  ) as ActionDocument
  return { name, type, triggerTime, disabled, ignoreErrors, promotion: readPromotion(promotion), extras }
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

/** The whole action within an execution's snapshot: where it stood is kept too. */
export function writeFrozenAction(action: Action, seal: Seal, place: string): unknown {
  const { id, pipelineId, position } = action
  return { id, pipelineId, position, content: writeAction(action, seal, place) }
}

export function readFrozenAction(document: unknown, seal: Seal, place: string): Action {
  const { id, pipelineId, position, content } = document as Pick<Action, 'id' | 'pipelineId' | 'position'> & {
    content: unknown
  }
  return { ...readAction(content, seal, place), id, pipelineId, position }
}

export function readFrozenPipeline(document: unknown): Pipeline {
  const pipeline = document as Pipeline & { createdAt: string }
  const { disabledReason, permissions, creatorId, createdAt } = pipeline
  const events = readEvents(pipeline.events ?? [])
  return { ...pipeline, events, disabledReason, permissions, creatorId, createdAt: new Date(createdAt) }
}
