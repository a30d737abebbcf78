import type { FastifyRequest } from 'fastify'
import type { Page, Pipeline, Store } from '#model'
import { encodeInside } from './actions.ts'
import { isVisible } from './allow.ts'
import type { InProject } from './find.ts'
import type { Links } from './links.ts'
import { encodeFullPipeline } from './wire/full-pipeline.ts'

/** A pipeline by itself, with all that is in it. */
export async function encodeWholePipeline(store: Store, pipeline: Pipeline, place: InProject, link: Links) {
  const inside = await encodeInside(store, { ...place, pipeline }, link)
  return encodeFullPipeline(pipeline, place, inside, link)
}

/** One page of the pipelines that the caller may see. A project has few enough to look at all of them, for whom some are hidden. */
export async function visibleOn(
  store: Store,
  request: FastifyRequest,
  place: InProject,
  page: Page<'id' | 'name'>,
): Promise<readonly Pipeline[]> {
  if (place.standing?.admin) return (await store.pipelines.list(place.project.id, page)).items
  const all = await store.pipelines.list(place.project.id, { ...page, page: 1, perPage: ALL })
  const seen = all.items.filter((pipeline) => isVisible(request, { ...place, pipeline }))
  return seen.slice((page.page - 1) * page.perPage, page.page * page.perPage)
}

const ALL = 1_000_000
