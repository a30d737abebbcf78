import type { Keychain } from '../credentials.ts'
import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import type { Reference } from '../reference.ts'
import { errorOf } from './answers.ts'
import { Authenticator } from './authenticator.ts'
import { errorIn } from './challenge.ts'
import type { Answer } from './connection.ts'
import { type Location, parseLocation } from './location.ts'
import type { Abortable, Network } from './network.ts'
import type { StreamedBody } from './outlet.ts'
import { Tries } from './retry.ts'
import type { Chunk } from './slabs.ts'

/** A body that is streamed, and can be streamed again: each opening begins at its start. */
export interface RepeatableBody {
  /** In bytes. */
  readonly length: number
  open(): AsyncIterable<Chunk>
}

/** One request to a registry, and what may be the answer. */
export interface RegistryRequest {
  readonly method: string
  readonly url: URL
  /** Path and query as they go over the wire, where they are not the URL's. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | RepeatableBody
  readonly scopes: readonly string[]
  /** The statuses that are answers; any other is an error. Where 401 is one, no further right is asked for. */
  readonly accepts: readonly number[]
  /** What is asked, for messages: `manifest latest`. */
  readonly what: string
  /** The code of an error that says nothing else. */
  readonly fallback: RegistryErrorCode
  /** A blob is read: it counts apart from the other requests. */
  readonly download?: boolean
  /** Not to be tried again here, because the caller repeats something larger. */
  readonly once?: boolean
  /** There is another way than this request: it is made again only when the registry asks for patience or a newer token. */
  readonly optional?: boolean
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const REDIRECT_LIMIT = 5
const DOCKER_HUB = 'docker.io'
const DOCKER_HUB_HOST = 'registry-1.docker.io'

/** Speaks to one registry about one repository: shows who is asking when asked to, follows redirects, tries again what can pass. */
export class Session {
  readonly place: Reference
  readonly network: Network
  /** Ends without a slash. */
  readonly base: URL
  /** Where it is by its name, whatever the operator has put in its place. */
  readonly #named: URL
  /** Requests sent; tokens and challenges not counted. */
  requests = 0
  readonly #authenticator: Authenticator

