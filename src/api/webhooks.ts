import type { FastifyRequest } from 'fastify'
import { type DueDelivery, permits, type Webhook, type Workspace } from '#model'
import { callerOn } from './authenticate.ts'
import { BlockedAddress, invalid } from './errors.ts'
import { findWebhook, findWorkspace } from './find.ts'
import { ownLinks } from './links.ts'
import { partOf, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'
import {
  decodeWebhook,
  decodeWebhookPatch,
  encodeDelivery,
  encodeWebhook,
  WebhookBody,
  WebhookPatch,
  WebhookView,
} from './wire/webhook.ts'

export function routeWebhooks(api: Api, { store, links, now, mayDial }: Context): void {
  const encode = async (webhooks: readonly Webhook[], workspace: Workspace, request: FastifyRequest) => {
    const attempts = await store.webhooks.attempts(webhooks.map(({ id }) => id))
    const shows = permits(callerOn(request), 'webhook.manage')
    const link = links(request)
    return webhooks.map((webhook) =>
      encodeWebhook(webhook, workspace, attempts.get(webhook.id) ?? [], shows, link),
    )
  }
  const check = async ({ targetUrl, projects }: Omit<Webhook, 'id' | 'createdAt'>, { id }: Workspace) => {
    if (!mayDial(new URL(targetUrl))) throw new BlockedAddress('target_url')
    for (const [index, name] of projects.entries()) {
      if ((await store.projects.find(id, name)) === undefined)
        throw invalid(`projects.${index}`, 'there is no such project in this workspace')
    }
  }

  const inWorkspace = Params('workspace')
  const List = listOf('webhooks', WebhookView)
  api.get(
    '/workspaces/:workspace/webhooks',
    operation(
      'listWebhooks',
      "A workspace's webhooks",
      'webhook.read',
      { params: inWorkspace, querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const webhooks = partOf(request.query as Query, await store.webhooks.list(workspace.id))
      return {
        url: link.api('workspaces', workspace.domain, 'webhooks'),
        html_url: link.page(workspace.domain, '-', 'webhooks'),
        webhooks: await encode(webhooks, workspace, request),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/webhooks',
    operation(
      'addWebhook',
      'Have a URL told what happens',
      'webhook.add',
      { params: inWorkspace, body: WebhookBody },
      { 201: WebhookView },
    ),
    async (request, reply) => {
      const { workspace } = await findWorkspace(store, request)
      const draft = decodeWebhook(bodyOf(request, WebhookBody), workspace)
      await check(draft, workspace)
      const webhook = await store.webhooks.create(draft)
      reply.code(201)
      return {
        ...encodeWebhook(webhook, workspace, [], true, links(request)),
        signing_secret: webhook.secrets.signing.reveal(),
      }
    },
  )

  const params = Params('workspace', 'webhook')
  api.get(
    '/workspaces/:workspace/webhooks/:webhook',
    operation(
      'getWebhook',
      'One webhook with its last deliveries',
      'webhook.read',
      { params },
      { 200: WebhookView },
    ),
    async (request) => {
      const { workspace, webhook } = await findWebhook(store, request)
      return (await encode([webhook], workspace, request))[0]
    },
  )

  api.patch(
    '/workspaces/:workspace/webhooks/:webhook',
    operation(
      'editWebhook',
      'Change a webhook: what is not sent stays',
      'webhook.manage',
      { params, body: WebhookPatch },
      { 200: WebhookView },
    ),
    async (request) => {
      const { workspace, webhook } = await findWebhook(store, request)
      const body = bodyOf(request, WebhookPatch)
      const changed = decodeWebhookPatch(body, webhook, now())
      await check(changed, workspace)
      const saved = await store.webhooks.save(changed)
      const [view] = await encode([saved], workspace, request)
      const { signing_secret } = body
      return { ...view, ...(signing_secret !== undefined && { signing_secret }) }
    },
  )

  api.delete(
    '/workspaces/:workspace/webhooks/:webhook',
    operation('deleteWebhook', 'Remove a webhook', 'webhook.manage', { params }, { 204: undefined }),
    async (request, reply) => {
      const { webhook } = await findWebhook(store, request)
      await store.webhooks.remove(webhook.id)
      reply.code(204)
    },
  )
}

/** What webhooks are told, in Buddy's words, with links to the service at this address. */
export function deliveryEncoder(publicUrl: string | undefined, listen: string): (due: DueDelivery) => object {
  const links = ownLinks(publicUrl, listen)
  return (due) => encodeDelivery(due, links)
}
