import { randomUUID, sign } from 'node:crypto'
import { certificate } from './certificate.ts'
import { TOKEN_ISSUER } from './docker-registry.ts'
import { type Answer, json, refuse, specError } from './registry/answer.ts'
import { isBasic } from './registry/auth.ts'
import type { Exchange } from './registry/exchange.ts'
import { Front, type FrontOptions } from './registry/front.ts'

export interface TokenServerOptions extends FrontOptions {
  readonly username: string
  readonly password: string
  /** Answered to `service=`. Default `registry.test`. */
  readonly service?: string
  /** Which field of the answer holds the token. Default `token`. */
  readonly field?: 'token' | 'access_token'
}

/** Hands out tokens that a docker-registry of the tests believes, as distribution's token specification has it. */
export class TokenServer extends Front {
  readonly #options: TokenServerOptions

  private constructor(options: TokenServerOptions) {
    super(options)
    this.#options = options
  }

  static start(options: TokenServerOptions): Promise<TokenServer> {
    return new TokenServer(options).listen(options.port)
  }

  /** For `startDockerRegistry`. */
  get auth(): { readonly realm: string; readonly service: string; readonly cert: string } {
    return { realm: `${this.url}/token`, service: this.#service, cert: certificate.cert }
  }

  get #service(): string {
    return this.#options.service ?? 'registry.test'
  }

  protected async act(exchange: Exchange): Promise<Answer> {
    const { query } = exchange.record
    const known = isBasic(exchange.header('authorization'), this.#options)
    if (!known || query.get('service') !== this.#service) return refuse(401, [specError('UNAUTHORIZED')])
    const access = query.getAll('scope').map((scope) => {
      const [type, name, actions = ''] = /^([^:]+):(.+):([^:]+)$/.exec(scope)?.slice(1) ?? []
      return { type, name, actions: actions.split(',') }
    })
    return json(200, { [this.#options.field ?? 'token']: this.#issue(access), expires_in: 300 })
  }

  #issue(access: readonly object[]): string {
    const now = Math.floor(Date.now() / 1000)
    const der = certificate.cert.replace(/-----[^-]+-----|\s/g, '')
    const claims = {
      ...{ iss: TOKEN_ISSUER, sub: this.#options.username, aud: this.#service, jti: randomUUID() },
      ...{ iat: now - 5, nbf: now - 5, exp: now + 300, access },
    }
    const signed = [{ typ: 'JWT', alg: 'ES256', x5c: [der] }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const key = { key: certificate.key, dsaEncoding: 'ieee-p1363' } as const
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
}

/** Starts a token server on a free loopback port. */
export function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  return TokenServer.start(options)
}
