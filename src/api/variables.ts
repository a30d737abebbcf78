import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type {
  Action,
  ActionId,
  PipelineId,
  Store,
  Variable,
  VariableFilter,
  VariableScope,
  Workspace,
} from '#model'
import { invalid } from './errors.ts'
import { findVariable, findWorkspace, type InPipeline } from './find.ts'
import type { Links } from './links.ts'
import { partOf, type Query } from './page.ts'
import { isNumber } from './path.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import {
  decodeVariable,
  decodeVariablePatch,
  encodeVariable,
  type VariableBodies,
  VariableBody,
  VariablePatch,
  VariableView,
} from './wire/variable.ts'

export function routeVariables(api: Api, { store, links }: Context): void {
  const encode = async (variable: Variable, workspace: Workspace, request: FastifyRequest) =>
    encodeVariable(variable, workspace, await projectOf(store, variable), links(request))
  const inWorkspace = Params('workspace')
  const Filter = Type.Optional(Type.String())
  const querystring = Type.Object({
    project_name: Filter,
    projectName: Filter,
    pipeline_id: Filter,
    pipelineId: Filter,
    action_id: Filter,
    actionId: Filter,
    environment_id: Filter,
    environmentId: Filter,
    ...PartQuery.properties,
  })
  const List = listOf('variables', VariableView)
  api.get(
    '/workspaces/:workspace/variables',
    operation(
      'listVariables',
      "The workspace's own variables, or those of one project, pipeline or action",
      'variable.read',
      { params: inWorkspace, querystring },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const query = request.query as Query
      const asked = scopeInQuery(query)
      const scope = await scopeOf(store, workspace, asked)
      const project = scope?.pipelineId === undefined ? asked.project : undefined
      const nowhere = scope === undefined || query.environment_id || query.environmentId
      const variables = nowhere ? [] : await store.variables.list(filterOf(scope))
      return {
        url: link.api('workspaces', workspace.domain, 'variables'),
        html_url: link.page(workspace.domain, '-', 'environment-variables'),
        variables: partOf(query, variables).map((variable) =>
          encodeVariable(variable, workspace, project, link),
        ),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/variables',
    operation(
      'addVariable',
      'Keep a value under a name, for the workspace or a project, pipeline or action in it',
      'variable.add',
      { params: inWorkspace, body: VariableBody },
      { 201: VariableView },
    ),
    async (request, reply) => {
      const { workspace } = await findWorkspace(store, request)
      const body = bodyOf(request, VariableBody)
      if (body.environment !== undefined) throw invalid('environment', 'there are none here')
      const { project, pipeline, action } = body
      const asked = { project: project?.name, pipeline: pipeline?.id, action: action?.id }
      const scope = await scopeOf(store, workspace, asked)
      if (scope === undefined) {
        const field = action ? 'action.id' : pipeline ? 'pipeline.id' : 'project.name'
        throw invalid(field, 'is not in this workspace')
      }
      const variable = await store.variables.create(decodeVariable(body, scope))
      reply.code(201)
      return encode(variable, workspace, request)
    },
  )

  const params = Params('workspace', 'variable')
  api.get(
    '/workspaces/:workspace/variables/:variable',
    operation(
      'getVariable',
      'One variable; its value unless it is secret',
      'variable.read',
      { params },
      { 200: VariableView },
    ),
    async (request) => {
      const { variable, workspace } = await findVariable(store, request)
      return encode(variable, workspace, request)
    },
  )

  api.patch(
    '/workspaces/:workspace/variables/:variable',
    operation(
      'editVariable',
      'Change a variable; its type and what it is of are for ever',
      'variable.manage',
      { params, body: VariablePatch },
      { 200: VariableView },
    ),
    async (request) => {
      const { variable, workspace } = await findVariable(store, request)
      const changed = decodeVariablePatch(variable, bodyOf(request, VariablePatch))
      return encode(await store.variables.save(changed), workspace, request)
    },
  )

  api.delete(
    '/workspaces/:workspace/variables/:variable',
    operation('deleteVariable', 'Remove a variable', 'variable.manage', { params }, { 204: undefined }),
    async (request, reply) => {
      const { variable } = await findVariable(store, request)
      await store.variables.remove(variable.id)
      reply.code(204)
    },
  )
}

/** The name of the project whose own the variable is; undefined: it is of all the workspace, or of something in a project. */
async function projectOf(store: Store, variable: VariableScope | undefined): Promise<string | undefined> {
  if (variable?.projectId === undefined || variable.pipelineId !== undefined) return undefined
  return (await store.projects.findById(variable.projectId))?.name
}

/** Makes the variables of a pipeline or an action those that were sent with it; undefined: they stay. */
export async function replaceVariables(
  store: Store,
  scope: VariableScope,
  bodies: Static<typeof VariableBodies> | undefined,
): Promise<void> {
  if (bodies === undefined) return
  const before = await store.variables.list(filterOf(scope))
  const kept = new Set<string>()
  for (const [index, body] of bodies.entries()) {
    const place = `variables.${index}.`
    if (kept.has(body.key)) throw invalid(`${place}key`, 'is there twice')
    kept.add(body.key)
    const known = before.find(({ key }) => key === body.key)
    if (known === undefined) await store.variables.create(decodeVariable(body, scope, place))
    else await store.variables.save(decodeVariablePatch(known, body, place))
  }
  for (const { id, key } of before) if (!kept.has(key)) await store.variables.remove(id)
}

/** The variables of a pipeline, or of an action in it, as clients see them. */
export async function ownVariables(
  store: Store,
  place: InPipeline,
  action: Action | undefined,
  links: Links,
) {
  const variables = await store.variables.list(filterOf(scopeWithin(place, action)))
  return variables.map((variable) => encodeVariable(variable, place.workspace, undefined, links))
}

/** The scope of a pipeline, or of an action in it. */
export function scopeWithin({ workspace, project, pipeline }: InPipeline, action?: Action): VariableScope {
  return { workspaceId: workspace.id, projectId: project.id, pipelineId: pipeline.id, actionId: action?.id }
}

interface Asked {
  readonly project: string | undefined
  readonly pipeline: number | undefined
  readonly action: number | undefined
}

/** The innermost scope that is named, all of whose parts belong together. Undefined: they do not, or are not there. */
async function scopeOf(
  store: Store,
  { id: workspaceId }: Workspace,
  asked: Asked,
): Promise<VariableScope | undefined> {
  const none = { projectId: undefined, pipelineId: undefined, actionId: undefined }
  const action =
    asked.action === undefined ? undefined : await store.actions.findById(asked.action as ActionId)
  if (asked.action !== undefined && action === undefined) return undefined
  const pipelineId = action?.pipelineId ?? (asked.pipeline as PipelineId | undefined)
  if (asked.pipeline !== undefined && asked.pipeline !== pipelineId) return undefined
  const pipeline = pipelineId === undefined ? undefined : await store.pipelines.findById(pipelineId)
  if (pipelineId !== undefined && pipeline === undefined) return undefined
  if (pipeline === undefined && asked.project === undefined) return { workspaceId, ...none }
  const project =
    pipeline === undefined
      ? await store.projects.find(workspaceId, asked.project ?? '')
      : await store.projects.findById(pipeline.projectId)
  if (project?.workspaceId !== workspaceId) return undefined
  if (asked.project !== undefined && asked.project !== project.name) return undefined
  return { workspaceId, projectId: project.id, pipelineId, actionId: action?.id }
}

/** Both spellings. A number that is none is nobody's. */
function scopeInQuery(query: Query): Asked {
  const text = (...names: readonly string[]): string | undefined =>
    names
      .map((name) => query[name])
      .find((value): value is string => typeof value === 'string' && value !== '')
  const number = (found: string | undefined): number | undefined =>
    found === undefined ? undefined : isNumber(found) ? Number(found) : 0
  return {
    project: text('project_name', 'projectName'),
    pipeline: number(text('pipeline_id', 'pipelineId')),
    action: number(text('action_id', 'actionId')),
  }
}

function filterOf({ workspaceId, projectId, pipelineId, actionId }: VariableScope): VariableFilter {
  return {
    workspaceId,
    ...(projectId !== undefined && { projectId }),
    ...(pipelineId !== undefined && { pipelineId }),
    ...(actionId !== undefined && { actionId }),
  }
}
