import { isIP } from 'node:net'
import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import type { Peers } from '../peers.ts'
import { Bandwidth, type BandwidthLimits, gated } from './bandwidth.ts'
import type { Body } from './body.ts'
import type { Answer } from './connection.ts'
import { type Endpoint, endpointOf } from './dial.ts'
import { Governor } from './governor.ts'
import type { AddressGuard, DialTarget } from './guard.ts'
import type { Location } from './location.ts'
import { Origin } from './origin.ts'
import type { StreamedBody } from './outlet.ts'
import type { Proxies } from './proxies.ts'
import { parseRetryAfter, type RetryPolicy } from './retry.ts'
import type { TlsSettings } from './secure.ts'

/** Something that can be called off. */
export interface Abortable {
  readonly signal?: AbortSignal
}

/** How this process speaks to registries. Times in milliseconds, sizes in bytes. */
export interface NetworkOptions extends RetryPolicy {
  /** Undefined: any address may be dialled, as is right for the person at the keyboard. */
  readonly guard: AddressGuard | undefined
  /** A host as it is written, with its port if it has one, and where it really is. These may be dialled by themselves. */
  readonly endpoints: ReadonlyMap<string, URL>
  /** The operator's proxies. Undefined: none. */
  readonly proxies: Proxies | undefined
  readonly tls: TlsSettings | undefined
  readonly connectTimeoutMs: number
  /** From the last byte of a request to its answer: a registry that hashes a large blob at the end takes its time. */
  readonly headersTimeoutMs: number
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number
  /** The least that must move on the average; what falls behind it by the idle timeout is given up. 0: whatever moves will do. */
  readonly minBytesPerSecond: number
  /** Blobs read, and other requests, at once per registry. */
  readonly concurrency: number
  /** Undefined: as fast as the wire allows. */
  readonly bandwidth: BandwidthLimits | undefined
  /** The size of the chunks that larger blobs are sent in. Undefined: in one request wherever that is taken. */
  readonly chunkBytes: number | undefined
  /** The largest manifest that is taken. */
  readonly manifestBytes: number
  readonly userAgent: string
  /** Undefined: no other process is known to speak to the same registries. */
  readonly peers: Peers | undefined
  /** Is told what came of each request: the status of the answer, or why there was none. */
  readonly observe?: (outcome: number | RegistryErrorCode) => void
}

/** What is used unless something else is said. The distribution spec expects registries to take manifests of 4 MiB. */
export const DEFAULT_NETWORK: NetworkOptions = {
  guard: undefined,
  endpoints: new Map(),
  proxies: undefined,
  tls: undefined,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 120_000,
  idleTimeoutMs: 30_000,
  minBytesPerSecond: 1024,
  retries: 4,
  retryBaseMs: 500,
  retryAfterMaxMs: 60_000,
  concurrency: 16,
  bandwidth: undefined,
  chunkBytes: undefined,
  manifestBytes: 4 * 1024 * 1024,
  userAgent: 'tagboat',
  peers: undefined,
}

/** One request to a URL. A body that is streamed is sent once; anything else may be sent again on a fresh connection. */
export interface HttpRequest {
  readonly method: string
  readonly url: URL
  /** Path and query as they go over the wire, where they are not the URL's. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | StreamedBody
}

/** What an exchange is for. */
interface Purpose {
  /** A blob is read: it counts apart from the other requests. */
  readonly download?: boolean
  /** Whose bandwidth it takes, wherever the bytes really come from. */
  readonly registry?: string
}

interface Place {
  readonly origin: Origin
  readonly governor: Governor
}

const REMEMBERED = 500

/**
 * All connections of a process: kept and used again, counted per registry, and none to an address that the guard does not permit.
 * Close it at the end.
 */
export class Network {
  readonly options: NetworkOptions
  readonly #places = new Map<string, Place>()
  readonly #bandwidth: Bandwidth | undefined

