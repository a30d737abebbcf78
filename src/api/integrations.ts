import type { FastifyRequest } from 'fastify'
import type { Integration, PipelineId, PipelinePlace, Store } from '#model'
import { isVisible } from './allow.ts'
import { BlockedAddress, invalid } from './errors.ts'
import { findIntegration, findWorkspace, type InWorkspace } from './find.ts'
import { checkGrants } from './grants.ts'
import type { Links } from './links.ts'
import { partOf, type Query } from './page.ts'
import { reachAll } from './reach.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  decodeIntegration,
  decodeIntegrationPatch,
  encodeIntegration,
  IntegrationBody,
  IntegrationPatch,
  IntegrationView,
} from './wire/integration.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import { decodeTrial, encodeTrial, TrialBody, TrialView } from './wire/trial.ts'

export function routeIntegrations(api: Api, { store, links, tryIntegration }: Context): void {
  const inWorkspace = Params('workspace')
  const List = listOf('integrations', IntegrationView)
  const listIn = async (place: InWorkspace, request: FastifyRequest) => {
    const all = await store.integrations.list(place.workspace.id)
    const seen = all.filter((integration) => isVisible(request, { ...place, integration }))
    const named = seen.flatMap(({ pipelines }) => pipelines)
    const pipelines = await pipelinesIn(store, place, named)
    return seen.map((integration) => encode(integration, place, pipelines, links(request)))
  }
  api.get(
    '/workspaces/:workspace/integrations',
    operation(
      'listIntegrations',
      "A workspace's integrations",
      'integration.read',
      { params: inWorkspace, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const place = await findWorkspace(store, request)
      const { domain } = place.workspace
      const link = links(request)
      return {
        url: link.api('workspaces', domain, 'integrations'),
        html_url: link.page(domain, '-', 'integrations'),
        integrations: partOf(request.query as Query, await listIn(place, request)),
      }
    },
  )

  // As it was before workspaces had their own.
  api.get(
    '/user/integrations',
    operation(
      'listUserIntegrations',
      'The integrations of all workspaces that the token may see',
      'integration.read',
      { querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const link = links(request)
      const places = await reachAll(store, request)
      const integrations = await Promise.all(places.map((place) => listIn(place, request)))
      return {
        url: link.api('user', 'integrations'),
        html_url: link.page('integrations'),
        integrations: partOf(request.query as Query, integrations.flat()),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/integrations',
    operation(
      'addIntegration',
      'Keep credentials under a name',
      'integration.add',
      { params: inWorkspace, body: IntegrationBody },
      { 201: IntegrationView },
    ),
    async (request, reply) => {
      const place = await findWorkspace(store, request)
      const taken = (await store.integrations.list(place.workspace.id)).map(({ identifier }) => identifier)
      const draft = decodeIntegration(bodyOf(request, IntegrationBody), place.workspace, taken)
      const pipelines = await check(store, place, draft, [])
      const integration = await store.integrations.create(draft)
      reply.code(201)
      return encode(integration, place, pipelines, links(request))
    },
  )

  const params = Params('workspace', 'integration')
  api.get(
    '/workspaces/:workspace/integrations/:integration',
    operation(
      'getIntegration',
      'One integration, without its secrets',
      'integration.read',
      { params },
      { 200: IntegrationView },
    ),
    async (request) => {
      const { integration, ...place } = await findIntegration(store, request)
      const pipelines = await pipelinesIn(store, place, integration.pipelines)
      return encode(integration, place, pipelines, links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/integrations/:integration',
    operation(
      'editIntegration',
      'Change an integration: secrets that are not sent stay',
      'integration.manage',
      { params, body: IntegrationPatch },
      { 200: IntegrationView },
    ),
    async (request) => {
      const { integration, ...place } = await findIntegration(store, request)
      const changed = decodeIntegrationPatch(bodyOf(request, IntegrationPatch), integration)
      const pipelines = await check(store, place, changed, integration.pipelines)
      const saved = await store.integrations.save(changed)
      return encode(saved, place, pipelines, links(request))
    },
  )

  api.post(
    '/workspaces/:workspace/integrations/:integration/test',
    operation(
      'testIntegration',
      'Say what is missing to pull or push with an integration, before anything is copied',
      'integration.manage',
      { params, body: TrialBody },
      { 200: TrialView },
    ),
    async (request) => {
      const { workspace, integration } = await findIntegration(store, request)
      const trial = decodeTrial(bodyOf(request, TrialBody))
      const result = await tryIntegration(integration, trial, request.signal)
      if (result === 'blocked') throw new BlockedAddress(trial.registry === undefined ? 'image' : 'registry')
      const { domain } = workspace
      return encodeTrial(
        result,
        links(request).api('workspaces', domain, 'integrations', integration.hash, 'test'),
      )
    },
  )

  api.delete(
    '/workspaces/:workspace/integrations/:integration',
    operation(
      'deleteIntegration',
      'Remove an integration',
      'integration.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { integration } = await findIntegration(store, request)
      await store.integrations.remove(integration.hash)
      reply.code(204)
    },
  )
}

/** Those of the pipelines that the caller may know of: the ones in projects of theirs. */
async function pipelinesIn(
  store: Store,
  { workspace, standing }: InWorkspace,
  ids: readonly PipelineId[],
): Promise<readonly PipelinePlace[]> {
  const found = await store.places.pipelines(workspace.id, ids)
  return found.filter(({ project }) => standing?.admin || standing?.projects.includes(project.name))
}

/** Whoever and whatever is named has to be in the workspace; a pipeline that was named before may be gone. */
async function check(
  store: Store,
  place: InWorkspace,
  { permissions, pipelines: ids, scope, projectName = '' }: Omit<Integration, 'hash' | 'createdAt'>,
  before: readonly PipelineId[],
): Promise<readonly PipelinePlace[]> {
  await checkGrants(store, place, permissions)
  if (scope === 'project' && (await store.projects.find(place.workspace.id, projectName)) === undefined)
    throw invalid('project_name', 'there is no such project in this workspace')
  const found = await pipelinesIn(store, place, ids)
  const unknown = ids.findIndex(
    (id) => !before.includes(id) && !found.some(({ pipeline }) => pipeline.id === id),
  )
  if (unknown >= 0)
    throw invalid(`allowed_pipelines.${unknown}.id`, 'there is no such pipeline in this workspace')
  return found
}

function encode(
  integration: Integration,
  { workspace }: InWorkspace,
  pipelines: readonly PipelinePlace[],
  links: Links,
) {
  const allowed = pipelines.filter(({ pipeline }) => integration.pipelines.includes(pipeline.id))
  return encodeIntegration(integration, { workspace, allowed }, links)
}
