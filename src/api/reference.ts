import { createHash } from 'node:crypto'
import type { Description } from './reference/description.ts'
import { withExamples } from './reference/example.ts'
import { formatPage, STYLE } from './reference/page.ts'
import type { Api } from './route.ts'

/** The description of the API, for programs at `/openapi.json` and for people at `/docs`. It does not describe itself. */
export function routeReference(api: Api): void {
  const hidden = { config: { permission: 'public' as const }, schema: { hide: true } }
  const style = createHash('sha256').update(STYLE).digest('base64')
  let description: Promise<Description> | undefined
  let page: string | undefined
  const describe = () => (description ??= withExamples(api.swagger() as unknown as Description))

  api.get('/openapi.json', hidden, describe)

  api.get('/docs', hidden, async (_, reply) => {
    page ??= formatPage(await describe())
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      })
      .serializer((text: unknown) => text as string)
      .send(page)
  })
}
