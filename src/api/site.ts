import type { FastifyRequest } from 'fastify'
import { Secret } from '#model'

/** Where our own pages are, as browsers see it. */
export interface Site {
  /** The path of the service: `/`, or what a public URL has behind its host. */
  readonly path: string
  /** Whether browsers come by https. */
  readonly secure: boolean
  /** The host that browsers know where a proxy stands between. */
  readonly host: string | undefined
  /** Cookies know no ports: two services on one machine must not take each other's for theirs. */
  readonly cookie: string
}

export function siteOf(publicUrl: string | undefined, listen: string): Site {
  const cookie = `tagboat_${listen.slice(listen.lastIndexOf(':') + 1)}`
  if (publicUrl === undefined) return { path: '/', secure: false, host: undefined, cookie }
  const { pathname, protocol, host } = new URL(publicUrl)
  return { path: `${pathname.replace(/\/+$/, '')}/`, secure: protocol === 'https:', host, cookie }
}

/** What the session's cookie says, if one of our own pages asks: what other pages have the browser send counts for nothing. */
export function sessionTextOf(request: FastifyRequest, site: Site): Secret | undefined {
  if (!isFromOurPages(request, site)) return undefined
  const [, text] =
    new RegExp(`(?:^|; *)${site.cookie}=([\\w-]{43})(?:;|$)`).exec(request.headers.cookie ?? '') ?? []
  return text === undefined ? undefined : new Secret(text)
}

/**
 * Whether one of our own pages asks. Browsers say so in `Sec-Fetch-Site`; over plain http, where they leave that out, in the `Origin` of
 * whatever changes things.
 */
export function isFromOurPages({ method, headers, host }: FastifyRequest, site: Site): boolean {
  const { 'sec-fetch-site': from, origin } = headers
  if (from !== undefined) return from === 'same-origin'
  if (origin === undefined) return method === 'GET' || method === 'HEAD'
  const there = URL.canParse(origin) ? new URL(origin).host : undefined
  return there !== undefined && (there === host || there === site.host)
}

/** The header that gives a browser its session, or with nothing and 0 seconds takes it away. */
export function cookieOf({ cookie, path, secure }: Site, value: string, seconds: number): string {
  const attributes = [`Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict']
  return [`${cookie}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ')
}
