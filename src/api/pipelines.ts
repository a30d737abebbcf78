import { callerOn } from './authenticate.ts'
import { findPipeline, findProject } from './find.ts'
import { checkGrants } from './grants.ts'
import { importPipelines } from './import.ts'
import { decodePage, type Query } from './page.ts'
import { encodeWholePipeline, visibleOn } from './pipeline-views.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { replaceVariables, scopeWithin } from './variables.ts'
import { PipelineView } from './wire/full-pipeline.ts'
import {
  decodePipeline,
  decodePipelinePatch,
  encodePipeline,
  PipelineBody,
  PipelinePatch,
  ShortPipelineView,
} from './wire/pipeline.ts'
import { listOf, PageQuery, Params } from './wire/schema.ts'

export function routePipelines(api: Api, { store, links }: Context): void {
  const inProject = Params('workspace', 'project')
  const querystring = PageQuery('id', 'name')
  const List = listOf('pipelines', ShortPipelineView)
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
      const items = await visibleOn(store, request, place, page)
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
      const body = bodyOf(request, PipelineBody)
      const draft = { ...decodePipeline(body, place.project), creatorId: callerOn(request).person.id }
      if (draft.permissions !== undefined) await checkGrants(store, place, draft.permissions)
      const pipeline = await store.transaction(async (within) => {
        const made = await within.pipelines.create(draft)
        await replaceVariables(within, scopeWithin({ ...place, pipeline: made }), body.variables)
        return made
      })
      reply.code(201)
      return encodeWholePipeline(store, pipeline, place, links(request))
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
      return encodeWholePipeline(store, pipeline, place, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline',
    operation(
      'editPipeline',
      'Change a pipeline; with yaml into what that says, whatever else is sent',
      'pipeline.manage',
      { params, body: PipelinePatch },
      { 200: PipelineView },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      const body = bodyOf(request, PipelinePatch)
      if (body.yaml !== undefined) {
        const [saved = pipeline] = await importPipelines(store, request, place, body.yaml, pipeline)
        return encodeWholePipeline(store, saved, place, links(request))
      }
      const changed = decodePipelinePatch(body, pipeline)
      if (changed.permissions !== undefined) await checkGrants(store, place, changed.permissions)
      const saved = await store.transaction(async (within) => {
        await replaceVariables(within, scopeWithin({ ...place, pipeline }), body.variables)
        return within.pipelines.save(changed)
      })
      return encodeWholePipeline(store, saved, place, links(request))
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
