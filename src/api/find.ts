import type { FastifyRequest } from 'fastify'
import {
  type Action,
  type ActionExecution,
  type ActionId,
  type Execution,
  type Integration,
  type IntegrationHash,
  type Pipeline,
  type PipelineId,
  type Place,
  type Project,
  type Store,
  sees,
  type Webhook,
  type WebhookId,
} from '#model'
import { allow } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { notFound } from './errors.ts'

// Every way to a thing leads through what it is in, and what is not there, not visible or elsewhere is the same: not found. And whoever finds
// a thing here may do with it what the operation does.

interface WorkspaceParams {
  readonly workspace: string
}
interface ProjectParams extends WorkspaceParams {
  readonly project: string
}
interface PipelineParams extends ProjectParams {
  readonly pipeline: string
}
interface ActionParams extends PipelineParams {
  readonly action: string
}
interface ExecutionParams extends PipelineParams {
  readonly execution: string
}
interface ActionExecutionParams extends ExecutionParams {
  readonly actionExecution: string
}
interface IntegrationParams extends WorkspaceParams {
  readonly integration: string
}

interface WebhookParams extends WorkspaceParams {
  readonly webhook: string
}

/** A thing and what it is in, and what the caller is there. */
export type InWorkspace = Pick<Place, 'workspace' | 'standing'>
export interface InProject extends InWorkspace {
  readonly project: Project
}
export interface InPipeline extends InProject {
  readonly pipeline: Pipeline
}

export async function findWorkspace(store: Store, request: FastifyRequest): Promise<InWorkspace> {
  const place = await reach(store, request)
  allow(request, place)
  return place
}

export async function findProject(store: Store, request: FastifyRequest): Promise<InProject> {
  const { project: name } = request.params as ProjectParams
  const place = await reach(store, request, { project: name })
  allow(request, place)
  return { ...place, project: there(place.project) }
}

export async function findPipeline(store: Store, request: FastifyRequest): Promise<InPipeline> {
  const { project: name, pipeline } = request.params as PipelineParams
  const place = await reach(store, request, { project: name, pipeline: numberOf(pipeline) as PipelineId })
  allow(request, place)
  return { ...place, project: there(place.project), pipeline: there(place.pipeline) }
}

export async function findAction(
  store: Store,
  request: FastifyRequest,
): Promise<InPipeline & { readonly action: Action }> {
  const found = await findPipeline(store, request)
  const id = numberOf((request.params as ActionParams).action) as ActionId
  return { ...found, action: there(await store.actions.find(found.pipeline.id, id)) }
}

export async function findExecution(
  store: Store,
  request: FastifyRequest,
): Promise<InPipeline & { readonly execution: Execution }> {
  const found = await findPipeline(store, request)
  const number = numberOf((request.params as ExecutionParams).execution)
  return { ...found, execution: there(await store.executions.find(found.pipeline.id, number)) }
}

export async function findActionExecution(
  store: Store,
  request: FastifyRequest,
): Promise<InPipeline & { readonly execution: Execution; readonly actionExecution: ActionExecution }> {
  const found = await findExecution(store, request)
  const { actionExecution: id } = request.params as ActionExecutionParams
  return { ...found, actionExecution: there(found.execution.actions.find((action) => action.id === id)) }
}

export async function findIntegration(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly integration: Integration }> {
  const place = await findWorkspace(store, request)
  const hash = (request.params as IntegrationParams).integration as IntegrationHash
  const integration = there(await store.integrations.find(place.workspace.id, hash))
  allow(request, { ...place, integration })
  return { ...place, integration }
}

/** Where the path leads, if it is there and the token is for that workspace. */
async function reach(
  store: Store,
  request: FastifyRequest,
  inside: { readonly project?: string; readonly pipeline?: PipelineId } = {},
): Promise<Place> {
  const caller = callerOn(request)
  const { workspace: domain } = request.params as WorkspaceParams
  return there(
    sees(caller, domain) ? await store.places.find(caller.person, { domain, ...inside }) : undefined,
  )
}

export async function findWebhook(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly webhook: Webhook }> {
  const place = await findWorkspace(store, request)
  const id = numberOf((request.params as WebhookParams).webhook) as WebhookId
  return { ...place, webhook: there(await store.webhooks.find(place.workspace.id, id)) }
}

function there<T>(found: T | undefined): T {
  if (found === undefined) throw notFound()
  return found
}

/** What cannot be a number of ours is as unknown as a number that nobody has. */
function numberOf(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw notFound()
  return Number(text)
}
