import {
  type Action,
  type BoardEdge,
  type BoardPlace,
  ModelError,
  type Pipeline,
  type Project,
  type PromotionDefinition,
  type Store,
} from '#model'
import type { Reference } from '#oci'
import { ActionError } from './failure.ts'
import { locatePromotion, placeOf } from './locate.ts'
import { imagine } from './preview.ts'
import { resolvePromotion } from './resolve.ts'
import { isOpen } from './settle.ts'
import { variablesOf } from './variables.ts'

/** A promotion that a pipeline would make if it ran now, its variables filled in. */
export interface Edge extends BoardEdge {
  readonly pipeline: Pipeline
  readonly promotion: PromotionDefinition
}

/**
 * All promotions of a project, as far as it is known beforehand from where to where they lead: those whose variables are only given to a run are
 * left out, and disabled ones. Two queries, and some more for each pipeline with variables in its images; no registry is asked.
 */
export async function edgesOf(
  store: Store,
  project: Project,
  pipelines: readonly Pipeline[],
  now: Date,
): Promise<readonly Edge[]> {
  const actions = Map.groupBy(await store.actions.listIn(project.id), ({ pipelineId }) => pipelineId)
  const found = await Promise.all(
    pipelines.map(async (pipeline): Promise<readonly Edge[]> => {
      const own = (actions.get(pipeline.id) ?? []).filter(({ disabled }) => !disabled)
      if (!own.some(hasVariables)) return own.flatMap((action) => edge(pipeline, action))
      return withVariables(store, pipeline, now)
    }),
  )
  return found.flat()
}

async function withVariables(store: Store, pipeline: Pipeline, now: Date): Promise<readonly Edge[]> {
  const creatorId = pipeline.creatorId ?? (await store.people.owner()).id
  try {
    const execution = await imagine(store, pipeline, { creatorId }, now)
    if (execution === undefined) return []
    return execution.actions.flatMap((one) =>
      edge(pipeline, one.action, (promotion) => resolvePromotion(promotion, variablesOf(execution, one))),
    )
  } catch (error) {
    return nowhere(error)
  }
}

function edge(
  pipeline: Pipeline,
  action: Action,
  resolved = (promotion: PromotionDefinition): PromotionDefinition => promotion,
): readonly Edge[] {
  if (action.type !== 'promote-image') return []
  try {
    const promotion = resolved(action.promotion)
    const { source, target } = locatePromotion(promotion)
    const ids = { pipelineId: pipeline.id, actionId: action.id }
    return [{ ...ids, pipeline, promotion, from: boardPlace(source), to: boardPlace(target) }]
  } catch (error) {
    return nowhere(error)
  }
}

/** A pipeline that could not run now leads nowhere now. */
function nowhere(error: unknown): readonly Edge[] {
  if (error instanceof ModelError || error instanceof ActionError) return []
  throw error
}

function hasVariables(action: Action): boolean {
  return (
    action.type === 'promote-image' && (isOpen(action.promotion.source) || isOpen(action.promotion.target))
  )
}

function boardPlace(reference: Reference): BoardPlace {
  const { registry, repository, tag, digest } = reference
  return { place: placeOf(reference), registry, repository, name: tag ?? digest ?? '' }
}
