import type { Credentials, Keychain } from '../credentials.ts'
import { RegistryError } from '../errors.ts'
import type { Reference } from '../reference.ts'
import { errorOf } from './answers.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Answer } from './connection.ts'
import { Flight } from './flight.ts'
import type { Abortable, Network } from './network.ts'
import { Redactor } from './redactor.ts'
import { withRetries } from './retry.ts'
import { asking, plain, refreshing, sameCredentials } from './token-request.ts'

interface Token {
  readonly text: string
  readonly expiresAtMs: number
}

const TOKEN_BYTES = 128 * 1024
const SHORTEST_LIFE_MS = 60_000
const RENEW_EARLY_MS = 5_000
const PLACEHOLDER = 'repository:user/image:pull'

/**
 * Shows one registry who is asking, after it asked: Basic, or Bearer tokens kept per set of scopes. Credentials go to the registry's own
 * origin, and to the realm that it named itself; to nothing else. OCI distribution spec; distribution's "Token Authentication".
 */
export class Authenticator {
  readonly #network: Network
  readonly #place: Reference
  readonly #base: URL
  readonly #keychain: Keychain
  readonly #now: () => number
  readonly #tokens = new Map<string, Flight<Token>>()
  /** Knows whatever was shown. */
  readonly redactor = new Redactor()
  #credentials: Flight<Credentials | undefined> | undefined
  #refused: Credentials | undefined
  #challenge: Challenge | undefined
  /** What challenges asked for beyond what we thought was enough. */
  #more: readonly string[] = []

  constructor(
    network: Network,
    place: Reference,
    base: URL,
    keychain: Keychain,
    now: () => number = Date.now,
  ) {
    this.#network = network
    this.#place = place
    this.#base = base
    this.#keychain = keychain
    this.#now = now
  }

  /** The Authorization header for these scopes, as far as the registry has asked for one before. */
  async authorization(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    return this.#challenge && this.#answer(this.#challenge, this.#wanted(scopes), signal)
  }

