import { randomBytes } from 'node:crypto'
import { type Answer, json, notFound, refuse, specError } from './answer.ts'
import { type BearerAuth, isBasic, type Scope } from './auth.ts'
import type { Exchange } from './exchange.ts'

interface Token {
  readonly granted: ReadonlyMap<string, ReadonlySet<string>>
  readonly expiresAt: number
}

/** The token endpoint, and the tokens it gave out: opaque, random, each good for its scopes alone. */
export class Tokens {
  readonly #auth: BearerAuth
  readonly #tokens = new Map<string, Token>()

  constructor(auth: BearerAuth) {
    this.#auth = auth
  }

  revokeAll(): void {
    this.#tokens.clear()
  }

  problem(token: string, scopes: readonly Scope[]): 'invalid_token' | 'insufficient_scope' | undefined {
    const known = this.#tokens.get(token)
    if (known === undefined || known.expiresAt <= Date.now()) return 'invalid_token'
    const covers = ({ resource, actions }: Scope): boolean =>
      actions.every((action) => known.granted.get(resource)?.has(action))
    return scopes.every(covers) ? undefined : 'insufficient_scope'
  }

  async answer(exchange: Exchange): Promise<Answer> {
    const { method } = exchange.record
    if (method === 'GET') return this.#get(exchange)
    if (method === 'POST' && this.#auth.refreshToken !== undefined) return this.#post(exchange)
    return notFound()
  }

  #get(exchange: Exchange): Answer {
    const authorization = exchange.header('authorization')
    const known = isBasic(authorization, this.#auth)
    const anonymous = authorization === undefined && this.#auth.anonymous === 'pull'
    if (!known && !anonymous) {
      return refuse(401, [specError('UNAUTHORIZED')], { 'www-authenticate': 'Basic realm="token"' })
    }
    return this.#issue(exchange.record.query, known)
  }

  async #post(exchange: Exchange): Promise<Answer> {
    const form = new URLSearchParams((await exchange.bytes(64 * 1024)).toString())
    const { username, password, refreshToken } = this.#auth
    const byRefresh = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === refreshToken
    const byPassword =
      form.get('grant_type') === 'password' &&
      form.get('username') === username &&
      form.get('password') === password
    if (!byRefresh && !byPassword) return refuse(401, [specError('UNAUTHORIZED')])
    return this.#issue(form, true)
  }

  #issue(parameters: URLSearchParams, known: boolean): Answer {
    const auth = this.#auth
    if (parameters.get('service') !== (auth.service ?? 'registry.test')) {
      return refuse(400, [specError('UNKNOWN', undefined, 'wrong service')])
    }
    const scopes = parameters.getAll('scope').flatMap((scope) => scope.split(' ').filter((one) => one !== ''))
    const granted = new Map<string, Set<string>>()
    for (const scope of scopes) {
      const cut = scope.lastIndexOf(':')
      if (cut < 0 || !scope.slice(0, cut).includes(':')) {
        return refuse(400, [specError('UNKNOWN', undefined, 'bad scope')])
      }
      const resource = scope.slice(0, cut)
      const asked = scope
        .slice(cut + 1)
        .split(',')
        .filter((action) => known || action === 'pull')
      const given = auth.grant?.(resource, asked) ?? asked
      granted.set(resource, new Set([...(granted.get(resource) ?? []), ...given]))
    }
    const token = randomBytes(24).toString('base64url')
    const lifetime = auth.lifetimeSeconds ?? 300
    this.#tokens.set(token, { granted, expiresAt: Date.now() + lifetime * 1000 })
    const announced = auth.announceSeconds === undefined ? lifetime : auth.announceSeconds
    const field = auth.field ?? 'token'
    return json(200, {
      ...(field === 'access_token' ? {} : { token }),
      ...(field === 'token' ? {} : { access_token: token }),
      ...(announced === null ? {} : { expires_in: announced, issued_at: new Date().toISOString() }),
    })
  }
}
