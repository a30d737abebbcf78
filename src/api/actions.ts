import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Action, Store } from '#model'
import { isVisible } from './allow.ts'
import { invalid } from './errors.ts'
import { findAction, findPipeline, type InPipeline } from './find.ts'
import type { Links } from './links.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  ActionBody,
  ActionPatch,
  ActionView,
  decodeAction,
  decodeActionPatch,
  decodePosition,
  encodePromotion,
  type FindIntegration,
  FullActionView,
} from './wire/action.ts'
import { encodePipeline } from './wire/pipeline.ts'
import { Params } from './wire/schema.ts'
import { encodeActionStatus, INTEGRATION_TYPES } from './wire/words.ts'

export function routeActions(api: Api, { store, links }: Context): void {
  const inPipeline = Params('workspace', 'project', 'pipeline')
  const List = Type.Object({ url: Type.String(), html_url: Type.String(), actions: Type.Array(ActionView) })
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions',
    operation(
      'listActions',
      "A pipeline's actions, in their order",
      'pipeline.read',
      { params: inPipeline },
      { 200: List },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const link = links(request)
      const { url, html_url } = encodePipeline(place.pipeline, place, undefined, link)
      return { url: `${url}/actions`, html_url, actions: await encodeActions(store, place, link) }
    },
  )

  // 200, not 201: so says the page that this operation is documented on.
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions',
    operation(
      'addAction',
      'Tag Docker Image',
      'pipeline.manage',
      { params: inPipeline, body: ActionBody },
      { 200: FullActionView },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const find = integrationsOf(store, request, place)
      const body = bodyOf(request, ActionBody)
      const draft = await decodeAction(body, place.pipeline, find)
      const action = await store.actions.create(draft, decodePosition(body))
      return encodeFull(store, action, place, links(request))
    },
  )

  const params = Params('workspace', 'project', 'pipeline', 'action')
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions/:action',
    operation('getAction', 'One action', 'pipeline.read', { params }, { 200: FullActionView }),
    async (request) => {
      const { action, ...place } = await findAction(store, request)
      return encodeFull(store, action, place, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions/:action',
    operation(
      'editAction',
      'Change an action: what is not sent stays',
      'pipeline.manage',
      { params, body: ActionPatch },
      { 200: FullActionView },
    ),
    async (request) => {
      const { action, ...place } = await findAction(store, request)
      const body = bodyOf(request, ActionPatch)
      const changed = await decodeActionPatch(body, action, integrationsOf(store, request, place))
      const saved = await store.actions.save(changed, decodePosition(body))
      return encodeFull(store, saved, place, links(request))
    },
  )

  api.delete(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions/:action',
    operation('deleteAction', 'Remove an action', 'pipeline.manage', { params }, { 204: undefined }),
    async (request, reply) => {
      const { action } = await findAction(store, request)
      await store.actions.remove(action.id)
      reply.code(204)
    },
  )
}

/** A pipeline's actions as clients see them, each with how it last went. */
export async function encodeActions(store: Store, place: InPipeline, links: Links) {
  const [actions, status] = await Promise.all([
    store.actions.list(place.pipeline.id),
    lastStatuses(store, place),
  ])
  return actions.map((action) => encode(action, place, status(action), links))
}

async function encodeFull(store: Store, action: Action, place: InPipeline, links: Links) {
  const status = await lastStatuses(store, place)
  return {
    ...encode(action, place, status(action), links),
    pipeline: encodePipeline(place.pipeline, place, undefined, links),
  }
}

function encode(action: Action, { workspace, project, pipeline }: InPipeline, status: string, links: Links) {
  return {
    url: links.api(
      'workspaces',
      workspace.domain,
      'projects',
      project.name,
      'pipelines',
      pipeline.id,
      'actions',
      action.id,
    ),
    html_url: links.page(workspace.domain, project.name, 'pipelines', 'action', action.id, 'edit'),
    id: action.id,
    ...encodePromotion(action),
    last_execution_status: status,
  }
}

async function lastStatuses(store: Store, { pipeline }: InPipeline): Promise<(action: Action) => string> {
  const latest = (await store.executions.latest([pipeline.id])).get(pipeline.id)
  return ({ id }) =>
    encodeActionStatus(latest?.actions.find(({ action }) => action.id === id)?.status ?? 'initial')
}

/** Integrations that the caller may use are found in the workspace by what clients call them; by their type's name too, where that can mean one only. */
function integrationsOf(
  store: Store,
  request: FastifyRequest,
  { workspace, standing }: InPipeline,
): FindIntegration {
  return async (given, field) => {
    const { identifier, hash_id: hash } = typeof given === 'string' ? { identifier: given } : given
    const all = (await store.integrations.list(workspace.id)).filter((integration) =>
      isVisible(request, { workspace, standing, integration }, 'integration.use'),
    )
    const named = all.find((integration) =>
      hash === undefined ? integration.identifier === identifier : integration.hash === hash,
    )
    const type = INTEGRATION_TYPES[identifier ?? '']
    const ofType = all.filter((integration) => hash === undefined && integration.type === type)
    const found = named ?? (ofType.length === 1 ? ofType[0] : undefined)
    if (found === undefined) throw invalid(field, 'there is no such integration in this workspace')
    return found.identifier
  }
}
