import { Type } from 'typebox'
import type { ApiOptions } from './app.ts'
import { type Api, type Context, operation } from './route.ts'
import { wantsPage } from './ui.ts'

/** What says how the service is, and what it can do. */
export function routeService(
  api: Api,
  { version, ready, publicUrl, metrics }: ApiOptions,
  { site }: Context,
): void {
  const Health = Type.Object({ status: Type.String() })
  api.get(
    '/health',
    operation('getHealth', 'Whether the process answers', 'public', {}, { 200: Health }),
    async () => ({
      status: 'ok',
    }),
  )

  api.get(
    '/ready',
    operation(
      'getReadiness',
      'Whether the service can do its work',
      'public',
      {},
      { 200: Health, 503: Health },
    ),
    async (request, reply) => {
      try {
        await ready()
        return { status: 'ready' }
      } catch (error) {
        request.log.warn({ err: error }, 'not ready')
        reply.code(503)
        return { status: 'not ready' }
      }
    },
  )

  const Root = Type.Object({ name: Type.String(), version: Type.String(), description: Type.String() })
  api.get(
    '/',
    operation('getService', 'What this is; browsers are led to the pages', 'public', {}, { 200: Root }),
    async (request, reply) => {
      reply.header('vary', 'Accept')
      if (wantsPage(request.headers.accept)) return reply.redirect(`${site.path}ui/`)
      const description = `${publicUrl?.replace(/\/+$/, '') ?? ''}/openapi.json`
      return { name: 'Tagboat', version, description }
    },
  )

  if (metrics !== undefined) {
    api.get('/metrics', { config: { permission: 'public' }, schema: { hide: true } }, async (_, reply) => {
      const text = await metrics.read()
      return reply.header('content-type', metrics.contentType).send(text)
    })
  }
}
