import { once } from 'node:events'
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type Socket } from 'node:net'

export interface ForwardProxyOptions {
  /** Where names that nobody else knows are: `registry.example` to `127.0.0.1:5001`. */
  readonly names?: Readonly<Record<string, string>>
  /** Who may use it. Default: anybody. */
  readonly user?: { readonly username: string; readonly password: string }
  /** Speak TLS with those who ask. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** What it was asked: a tunnel to `host:port`, or a whole URL. */
export interface ProxiedRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage['headers']
}

/** An HTTP proxy as companies have them: tunnels for TLS, whole URLs for plain http. */
export class ForwardProxy implements AsyncDisposable {
  readonly requests: ProxiedRequest[] = []
  readonly #options: ForwardProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(options: ForwardProxyOptions) {
    this.#options = options
    this.#server = options.tls === undefined ? createServer() : createSecureServer(options.tls)
    this.#server.on('connection', (socket: Socket) => this.#keep(socket))
    this.#server.on('request', (request, response) => this.#forward(request, response))
    this.#server.on('connect', (request, socket: Socket) => this.#tunnel(request, socket))
  }

  static async start(options: ForwardProxyOptions): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(options)
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  /** `127.0.0.1:<port>`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${this.host}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #admits(request: IncomingMessage): boolean {
    this.requests.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers })
    const { user } = this.#options
    if (user === undefined) return true
    const wanted = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`
    return request.headers['proxy-authorization'] === wanted
  }

  #located(host: string): { readonly hostname: string; readonly port: number } {
    const { hostname, port } = new URL(`http://${this.#options.names?.[host] ?? host}`)
    return { hostname, port: Number(port || 80) }
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#admits(request)) return void response.writeHead(407).end()
    const url = URL.parse(request.url ?? '')
    if (url === null) return void response.writeHead(400).end()
    const { 'proxy-authorization': _, ...headers } = request.headers
    const path = (request.url ?? '').slice(url.origin.length)
    const asked = forward({ ...this.#located(url.host), method: request.method, path, headers, agent: false })
    asked.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)))
    asked.on('error', () => response.destroy())
    request.pipe(asked)
  }

  #tunnel(request: IncomingMessage, socket: Socket): void {
    this.#keep(socket)
    if (!this.#admits(request)) return void socket.end('HTTP/1.1 407 Who are you?\r\n\r\n')
    const { hostname, port } = this.#located(request.url ?? '')
    const upstream = connect(port, hostname)
    this.#keep(upstream)
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 Go on\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    upstream.once('error', () => socket.end('HTTP/1.1 502 Not there\r\n\r\n'))
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

/** Starts a proxy on a free loopback port. */
export function startForwardProxy(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  return ForwardProxy.start(options)
}