  constructor(options: Partial<NetworkOptions> = {}) {
    const merged = { ...DEFAULT_NETWORK, ...options }
    this.options = { ...merged, guard: merged.guard && withEndpoints(merged.guard, merged.endpoints) }
    this.#bandwidth = merged.bandwidth && new Bandwidth(merged.bandwidth)
    merged.peers?.onPause((origin, ms) => this.#place(new URL(origin)).governor.pause(ms))
  }

  /** Where the URL really is: its host, or the endpoint that the operator put in its place. */
  locate(url: URL, path: string = url.pathname + url.search): Location {
    const { endpoints } = this.options
    const mapped = endpoints.get(url.host) ?? (url.port === '' ? endpoints.get(url.hostname) : undefined)
    if (mapped === undefined) return { url, path }
    const located = mapped.pathname.replace(/\/$/, '') + path
    return { url: new URL(mapped.origin + located), path: located }
  }

  /** Whether the URL leads where requests may go, as far as it says so itself: about a name it is decided when it is dialled. */
  permits(url: URL): boolean {
    const { host, port } = endpointOf(this.locate(url).url)
    return isIP(host) === 0 || (this.options.guard?.permits({ host, port, address: host }) ?? true)
  }

  /**
   * One exchange: no redirect is followed, nothing is added, nothing tried again but on a kept connection that turned out to be dead.
   * The answer's body is to be read to its end or cancelled.
   * @throws RegistryError BLOCKED_ADDRESS, STALLED, REGISTRY_UNAVAILABLE, PROTOCOL, CANCELLED
   */
  async exchange(request: HttpRequest, options: Abortable & Purpose = {}): Promise<Answer> {
    const { url, path } = this.locate(request.url, request.path)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new RegistryError('PROTOCOL', `${url.host}: neither http nor https`)
    }
    const { origin, governor } = this.#place(url)
    const leave = await governor.enter(options.download ? 'download' : 'other', options.signal)
    const startedAt = performance.now()
    try {
      const answer = await this.#send(origin, { url, path }, request, options)
      const gate = options.download && this.#bandwidth?.gate(options.registry ?? '', 'in', options.signal)
      if (gate) answer.body.passThrough(gate)
      const small = request.body === undefined || request.body instanceof Uint8Array
      governor.saw(
        answer.status,
        parseRetryAfter(answer.headers),
        small ? performance.now() - startedAt : undefined,
      )
      answer.body.closed.then(leave)
      this.options.observe?.(answer.status)
      return answer
    } catch (error) {
      leave()
      if (error instanceof RegistryError) this.options.observe?.(error.code)
      throw error
    }
  }

  /**
   * One small request and its whole answer, for keychains and webhooks: redirects are answers like any other.
   * @throws RegistryError as {@link Network.exchange}; PROTOCOL when the answer is longer than `maxBytes` (1 MiB by default).
   */
  async request(
    request: HttpRequest & { readonly body?: Uint8Array },
    options: Abortable & { readonly maxBytes?: number } = {},
  ): Promise<{
    readonly status: number
    readonly headers: ReadonlyMap<string, string>
    readonly body: Uint8Array
  }> {
    const { status, headers, body } = await this.exchange(request, options)
    return { status, headers, body: await readAll(body, options.maxBytes ?? 1024 * 1024, request.url.host) }
  }

  /** Ends every connection. Requests under way fail with CANCELLED. */
  async close(): Promise<void> {
    for (const { origin } of this.#places.values()) origin.close()
    this.#places.clear()
  }

  async #send(
    origin: Origin,
    { url, path }: Location,
    request: HttpRequest,
    options: Abortable & Purpose,
  ): Promise<Answer> {
    const body = this.#paced(request.body, options)
    const { userAgent, headersTimeoutMs, idleTimeoutMs } = this.options
    const { tls, via } = origin.endpoint
    // A proxy that is not a tunnel is asked by the whole URL.
    const proxied = via !== undefined && !tls
    const wire = {
      method: request.method,
      path: proxied ? url.origin + path : path,
      headers: {
        host: url.host,
        'user-agent': userAgent,
        ...request.headers,
        ...(proxied && (await import('./tunnel.ts')).proxyAuthorization(via)),
      },
      ...(body !== undefined && { body }),
      // A registry may have to hash a large blob before it answers, but it need not think about one that is asked for.
      answerWithinMs: options.download ? Math.min(headersTimeoutMs, idleTimeoutMs) : headersTimeoutMs,
    }
    return origin.exchange(wire, options.signal)
  }

  #paced(body: HttpRequest['body'], { registry = '', signal }: Abortable & Purpose): HttpRequest['body'] {
    if (body === undefined || body instanceof Uint8Array) return body
    const gate = this.#bandwidth?.gate(registry, 'out', signal)
    return gate === undefined ? body : { length: body.length, chunks: gated(body.chunks, gate) }
  }

  #place(url: URL): Place {
    const known = this.#places.get(url.origin)
    if (known !== undefined) return known
    // Whoever has us redirected to ever new hosts does not fill our memory.
    if (this.#places.size >= REMEMBERED)
      for (const [key, { origin }] of this.#places) if (origin.unused) this.#places.delete(key)
    const endpoint = { ...endpointOf(url), via: this.options.proxies?.(url) }
    const tell = (ms: number): void => this.options.peers?.tellPause(url.origin, ms)
    const place = {
      origin: new Origin(endpoint, this.options),
      governor: new Governor(this.options, undefined, tell),
    }
    this.#places.set(url.origin, place)
    return place
  }
}

/** The body's bytes. @throws RegistryError PROTOCOL when there are more than `limit`. */
export async function readAll(body: Body, limit: number, where: string): Promise<Uint8Array> {
  const bytes = await body.bytes(limit)
  if (bytes === undefined)
    throw new RegistryError('PROTOCOL', `${where}: the answer is longer than ${limit} bytes`)
  return bytes
}

function withEndpoints(guard: AddressGuard, endpoints: ReadonlyMap<string, URL>): AddressGuard {
  const configured = new Set([...endpoints.values()].map((url) => formatPair(endpointOf(url))))
  return { permits: (target) => configured.has(formatPair(target)) || guard.permits(target) }
}

function formatPair({ host, port }: Endpoint | DialTarget): string {
  return `${host.toLowerCase()}:${port}`
}
