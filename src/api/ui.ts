import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ModelError } from '#model'
import type { Site } from './site.ts'

/**
 * Serves the pages below `/ui` from the folder that Vite built them into. What has a hash in its name is kept by browsers for ever; any other
 * address is the one page, which finds out itself what it shows. Scripts and styles come from here alone, none of them inline but those that
 * carry the answer's own nonce.
 */
export function serveUi(app: FastifyInstance, folder: string, site: Site): void {
  const page = readPage(folder, site)
  app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const hidden = { config: { permission: 'public' as const }, schema: { hide: true } }
  app.get('/ui', hidden, async (_, reply) => answerPage(reply, page))
  app.get<{ Params: { readonly '*': string } }>('/ui/*', hidden, async (request, reply) => {
    const path = request.params['*']
    if (path.startsWith('assets/')) {
      closeToOthers(reply)
      return reply.sendFile(path, { maxAge: '365d', immutable: true })
    }
    if (/^[\w-]+\.(?:js|svg)$/.test(path)) {
      closeToOthers(reply)
      return reply.sendFile(path, { cacheControl: false })
    }
    return answerPage(reply, page)
  })
}

/** Whether somebody with a browser came, who wants to see something. */
export function wantsPage(accept: string | undefined): boolean {
  return /\btext\/html\b/.test(accept ?? '')
}

function readPage(folder: string, { path }: Site): string | undefined {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8').replace('href="/ui/"', `href="${path}ui/"`)
  } catch {
    return undefined
  }
}

function answerPage(reply: FastifyReply, page: string | undefined): FastifyReply {
  if (page === undefined)
    throw new ModelError('NOT_FOUND', 'The pages are not built: in a clone, npm run web builds them')
  const nonce = randomBytes(16).toString('base64')
  closeToOthers(reply).headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  })
  return reply.serializer((text: unknown) => text as string).send(page.replaceAll('__NONCE__', nonce))
}

/** Unlike the API, the pages are nobody else's to read or embed. */
function closeToOthers(reply: FastifyReply): FastifyReply {
  return reply
    .removeHeader('access-control-allow-origin')
    .removeHeader('access-control-expose-headers')
    .header('cross-origin-resource-policy', 'same-origin')
}
