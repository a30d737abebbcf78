import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Answer, bare, notFound, text } from './answer.ts'
import { Gatekeeper } from './auth.ts'
import { type Content, collect, contentOf } from './content.ts'
import { dispatch } from './dispatch.ts'
import { Exchange, Gone } from './exchange.ts'
import { type Behaviour, type Fault, type FaultLimits, Faults } from './faults.ts'
import { matches, type OpenRecord, type RecordedRequest, type RequestMatch } from './ledger.ts'
import { deleteManifest } from './manifests.ts'
import type { RegistryOptions } from './options.ts'
import { allowed, parseRoute } from './route.ts'
import { Storage, type StoredManifest } from './storage.ts'
import { type OpenUpload, Uploads } from './uploads.ts'

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
  /** Below TLS; the same as above without it. */
  readonly #wires = new Set<Socket>()
  #connections = 0

  private constructor(options: RegistryOptions) {
    this.#options = options
    this.#uploads = new Uploads(options.discardBlobs ?? false)
    this.#gatekeeper = new Gatekeeper(options.auth, () => this.url)
    this.#server = options.tls === undefined ? createServer() : createSecureServer({ ...options.tls })
    this.#server.requestTimeout = 0
    this.#server.on('request', (request, response) => void this.#serve(request, response, false))
    this.#server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    this.#server.on('connection', (socket: Socket) => {
      this.#wires.add(socket)
      socket.on('close', () => this.#wires.delete(socket))
    })
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
    for (const socket of [...this.#sockets.keys(), ...this.#wires]) {
      if (socket.destroyed) continue
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
    return dispatch(exchange, route, this.#storage, this.#uploads, this.#options)
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
