import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Answer, bare, notFound, refuse, specError, text } from './answer.ts'
import { type Auth, Gatekeeper } from './auth.ts'
import { getBlob } from './blobs.ts'
import { type Content, collect, contentOf } from './content.ts'
import { Exchange, Gone } from './exchange.ts'
import { type Behaviour, type Fault, type FaultLimits, Faults } from './faults.ts'
import { matches, type OpenRecord, type RecordedRequest, type RequestMatch } from './ledger.ts'
import { catalog, listReferrers, listTags, type PageRules } from './listing.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { allowed, parseRoute, type Route } from './route.ts'
import { Storage, type StoredManifest } from './storage.ts'
import { beginUpload, type UploadRules, upload } from './upload-routes.ts'
import { type OpenUpload, Uploads } from './uploads.ts'

/** Everything is off by default: the registry then behaves like docker-registry 2.8.2. */
export interface RegistryOptions {
  readonly auth?: Auth
  /** Serve https with this key and certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** How Location is written. Default `absolute`. */
  readonly location?: 'absolute' | 'relative'
  /** Tags in pages, sorted, honouring `n` and `last`. */
  readonly tagPages?: PageRules
  /** The referrers API; true for all referrers on one page. */
  readonly referrers?: boolean | PageRules
  /** `session`: every mount is answered with an upload session. Default `mount`. */
  readonly mount?: 'mount' | 'session'
  /** Keep digest and size of uploaded blobs, not the bytes; then only sha256 digests are understood. */
  readonly discardBlobs?: boolean
  /** Largest manifest in bytes. Default 4 MiB. */
  readonly manifestLimit?: number
  /** Answer 416 to a chunk that does not start where the session stands. */
  readonly strictRanges?: boolean
  readonly chunkMinLength?: number
  /** Default: any free one. */
  readonly port?: number
}

/** A registry of its own on a loopback port. Close it, or declare it with `await using`. */
export class Registry implements AsyncDisposable {
  /** In order of arrival; entries of requests under way are still filled in. */
  readonly requests: readonly RecordedRequest[] = []
  /** Mistakes of the registry itself, each answered with 500; a test may assert that there were none. */
  readonly errors: unknown[] = []
  readonly #options: RegistryOptions
  readonly #server: Server
  readonly #storage = new Storage()
  readonly #uploads: Uploads
  readonly #faults = new Faults()
  readonly #gatekeeper: Gatekeeper
  readonly #sockets = new Map<Socket, number>()
  #connections = 0

