import { Type } from 'typebox'
import type { Pipeline } from '#model'
import { encodeActions } from './actions.ts'
import { findPipeline, findProject, type InProject } from './find.ts'
import type { Links } from './links.ts'
import { decodePage, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { encodeFullPipeline, PipelineView } from './wire/full-pipeline.ts'
import {
  decodePipeline,
  decodePipelinePatch,
  encodePipeline,
  PipelineBody,
  PipelinePatch,
  ShortPipelineView,
} from './wire/pipeline.ts'
import { PageQuery, Params } from './wire/schema.ts'

export function routePipelines(api: Api, { store, links }: Context): void {
  const full = async (pipeline: Pipeline, place: InProject, link: Links) => {
    const latest = (await store.executions.latest([pipeline.id])).get(pipeline.id)
    const actions = await encodeActions(store, { ...place, pipeline }, link)
    return encodeFullPipeline(pipeline, place, { latest, actions, owner: await store.tokens.owner() }, link)
  }

  const inProject = Params('workspace', 'project')
  const querystring = PageQuery('id', 'name')
  const List = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    pipelines: Type.Array(ShortPipelineView),
  })
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines',
    operation(
      'listPipelines',
      "A project's pipelines",
      'pipeline.read',
      { params: inProject, querystring },
      { 200: List },
    ),
    async (request) => {
      const place = await findProject(store, request)
      const page = decodePage(request.query as Query, { id: 'id', name: 'name' })
      const { items } = await store.pipelines.list(place.project.id, page)
      const latest = await store.executions.latest(items.map(({ id }) => id))
      const link = links(request)
      return {
        url: link.api('workspaces', place.workspace.domain, 'projects', place.project.name, 'pipelines'),
        html_url: link.page(place.workspace.domain, place.project.name, 'pipelines'),
        pipelines: items.map((pipeline) => encodePipeline(pipeline, place, latest.get(pipeline.id), link)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/projects/:project/pipelines',
    operation(
      'addPipeline',
      'Make a pipeline',
      'pipeline.manage',
      { params: inProject, body: PipelineBody },
      { 201: PipelineView },
    ),
    async (request, reply) => {
      const place = await findProject(store, request)
      const pipeline = await store.pipelines.create(
        decodePipeline(bodyOf(request, PipelineBody), place.project),
      )
      reply.code(201)
      return full(pipeline, place, links(request))
    },
  )

  const params = Params('workspace', 'project', 'pipeline')
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline',
    operation(
      'getPipeline',
      'One pipeline with its actions',
      'pipeline.read',
      { params },
      { 200: PipelineView },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      return full(pipeline, place, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline',
    operation(
      'editPipeline',
      'Change a pipeline',
      'pipeline.manage',
      { params, body: PipelinePatch },
      { 200: PipelineView },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      const saved = await store.pipelines.save(decodePipelinePatch(bodyOf(request, PipelinePatch), pipeline))
      return full(saved, place, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline',
    operation(
      'deletePipeline',
      'Remove a pipeline and its executions',
      'pipeline.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { pipeline } = await findPipeline(store, request)
      await store.pipelines.remove(pipeline.id)
      reply.code(204)
    },
  )
}
