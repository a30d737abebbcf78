import { Type } from 'typebox'
import { findIntegration, findWorkspace } from './find.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  decodeIntegration,
  decodeIntegrationPatch,
  encodeIntegration,
  IntegrationBody,
  IntegrationPatch,
  IntegrationView,
} from './wire/integration.ts'
import { Params } from './wire/schema.ts'

export function routeIntegrations(api: Api, { store, links }: Context): void {
  const inWorkspace = Params('workspace')
  const List = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    integrations: Type.Array(IntegrationView),
  })
  api.get(
    '/workspaces/:workspace/integrations',
    operation(
      'listIntegrations',
      "A workspace's integrations",
      'integration.read',
      { params: inWorkspace },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const integrations = await store.integrations.list(workspace.id)
      return {
        url: link.api('workspaces', workspace.domain, 'integrations'),
        html_url: link.page(workspace.domain, '-', 'integrations'),
        integrations: integrations.map((integration) => encodeIntegration(integration, workspace, link)),
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
      const { workspace } = await findWorkspace(store, request)
      const integration = await store.integrations.create(
        decodeIntegration(bodyOf(request, IntegrationBody), workspace),
      )
      reply.code(201)
      return encodeIntegration(integration, workspace, links(request))
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
      const { workspace, integration } = await findIntegration(store, request)
      return encodeIntegration(integration, workspace, links(request))
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
      const { workspace, integration } = await findIntegration(store, request)
      const saved = await store.integrations.save(
        decodeIntegrationPatch(bodyOf(request, IntegrationPatch), integration),
      )
      return encodeIntegration(saved, workspace, links(request))
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
