import { Type } from 'typebox'
import type { ApiOptions } from './app.ts'
import { type Api, operation } from './route.ts'

/** What says how the service is, and what it can do. */
export function routeService(api: Api, { version, ready, publicUrl }: ApiOptions): void {
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
  api.get('/', operation('getService', 'What this is', 'public', {}, { 200: Root }), async () => ({
    name: 'Tagboat',
    version,
    description: `${publicUrl?.replace(/\/+$/, '') ?? ''}/openapi.json`,
  }))

  // Not described by itself: it is the description.
  api.get('/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, async () =>
    api.swagger(),
  )
}
