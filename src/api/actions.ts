import type { Action, ActionId, LatestExecution, Store } from '#model'
import { findAction, findPipeline, type InPipeline } from './find.ts'
import { finderIn } from './finder.ts'
import type { Links } from './links.ts'
import { partOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { ownVariables, replaceVariables, scopeWithin } from './variables.ts'
import { decodeAction, decodeActionPatch, decodePosition, encodeAction } from './wire/action.ts'
import { ActionBody, ActionPatch, ActionView, FullActionView } from './wire/action-schema.ts'
import { encodePipeline } from './wire/pipeline.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import { encodeVariable } from './wire/variable.ts'
import { encodeActionStatus } from './wire/words.ts'

export function routeActions(api: Api, { store, links }: Context): void {
  const inPipeline = Params('workspace', 'project', 'pipeline')
  const List = listOf('actions', ActionView)
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions',
    operation(
      'listActions',
      "A pipeline's actions, in their order",
      'pipeline.read',
      { params: inPipeline, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const link = links(request)
      const { url, html_url } = encodePipeline(place.pipeline, place, undefined, link)
      const { actions } = await encodeInside(store, place, link)
      return { url: `${url}/actions`, html_url, actions: partOf(request.query as Query, actions) }
    },
  )

  // 200, not 201: so says the page that this operation is documented on.
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/actions',
    operation(
      'addAction',
      'Tag Docker Image: add an action',
      'pipeline.manage',
      { params: inPipeline, body: ActionBody },
      { 200: FullActionView },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const body = bodyOf(request, ActionBody)
      const draft = await decodeAction(body, place.pipeline, finderIn(store, request, place))
      const action = await store.transaction(async (within) => {
        const made = await within.actions.create(draft, decodePosition(body))
        await replaceVariables(within, scopeWithin(place, made), body.variables)
        return made
      })
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
      const finder = finderIn(store, request, place)
      const changed = await decodeActionPatch(body, action, place.pipeline, finder)
      const saved = await store.transaction(async (within) => {
        await replaceVariables(within, scopeWithin(place, action), body.variables)
        return within.actions.save(changed, decodePosition(body))
      })
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

/** What is in a pipeline as clients see it: the actions, each with its variables and how it last went, and what is beside them. */
export async function encodeInside(store: Store, place: InPipeline, links: Links) {
  const creatorId = place.pipeline.creatorId ?? place.project.creatorId
  const { actions, latest, creator, ...inside } = await store.places.inside(place, place.pipeline, creatorId)
  const variablesOf = (id: ActionId | undefined) =>
    inside.variables
      .filter(({ actionId }) => actionId === id)
      .map((variable) => encodeVariable(variable, place.workspace, undefined, links))
  return {
    actions: actions.map((action) => encode(action, place, latest, variablesOf(action.id), links)),
    variables: variablesOf(undefined),
    ...{ latest, creator },
  }
}

async function encodeFull(store: Store, action: Action, place: InPipeline, links: Links) {
  const [latest, variables] = await Promise.all([
    latestOf(store, place),
    ownVariables(store, place, action, links),
  ])
  return {
    ...encode(action, place, latest, variables, links),
    pipeline: encodePipeline(place.pipeline, place, undefined, links),
  }
}

function encode(
  action: Action,
  { workspace, project, pipeline }: InPipeline,
  latest: LatestExecution | undefined,
  variables: readonly object[],
  links: Links,
) {
  const path = ['workspaces', workspace.domain, 'projects', project.name, 'pipelines', pipeline.id]
  return {
    url: links.api(...path, 'actions', action.id),
    html_url: links.page(workspace.domain, project.name, 'pipelines', 'action', action.id, 'edit'),
    id: action.id,
    ...encodeAction(action, variables),
    last_execution_status: encodeActionStatus(latest?.actions.get(action.id) ?? 'initial'),
  }
}

async function latestOf(store: Store, { pipeline }: InPipeline): Promise<LatestExecution | undefined> {
  return (await store.executions.latest([pipeline.id])).get(pipeline.id)
}