  /**
   * Takes up the challenge of a 401 from the registry's own origin. `rejected`: what was shown and not accepted; `fresh`: it was made for this
   * very request, so that another one like it would fare no better. Undefined when there is nothing else to show.
   * @throws RegistryError UNAUTHORIZED when there is nothing to show at all, or nothing to be had for it.
   */
  async challenged(
    header: string | undefined,
    scopes: readonly string[],
    rejected: string | undefined,
    { fresh, signal }: { readonly fresh: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<string | undefined> {
    const challenges = parseChallenges(header ?? '')
    const challenge =
      challenges.find(({ scheme }) => scheme === 'bearer') ??
      challenges.find(({ scheme }) => scheme === 'basic')
    if (challenge === undefined)
      throw this.#unauthorized('it names no way to authenticate that is known here')
    this.#challenge = challenge
    const before = this.#wanted(scopes)
    const shown = rejected !== undefined && (await this.#forget(before, rejected, signal))
    if (rejected !== undefined) this.#more = [...this.#more, ...this.#asked(challenge)]
    const wanted = this.#wanted(scopes)
    if (fresh && shown === 'token' && wanted.length === before.length) return undefined
    const answer = await this.#answer(challenge, wanted, signal)
    if (answer === undefined) throw this.#unauthorized('it asks for credentials, and there are none for it')
    return answer === rejected ? undefined : answer
  }

  /** What was rejected is not shown again. Another one may have replaced it meanwhile. */
  async #forget(
    scopes: readonly string[],
    rejected: string,
    signal: AbortSignal | undefined,
  ): Promise<'token' | 'credentials' | undefined> {
    const key = scopes.join(' ')
    const kept = await ofFlight(this.#tokens.get(key), signal)
    if (kept !== undefined && `Bearer ${kept.text}` === rejected) {
      this.#tokens.delete(key)
      return 'token'
    }
    const credentials = await ofFlight(this.#credentials, signal)
    if (credentials === undefined || plain(credentials) !== rejected) return undefined
    this.#refuse(credentials)
    return 'credentials'
  }

  /** Vendors' credentials end too: the keychain is asked again, and told which were of no use. */
  #refuse(credentials: Credentials): void {
    this.#refused = credentials
    this.#credentials = undefined
  }

  async #answer(
    challenge: Challenge,
    scopes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const credentials = await this.#known(signal)
    if (credentials?.kind === 'bearer') return plain(credentials)
    if (challenge.scheme === 'basic') return credentials?.kind === 'basic' ? plain(credentials) : undefined
    try {
      return `Bearer ${await this.#token(challenge, scopes, credentials, signal)}`
    } catch (error) {
      if (credentials === undefined || !(error instanceof RegistryError) || error.status !== 401) throw error
      this.#refuse(credentials)
      const newer = await this.#known(signal)
      if (newer === undefined || sameCredentials(newer, credentials)) throw error
      return `Bearer ${await this.#token(challenge, scopes, newer, signal)}`
    }
  }

  async #known(signal: AbortSignal | undefined): Promise<Credentials | undefined> {
    const scope = this.#refused === undefined ? this.#place : { ...this.#place, rejected: this.#refused }
    if (this.#credentials === undefined || this.#credentials.calledOff)
      this.#credentials = new Flight(async (stop) =>
        this.#remember(await this.#keychain.credentials(scope, stop)),
      )
    const asked = this.#credentials
    try {
      return await asked.join(signal)
    } catch (error) {
      if (this.#credentials === asked && !signal?.aborted) this.#credentials = undefined
      throw error
    }
  }

  /** One request for all who ask at the same moment, which ends when none of them waits for it any more. */
  async #token(
    challenge: Challenge,
    scopes: readonly string[],
    credentials: Credentials | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const key = scopes.join(' ')
    const known = this.#tokens.get(key)
    const kept = await ofFlight(known, signal)
    if (kept !== undefined && kept.expiresAtMs - RENEW_EARLY_MS > this.#now()) return kept.text
    const other = this.#tokens.get(key)
    const flight =
      other === undefined || other === known || other.calledOff
        ? new Flight((stop) => this.#fetch(challenge, scopes, credentials, { signal: stop }))
        : other
    this.#tokens.set(key, flight)
    try {
      return (await flight.join(signal)).text
    } catch (error) {
      if (this.#tokens.get(key) === flight && !signal?.aborted) this.#tokens.delete(key)
      throw error
    }
  }

  async #fetch(
    challenge: Challenge,
    scopes: readonly string[],
    credentials: Credentials | undefined,
    options: Abortable,
  ): Promise<Token> {
    const realm = this.#realm(challenge, credentials)
    const fields: [string, string][] = [
      ['service', challenge.params.get('service') ?? ''],
      ...scopes.map((scope): [string, string] => ['scope', scope]),
    ]
    const given = fields.filter(([, value]) => value !== '')
    const where = `${this.#place.registry}: token from ${realm.host}`
    const fetch = async (): Promise<Token> => {
      const answer =
        (await this.#refreshed(realm, given, credentials, options)) ??
        (await this.#network.exchange(asking(realm, given, credentials), options))
      if (answer.status !== 200)
        throw await errorOf(answer, where, 'UNAUTHORIZED', (text) => this.redactor.redact(text))
      return this.#parse(await answer.body.bytes(TOKEN_BYTES), where)
    }
    return withRetries(this.#network.options, fetch, options)
  }

  /** The answer to a refresh token; undefined where there is none, or the server does not know OAuth2: each knows GET. */
  async #refreshed(
    realm: URL,
    fields: readonly [string, string][],
    credentials: Credentials | undefined,
    options: Abortable,
  ): Promise<Answer | undefined> {
    if (credentials?.kind !== 'refresh') return undefined
    const answer = await this.#network.exchange(refreshing(realm, fields, credentials.token), options)
    if (answer.status !== 404) return answer
    answer.body.cancel()
    return undefined
  }

  #realm(challenge: Challenge, credentials: Credentials | undefined): URL {
    const realm = URL.parse(challenge.params.get('realm') ?? '', this.#base)
    if (realm === null || !/^https?:$/.test(realm.protocol))
      throw this.#unauthorized('its token realm is not a URL')
    if (credentials !== undefined && realm.protocol === 'http:' && this.#base.protocol === 'https:') {
      throw this.#unauthorized('its token realm is not https: no credentials are sent there')
    }
    realm.username = ''
    realm.password = ''
    return realm
  }

  #parse(bytes: Uint8Array | undefined, where: string): Token {
    let json: Record<string, unknown>
    try {
      json = JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) ?? {}
    } catch {
      json = {}
    }
    const text = [json.token, json.access_token].find(
      (value) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
    )
    if (typeof text !== 'string')
      throw new RegistryError('UNAUTHORIZED', `${where}: the answer holds no token`)
    this.redactor.keep(text)
    // issued_at is another machine's clock: only the length of the life counts, from now.
    const lifeMs = typeof json.expires_in === 'number' ? json.expires_in * 1000 : 0
    return { text, expiresAtMs: this.#now() + Math.max(SHORTEST_LIFE_MS, lifeMs) }
  }

  #remember(credentials: Credentials | undefined): Credentials | undefined {
    if (credentials === undefined) return undefined
    this.redactor.keep(credentials.kind === 'basic' ? credentials.password : credentials.token)
    this.redactor.keep(plain(credentials).replace(/^\S+ /, ''))
    return credentials
  }

  /** The scopes that a challenge names, but for the one that GHCR names where it knows no repository yet. */
  #asked(challenge: Challenge): readonly string[] {
    const scopes = challenge.params.get('scope')?.split(' ') ?? []
    return scopes.filter((scope) => scope !== PLACEHOLDER || this.#place.repository === 'user/image')
  }

  /** Ours first: some servers look at the first one only. */
  #wanted(scopes: readonly string[]): readonly string[] {
    return [...new Set([...scopes, ...this.#more])].filter((scope) => scope !== '')
  }

  #unauthorized(why: string): RegistryError {
    return new RegistryError(
      'UNAUTHORIZED',
      `${this.#place.registry}/${this.#place.repository}: not authorized (${why})`,
      { status: 401 },
    )
  }
}

/** What others wait for, or have waited for; undefined where it came to nothing. @throws RegistryError CANCELLED */
async function ofFlight<T>(
  flight: Flight<T> | undefined,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await flight?.join(signal)
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
}