  constructor(network: Network, place: Reference, keychain: Keychain) {
    this.network = network
    this.place = place
    this.#named = namedUrl(place)
    this.base = baseOf(network, place, this.#named)
    this.#authenticator = new Authenticator(network, place, this.base, keychain)
  }

  /** A URL below `/v2/<repository>/`. */
  url(path: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(this.base)
    url.pathname = `${this.base.pathname.replace(/\/$/, '')}/v2/${this.place.repository}/${path}`
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url
  }

  /**
   * Where an answer of this registry leads within the registry, path and query as given; undefined for another host. TLS proxies give back
   * `http://` or lose a port, which is mended.
   */
  within(given: string | undefined, from: URL): Location | undefined {
    const found = parseLocation(given, from)
    const { origin, hostname, pathname } = this.base
    if (found?.url.hostname !== hostname && found?.url.hostname !== this.#named.hostname) return undefined
    const path = found.url.hostname === hostname ? found.path : pathname.replace(/\/$/, '') + found.path
    return { url: new URL(origin + path), path }
  }

  /** The scope of this repository. Distribution, "Token Scope Documentation". */
  scope(actions: 'pull' | 'pull,push'): string {
    return `repository:${this.place.repository}:${actions}`
  }

  /**
   * Asks, and answers with one of the accepted statuses. The answer's body is to be read to its end or cancelled.
   * @throws RegistryError with the registry's code or ours; the budget of retries is spent.
   */
  async ask(request: RegistryRequest, { signal }: Abortable): Promise<Answer> {
    if (request.once) return this.#try(request, signal)
    const tries = new Tries(this.network.options)
    for (;;) {
      try {
        return await this.#try(request, signal)
      } catch (error) {
        if (request.optional && !asksForPatience(error)) throw error
        await tries.again(error, { signal })
      }
    }
  }

  /** `registry/repository: what`, as messages begin. */
  where(what: string): string {
    return `${this.place.registry}/${this.place.repository}: ${what}`
  }

  /** The error that an answer to this request stands for; its body is read. */
  refusal(request: RegistryRequest, answer: Answer): Promise<RegistryError> {
    const redact = (text: string): string => this.#authenticator.redactor.redact(text)
    return errorOf(answer, this.where(request.what), request.fallback, redact)
  }

  async #try(request: RegistryRequest, signal: AbortSignal | undefined): Promise<Answer> {
    let shown = await this.#authenticator.authorization(request.scopes, signal)
    for (let round = 0; ; round++) {
      const { answer, own } = await this.#follow(request, shown, signal)
      if (request.accepts.includes(answer.status)) return answer
      const header = answer.headers.get('www-authenticate')
      // Read before a token is fetched, which may be the same server's business.
      const refusal = await this.refusal(request, answer)
      const error = errorIn(header)
      const asks = answer.status === 401 || (answer.status === 403 && error === 'insufficient_scope')
      const settled = request.optional && shown !== undefined && error === undefined
      if (!asks || settled || !own || round === 2) throw refusal
      const asked = { fresh: round > 0, signal }
      const other = await this.#authenticator.challenged(header, request.scopes, shown, asked)
      if (other === undefined) throw refusal
      shown = other
      this.requests -= 1
    }
  }

  /** Headers are built anew for each hop: what authorizes is shown to the registry's own origin alone. */
  async #follow(
    request: RegistryRequest,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly answer: Answer; readonly own: boolean }> {
    const { method, body, download } = request
    let { url, path = url.pathname + url.search } = request
    for (let hop = 0; hop <= REDIRECT_LIMIT; hop++) {
      const own = url.origin === this.base.origin
      const headers = {
        ...request.headers,
        'accept-encoding': 'identity',
        ...(own && authorization !== undefined && { authorization }),
      }
      this.requests += 1
      const sent = body === undefined || body instanceof Uint8Array ? body : streamed(body)
      const answer = await this.network.exchange(
        { method, url, path, headers, ...(sent !== undefined && { body: sent }) },
        { registry: this.place.registry, ...(signal && { signal }), ...(download && { download }) },
      )
      if (!REDIRECTS.has(answer.status) || (method !== 'GET' && method !== 'HEAD'))
        return { answer, own: own && hop === 0 }
      answer.body.cancel()
      ;({ url, path } = this.#next(answer.headers.get('location'), url, request.what))
    }
    throw new RegistryError(
      'PROTOCOL',
      `${this.where(request.what)}: redirected more than ${REDIRECT_LIMIT} times`,
    )
  }

  #next(given: string | undefined, from: URL, what: string): Location {
    const location = parseLocation(given, from)
    if (location === undefined || !/^https?:$/.test(location.url.protocol)) {
      throw new RegistryError('PROTOCOL', `${this.where(what)}: redirected to what is no URL`)
    }
    const { url } = location
    if (from.protocol === 'https:' && url.protocol === 'http:') {
      throw new RegistryError('PROTOCOL', `${this.where(what)}: redirected from https to http`)
    }
    // What is signed is as good as a password while it holds.
    for (const secret of [url.password, ...url.searchParams.values()])
      this.#authenticator.redactor.keepForNow(secret)
    url.username = ''
    url.password = ''
    return location
  }
}

function streamed({ length, open }: RepeatableBody): StreamedBody {
  return { length, chunks: open() }
}

function asksForPatience(error: unknown): boolean {
  return error instanceof RegistryError && (error.status === 429 || error.status === 503)
}

function namedUrl({ registry, scheme }: Reference): URL {
  return new URL(`${scheme}://${registry === DOCKER_HUB ? DOCKER_HUB_HOST : registry}`)
}

function baseOf(network: Network, { registry }: Reference, named: URL): URL {
  const asWritten = new URL(`${named.protocol}//${registry}`)
  const located = network.locate(asWritten).url
  return located === asWritten ? network.locate(named).url : located
}
