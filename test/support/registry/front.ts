import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Answer } from './answer.ts'
import { Exchange, Gone } from './exchange.ts'
import { type Behaviour, type Fault, type FaultLimits, Faults } from './faults.ts'
import { matches, type OpenRecord, type RecordedRequest, type RequestMatch, recordOf } from './ledger.ts'

export interface FrontOptions {
  /** Serve https with this key and certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Default: any free one. */
  readonly port?: number
}

/** A server on a loopback port that writes down what it is asked, and that faults are set on. What it answers is for others to say. */
export abstract class Front implements AsyncDisposable {
  /** In order of arrival; entries of requests under way are still filled in. */
  readonly requests: readonly RecordedRequest[] = []
  /** Mistakes of the server itself, each answered with 500; a test may assert that there were none. */
  readonly errors: unknown[] = []
  readonly #secure: boolean
  readonly #signature: Readonly<Record<string, string>>
  readonly #server: Server
  readonly #faults = new Faults()
  readonly #sockets = new Map<Socket, number>()
  /** Below TLS; the same as above without it. */
  readonly #wires = new Set<Socket>()
  #connections = 0

  /** `signature`: headers that every answer carries, a fault's too. */
  protected constructor({ tls }: FrontOptions, signature: Readonly<Record<string, string>> = {}) {
    this.#secure = tls !== undefined
    this.#signature = signature
    this.#server = tls === undefined ? createServer() : createSecureServer({ ...tls })
    this.#server.requestTimeout = 0
    this.#server.on('request', (request, response) => void this.#serve(request, response, false))
    this.#server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    this.#server.on('connection', (socket: Socket) => {
      this.#wires.add(socket)
      socket.on('close', () => this.#wires.delete(socket))
    })
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#connections += 1
      this.#sockets.set(socket, this.#connections)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** What is answered where no fault answers. */
  protected abstract act(exchange: Exchange): Promise<Answer>

  /** Listens when the promise resolves. */
  protected async listen(port = 0): Promise<this> {
    const listening = Promise.withResolvers<void>()
    this.#server.once('error', listening.reject)
    this.#server.listen(port, '127.0.0.1', listening.resolve)
    await listening.promise
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** `127.0.0.1:<port>`, as it stands in a reference. */
  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://${this.host}`
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

  /** Forgets the requests so far; faults stay. */
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
    const record: OpenRecord = recordOf(request, this.#sockets.get(request.socket) ?? 0)
    ;(this.requests as RecordedRequest[]).push(record)
    const exchange = new Exchange(request, response, record, expectsContinue)
    for (const [name, value] of Object.entries(this.#signature)) response.setHeader(name, value)
    response.on('error', () => {})
    try {
      await this.#faults.around(exchange, () => this.act(exchange))
    } catch (error) {
      record.aborted = true
      if (!(error instanceof Gone)) this.errors.push(error)
      if (!response.headersSent && !(error instanceof Gone)) response.writeHead(500).end()
      else request.socket.destroy()
    }
    if (!response.writableFinished) record.aborted = true
    record.endedAt = Date.now()
  }
}
