import type { FastifyRequest } from 'fastify'
import type { Pipeline, Store } from '#model'
import { formatPipelines } from '#yaml'
import { exportPipeline, namesIn } from './export.ts'
import { findPipeline, findProject, type InProject } from './find.ts'
import { importPipelines, PipelineImport } from './import.ts'
import { encodeWholePipeline, visibleOn } from './pipeline-views.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { PipelineView } from './wire/full-pipeline.ts'
import { encodePipeline } from './wire/pipeline.ts'
import { Params } from './wire/schema.ts'
import {
  AppliedView,
  decodeYaml,
  encodeChange,
  encodeYaml,
  YamlBody,
  YamlChange,
  YamlView,
} from './wire/yaml.ts'

const ALL = { page: 1, perPage: 100_000 }

/** Pipelines as text. `?yaml=true` on the lists and pipelines themselves leads here too. */
export function routeYaml(api: Api, { store, links }: Context): void {
  const inProject = Params('workspace', 'project')
  const linksOf = (request: FastifyRequest, { workspace, project }: InProject) => ({
    url: links(request).api('workspaces', workspace.domain, 'projects', project.name, 'pipelines'),
    html_url: links(request).page(workspace.domain, project.name, 'pipelines'),
  })

  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/yaml',
    operation(
      'exportPipelines',
      "A project's pipelines as a buddy.yml, without secrets; the same as ?yaml=true of their list",
      'pipeline.manage',
      { params: inProject },
      { 200: YamlView },
    ),
    async (request) => {
      const place = await findProject(store, request)
      const pipelines = await visibleOn(store, request, place, ALL)
      return { ...linksOf(request, place), yaml: encodeYaml(await textOf(store, request, place, pipelines)) }
    },
  )

  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/yaml',
    operation(
      'applyPipelines',
      'Make the pipelines of a buddy.yml, or change those that there are into what it says',
      'pipeline.manage',
      { params: inProject, body: YamlBody },
      { 201: AppliedView },
    ),
    async (request, reply) => {
      const place = await findProject(store, request)
      const pipelines = await importPipelines(store, request, place, bodyOf(request, YamlBody).yaml)
      const link = links(request)
      reply.code(201)
      return {
        ...(await encodeWholePipeline(store, pipelines[0] as Pipeline, place, link)),
        pipelines: pipelines.map((pipeline) => encodePipeline(pipeline, place, undefined, link)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/yaml/dry_run',
    operation(
      'tryPipelines',
      'What a buddy.yml would change, as the text of its pipelines now and then; nothing is changed',
      'pipeline.manage',
      { params: inProject, body: YamlBody },
      { 200: YamlChange },
    ),
    async (request) => {
      const place = await findProject(store, request)
      const text = decodeYaml(bodyOf(request, YamlBody).yaml)
      return { ...linksOf(request, place), ...encodeChange(await tryImport(store, request, place, text)) }
    },
  )

  const params = Params('workspace', 'project', 'pipeline')
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/yaml/dry_run',
    operation(
      'tryPipeline',
      'What a buddy.yml would change of this pipeline, as its text now and then; nothing is changed',
      'pipeline.manage',
      { params, body: YamlBody },
      { 200: YamlChange },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      const text = decodeYaml(bodyOf(request, YamlBody).yaml)
      const { url, html_url } = encodePipeline(pipeline, place, undefined, links(request))
      return { url, html_url, ...encodeChange(await tryImport(store, request, place, text, pipeline)) }
    },
  )

  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/yaml',
    operation(
      'exportPipeline',
      'One pipeline as a buddy.yml, without secrets; the same as its ?yaml=true',
      'pipeline.manage',
      { params },
      { 200: YamlView },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      const { url, html_url } = encodePipeline(pipeline, place, undefined, links(request))
      return { url, html_url, yaml: encodeYaml(await textOf(store, request, place, [pipeline])) }
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/yaml',
    operation(
      'applyPipeline',
      'Change a pipeline into what a buddy.yml says',
      'pipeline.manage',
      { params, body: YamlBody },
      { 200: PipelineView },
    ),
    async (request) => {
      const { pipeline, ...place } = await findPipeline(store, request)
      const { yaml } = bodyOf(request, YamlBody)
      const [saved] = await importPipelines(store, request, place, yaml, pipeline)
      return encodeWholePipeline(store, saved as Pipeline, place, links(request))
    },
  )
}

async function textOf(
  store: Store,
  request: FastifyRequest,
  place: InProject,
  pipelines: readonly Pipeline[],
): Promise<string> {
  const names = await namesIn(store, request, place)
  const exported = []
  for (const pipeline of pipelines) exported.push(await exportPipeline(store, { ...place, pipeline }, names))
  return formatPipelines(exported)
}

/** What there is of the pipelines of a text, and what there would be. `only`: the one that it is about. */
async function tryImport(
  store: Store,
  request: FastifyRequest,
  place: InProject,
  text: string,
  only?: Pipeline,
) {
  const known = await visibleOn(store, request, place, ALL)
  const attempt = store.transaction(async (within) => {
    const pipelines = await new PipelineImport(within, request, place).run(text, only)
    throw new Undone(pipelines, await textOf(within, request, place, pipelines))
  })
  const undone = await attempt.catch((error: unknown) => error)
  if (!(undone instanceof Undone)) throw undone
  const before = undone.pipelines.flatMap(({ id }) => known.find((one) => one.id === id) ?? [])
  return { before: await textOf(store, request, place, before), after: undone.text }
}

/** Ends a transaction that was only to show what it would do. */
class Undone extends Error {
  readonly pipelines: readonly Pipeline[]
  readonly text: string

  constructor(pipelines: readonly Pipeline[], text: string) {
    super('nothing is to be changed')
    this.pipelines = pipelines
    this.text = text
  }
}
