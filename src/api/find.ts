import type { FastifyRequest } from 'fastify'
import {
  type Action,
  type ActionExecution,
  type ActionId,
  type Execution,
  type Integration,
  type IntegrationHash,
  isSlug,
  type Pipeline,
  type PipelineId,
  type Place,
  type Project,
  type Store,
  type Variable,
  type VariableId,
  type Webhook,
  type WebhookId,
} from '#model'
import { allow } from './allow.ts'
import { numberOf } from './path.ts'
import { reach, there } from './reach.ts'

// Every way to a thing leads through what it is in, and what is not there, not visible or elsewhere is the same: not found. And whoever finds
// a thing here may do with it what the operation does: of the place it was decided before, of what has rules of its own it is decided here.

interface PipelineParams {
  readonly workspace: string
  readonly project: string
  readonly pipeline: string
}
interface ActionParams {
  readonly action: string
}
interface ExecutionParams {
  readonly execution: string
}
interface ActionExecutionParams {
  readonly actionExecution: string
}
interface IntegrationParams {
  readonly integration: string
}
interface VariableParams {
  readonly variable: string
}
interface WebhookParams {
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

/** A pipeline and what it is in, whoever asks. */
export type Located = Omit<InPipeline, 'standing'>

export async function findWorkspace(store: Store, request: FastifyRequest): Promise<InWorkspace> {
  return reach(store, request)
}

export async function findProject(store: Store, request: FastifyRequest): Promise<InProject> {
  const place = await reach(store, request)
  return { ...place, project: there(place.project) }
}

export async function findPipeline(store: Store, request: FastifyRequest): Promise<InPipeline> {
  const place = await reach(store, request)
  return { ...place, project: there(place.project), pipeline: there(place.pipeline) }
}

/** A pipeline, for somebody who is nobody: what they may do is up to the key that they have. */
export async function seekPipeline(store: Store, request: FastifyRequest): Promise<Located> {
  const { workspace: domain, project: name, pipeline: number } = request.params as PipelineParams
  const workspace = there(isSlug(domain) ? await store.workspaces.find(domain) : undefined)
  const project = there(isSlug(name) ? await store.projects.find(workspace.id, name) : undefined)
  const id = numberOf(number) as PipelineId
  return { workspace, project, pipeline: there(await store.pipelines.find(project.id, id)) }
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

export async function findVariable(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly variable: Variable }> {
  const place = await findWorkspace(store, request)
  const id = numberOf((request.params as VariableParams).variable) as VariableId
  return { ...place, variable: there(await store.variables.find(place.workspace.id, id)) }
}

export async function findWebhook(
  store: Store,
  request: FastifyRequest,
): Promise<InWorkspace & { readonly webhook: Webhook }> {
  const place = await findWorkspace(store, request)
  const id = numberOf((request.params as WebhookParams).webhook) as WebhookId
  return { ...place, webhook: there(await store.webhooks.find(place.workspace.id, id)) }
}
