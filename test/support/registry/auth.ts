import { timingSafeEqual } from 'node:crypto'
import { type Answer, refuse, specError } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Route } from './route.ts'
import { Tokens } from './token.ts'

export interface BasicAuth {
  readonly kind: 'basic'
  readonly username: string
  readonly password: string
  /** Default `basic-realm`. */
  readonly realm?: string
}

/** Token authentication; the token endpoint is `/token` of the same server. */
export interface BearerAuth {
  readonly kind: 'bearer'
  readonly username: string
  readonly password: string
  /** Answered to `service=`; another service is refused. Default `registry.test`. */
  readonly service?: string
  /** What the challenge names; default the absolute URL of `/token`. May be relative, or another host's. */
  readonly realm?: string
  /** Which field of the token answer holds the token. Default `token`. */
  readonly field?: 'token' | 'access_token' | 'both'
  /** What a token request without credentials gets. Default `refuse` (401). */
  readonly anonymous?: 'refuse' | 'pull'
  /** How long tokens hold, default 300; `announceSeconds` is what the answer says instead, null says nothing. */
  readonly lifetimeSeconds?: number
  readonly announceSeconds?: number | null
  /** Cuts down what a scope asks for; default grants all of it to the right credentials. */
  readonly grant?: (resource: string, actions: readonly string[]) => readonly string[]
  /** Accepted by POST with `grant_type=refresh_token`. Without it POST is not found, as at older servers. */
  readonly refreshToken?: string
  /** `open`: `/v2/` answers 200 to anybody, and only repositories ask for a token. Default `challenge`. */
  readonly base?: 'challenge' | 'open'
}

export type Auth = BasicAuth | BearerAuth

export interface Scope {
  /** `repository:<name>` or `registry:catalog`. */
  readonly resource: string
  readonly actions: readonly string[]
}

/** What the endpoint asks for, by method, as docker-registry does; a mount asks to read the other side too. */
export function neededScopes(route: Route, method: string, query: URLSearchParams): Scope[] {
  if (route.kind === 'base') return []
  if (route.kind === 'catalog') return [{ resource: 'registry:catalog', actions: ['*'] }]
  const actions =
    method === 'GET' || method === 'HEAD' ? ['pull'] : method === 'DELETE' ? ['delete'] : ['pull', 'push']
  const own = { resource: `repository:${route.name}`, actions }
  const from = query.get('from')
  if (route.kind !== 'uploads' || method !== 'POST' || from === null) return [own]
  return [own, { resource: `repository:${from}`, actions: ['pull'] }]
}

export const formatScopes = (scopes: readonly Scope[]): string =>
  scopes.map(({ resource, actions }) => `${resource}:${actions.join(',')}`).join(' ')

/** Decides who may pass. `origin` is the registry's own URL. */
export class Gatekeeper {
  readonly tokens: Tokens | undefined
  readonly #auth: Auth | undefined
  readonly #origin: () => string

  constructor(auth: Auth | undefined, origin: () => string) {
    this.#auth = auth
    this.#origin = origin
    this.tokens = auth?.kind === 'bearer' ? new Tokens(auth) : undefined
  }

  /** The refusal, or undefined: come in. */
  check(exchange: Exchange, route: Route): Answer | undefined {
    const auth = this.#auth
    if (auth === undefined) return undefined
    const scopes = neededScopes(route, exchange.record.method, exchange.record.query)
    const authorization = exchange.header('authorization')
    if (auth.kind === 'basic') {
      if (isBasic(authorization, auth)) return undefined
      return unauthorized(`Basic realm="${auth.realm ?? 'basic-realm'}"`, scopes)
    }
    if (route.kind === 'base' && auth.base === 'open') return undefined
    const problem = this.#problem(authorization, scopes)
    if (problem === undefined) return undefined
    const parts = [
      `realm="${auth.realm ?? `${this.#origin()}/token`}"`,
      `service="${auth.service ?? 'registry.test'}"`,
      ...(scopes.length === 0 ? [] : [`scope="${formatScopes(scopes)}"`]),
      ...(problem === 'missing' ? [] : [`error="${problem}"`]),
    ]
    return unauthorized(`Bearer ${parts.join(',')}`, scopes)
  }

  #problem(authorization: string | undefined, scopes: readonly Scope[]) {
    const token = /^bearer (.+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return 'missing' as const
    return this.tokens?.problem(token, scopes)
  }
}

function unauthorized(challenge: string, scopes: readonly Scope[]): Answer {
  const detail = scopes.flatMap(({ resource, actions }) => {
    const [type, ...rest] = resource.split(':')
    return actions.map((action) => ({ Type: type, Class: '', Name: rest.join(':'), Action: action }))
  })
  const error = specError('UNAUTHORIZED', detail.length === 0 ? null : detail)
  return refuse(401, [error], { 'www-authenticate': challenge })
}

export function isBasic(
  authorization: string | undefined,
  wanted: { readonly username: string; readonly password: string },
): boolean {
  const given = /^basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (given === undefined) return false
  const said = Buffer.from(given, 'base64')
  const meant = Buffer.from(`${wanted.username}:${wanted.password}`)
  return said.length === meant.length && timingSafeEqual(said, meant)
}