  private constructor(options: RegistryOptions) {
    this.#options = options
    this.#uploads = new Uploads(options.discardBlobs ?? false)
    this.#gatekeeper = new Gatekeeper(options.auth, () => this.url)
    this.#server = options.tls === undefined ? createServer() : createSecureServer({ ...options.tls })
    this.#server.requestTimeout = 0
    this.#server.on('request', (request, response) => void this.#serve(request, response, false))
    this.#server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    this.#server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#connections += 1
      this.#sockets.set(socket, this.#connections)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(options: RegistryOptions): Promise<Registry> {
    const registry = new Registry(options)
    const listening = Promise.withResolvers<void>()
    registry.#server.once('error', listening.reject)
    registry.#server.listen(options.port ?? 0, '127.0.0.1', listening.resolve)
    await listening.promise
    return registry
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** `127.0.0.1:<port>`, as it stands in a reference. */
  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${this.host}`
  }

  /** Connections accepted so far, and those open now. */
  get connections(): { readonly accepted: number; readonly open: number } {
    return { accepted: this.#connections, open: this.#sockets.size }
  }

  find(match: RequestMatch = {}): RecordedRequest[] {
    return this.requests.filter((request) => matches(match, request))
  }

  count(match: RequestMatch = {}): number {
    return this.find(match).length
  }

  /** Forgets the requests so far; faults and contents stay. */
  clear(): void {
    ;(this.requests as RecordedRequest[]).length = 0
  }

  /** Makes requests that match go wrong. Later faults apply after earlier ones; the first answer given wins. */
  fault(match: RequestMatch, behaviour: Behaviour | readonly Behaviour[], limits: FaultLimits = {}): Fault {
    return this.#faults.add(match, behaviour, limits)
  }

  /** Takes all faults away and lets go of what they hold. */
  clearFaults(): void {
    this.#faults.clear()
  }

  /** Every token given out so far is worth nothing any more. */
  revokeTokens(): void {
    this.#gatekeeper.tokens?.revokeAll()
  }

  /** Sessions that were opened and neither finished nor cancelled. */
  uploads(): OpenUpload[] {
    return this.#uploads.open()
  }

  putBlob(repository: string, bytes: Uint8Array): string {
    return this.#storage.putBlob(repository, bytes)
  }

  /** Registers a blob whose bytes are made when they are asked for. */
  putContent(repository: string, content: Content): string {
    this.#storage.repository(repository).blobs.set(content.digest, content)
    return content.digest
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.#storage.find(repository)?.blobs.has(digest) ?? false
  }

  async getBlob(repository: string, digest: string): Promise<Buffer | undefined> {
    const blob = this.#storage.find(repository)?.blobs.get(digest)
    return blob?.open === undefined ? undefined : await collect(blob.open(0, blob.size))
  }

  blobs(repository: string): string[] {
    return [...(this.#storage.find(repository)?.blobs.keys() ?? [])].sort()
  }

  /** What lies behind the digest becomes something else, in this repository; the digest stays. */
  tamperBlob(repository: string, digest: string, bytes: Uint8Array): void {
    this.putContent(repository, contentOf(Buffer.from(bytes), digest))
  }

  deleteBlob(repository: string, digest: string): boolean {
    return this.#storage.find(repository)?.blobs.delete(digest) ?? false
  }

  /** By tag, or by a digest, which is believed: other bytes under it are a tampered manifest. Nothing is checked. */
  putManifest(repository: string, reference: string, bytes: Uint8Array, mediaType: string): string {
    return this.#storage.putManifest(repository, reference, bytes, mediaType)
  }

  getManifest(repository: string, reference: string): StoredManifest | undefined {
    return this.#storage.getManifest(repository, reference)
  }

  deleteManifest(repository: string, digest: string): void {
    deleteManifest(this.#storage.find(repository), digest)
  }

  manifests(repository: string): string[] {
    return [...(this.#storage.find(repository)?.manifests.keys() ?? [])].sort()
  }

  /** Sorted. */
  tags(repository: string): string[] {
    return [...(this.#storage.find(repository)?.tags.keys() ?? [])].sort()
  }

  deleteTag(repository: string, tag: string): boolean {
    return this.#storage.find(repository)?.tags.delete(tag) ?? false
  }

  /** Stops listening and cuts every connection. What faults hold is cut, not answered. */
  async close(): Promise<void> {
    const closed = [new Promise<void>((resolve) => this.#server.close(() => resolve()))]
    for (const socket of this.#sockets.keys()) {
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())))
      socket.destroy()
    }
    await Promise.all(closed)
    this.clearFaults()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> {
    const record = this.#record(request)
    const exchange = new Exchange(request, response, record, expectsContinue)
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    response.on('error', () => {})
    try {
      await this.#faults.around(exchange, () => this.#act(exchange))
    } catch (error) {
      record.aborted = true
      if (!(error instanceof Gone)) this.errors.push(error)
      if (!response.headersSent && !(error instanceof Gone)) response.writeHead(500).end()
      else request.socket.destroy()
    }
    if (!response.writableFinished) record.aborted = true
    record.endedAt = Date.now()
  }

  #record(request: IncomingMessage): OpenRecord {
    const url = request.url ?? '/'
    const [path = '', query = ''] = url.split(/\?(.*)/s)
    const headers = Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      values?.join(', ') ?? '',
    ])
    const record: OpenRecord = {
      method: request.method ?? '',
      url,
      path: decoded(path),
      query: new URLSearchParams(query),
      headers: Object.fromEntries(headers) as Record<string, string>,
      status: 0,
      bytesIn: 0,
      bytesOut: 0,
      at: Date.now(),
      endedAt: undefined,
      aborted: false,
      connection: this.#sockets.get(request.socket) ?? 0,
    }
    ;(this.requests as RecordedRequest[]).push(record)
    return record
  }

  async #act(exchange: Exchange): Promise<Answer> {
    const { path, method } = exchange.record
    if (path === '/token' && this.#gatekeeper.tokens !== undefined)
      return this.#gatekeeper.tokens.answer(exchange)
    if (path === '/') return bare(200, { 'cache-control': 'no-cache' })
    const withSlash = parseRoute(`${path}/`)
    if (withSlash?.kind === 'base' || withSlash?.kind === 'uploads')
      return bare(301, { location: `${path}/` })
    const route = parseRoute(path)
    if (route === undefined || (route.kind === 'referrers' && !this.#options.referrers)) return notFound()
    const refusal = this.#gatekeeper.check(exchange, route)
    if (refusal !== undefined) return refusal
    const methods = allowed[route.kind]
    if (methods?.includes(method) === false)
      return text(405, 'Method not allowed', { allow: methods.join(', ') })
    return this.#answer(exchange, route)
  }

  async #answer(exchange: Exchange, route: Route): Promise<Answer> {
    const { method, query } = exchange.record
    const options = this.#options
    const storage = this.#storage
    if (route.kind === 'base') {
      const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': '2' }
      return { status: 200, headers, body: Buffer.from('{}') }
    }
    if (route.kind === 'catalog') return catalog(storage, query)
    const repository = storage.find(route.name)
    const locate = (path: string): string =>
      options.location === 'relative' ? path : `${this.#seenAs(exchange)}${path}`
    const uploadRules: UploadRules = {
      mount: options.mount ?? 'mount',
      strictRanges: options.strictRanges ?? false,
      chunkMinLength: options.chunkMinLength,
    }
    switch (route.kind) {
      case 'tags':
        return listTags(repository, route.name, query, options.tagPages)
      case 'referrers': {
        const rules = typeof options.referrers === 'object' ? options.referrers : undefined
        return listReferrers(repository, route.name, route.digest, query, rules)
      }
      case 'manifest': {
        if (method === 'DELETE') return deleteManifest(repository, route.reference)
        if (method !== 'PUT') return getManifest(storage, exchange, route.name, route.reference)
        const rules = {
          limit: options.manifestLimit ?? 4 * 1024 * 1024,
          referrers: Boolean(options.referrers),
        }
        return putManifest(storage, exchange, route.name, route.reference, rules, locate)
      }
      case 'blob':
        if (method !== 'DELETE') return getBlob(repository, exchange, route.digest)
        return repository?.blobs.delete(route.digest) ? bare(202) : refuse(404, [specError('BLOB_UNKNOWN')])
      case 'uploads':
        if (method !== 'POST') return refuse(404, [specError('BLOB_UPLOAD_UNKNOWN')])
        return beginUpload(storage, this.#uploads, exchange, route.name, uploadRules, locate)
      case 'upload':
        return upload(storage, this.#uploads, exchange, route.name, route.id, uploadRules, locate)
    }
  }

  // A registry behind another name answers with the name it was asked under.
  #seenAs(exchange: Exchange): string {
    const scheme = this.#options.tls === undefined ? 'http' : 'https'
    return `${scheme}://${exchange.header('host') ?? this.host}`
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
