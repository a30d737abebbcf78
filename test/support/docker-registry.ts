import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findTool } from './tools.ts'

/** Who a registry believes that takes tokens. */
export const TOKEN_ISSUER = 'the token server of the tests'

/** The one user of a registry that was started with `auth: 'basic'`. */
export const dockerRegistryUser = { username: 'tagboat', password: 'correct horse battery' } as const

// bcrypt of the password above: docker-registry takes no other hash, and Node makes none.
const htpasswd = 'tagboat:$2y$05$tagboatTESTregistryON.a1JGT3VK282oNeD3jenCWk7wys06xNK\n'

export interface DockerRegistryOptions {
  /** Basic, or tokens that were signed with the key of this certificate and are handed out at the realm. */
  readonly auth?: 'basic' | { readonly realm: string; readonly service: string; readonly cert: string }
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Cache blob descriptors in memory, as Debian's configuration does. */
  readonly cache?: boolean
  /** Refuse every write. */
  readonly readonly?: boolean
  /** Default: any free one. */
  readonly port?: number
}

export interface LoggedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly path: string
  readonly status: number
  /** Bytes of the answer's body. */
  readonly bytesOut: number
}

/** The real registry, a process of its own with a storage of its own. */
export class DockerRegistry implements AsyncDisposable {
  /** Directory of the whole installation; contents lie below `data`, as the filesystem driver lays them out. */
  readonly root: string
  readonly #options: DockerRegistryOptions
  #child: ChildProcess | undefined
  #port = 0
  #log: LoggedRequest[] = []
  readonly #marks = new Map<string, () => void>()

  private constructor(root: string, options: DockerRegistryOptions) {
    this.root = root
    this.#options = options
    this.#port = options.port ?? 0
  }

  static async start(options: DockerRegistryOptions): Promise<DockerRegistry> {
    const registry = new DockerRegistry(await mkdtemp(join(tmpdir(), 'tagboat-registry-')), options)
    try {
      await registry.#begin()
    } catch (error) {
      await registry.close()
      throw error
    }
    return registry
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('docker-registry does not run')
    return pid
  }

  get port(): number {
    return this.#port
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${this.host}`
  }

  /** Every request answered so far, in the order of the access log; complete up to the call. */
  async requests(): Promise<readonly LoggedRequest[]> {
    await this.#settle()
    return [...this.#log]
  }

  /** Forgets the requests so far. */
  async clear(): Promise<void> {
    await this.#settle()
    this.#log = []
  }

  /** Ends the process with this signal and starts it again: same port, same storage. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    await this.#end(signal)
    await this.#begin()
  }

  /** Ends the process and removes all it stored. */
  async close(): Promise<void> {
    await this.#end('SIGTERM')
    await rm(this.root, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #begin(): Promise<void> {
    const program = findTool('docker-registry')
    if (program === undefined) throw new Error('docker-registry is not on the PATH')
    await this.#configure()
    const child = spawn(program, ['serve', join(this.root, 'config.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    })
    this.#child = child
    process.once('exit', this.#abandon)
    createInterface({ input: child.stdout }).on('line', (line) => this.#note(line))
    const complaints: string[] = []
    const listening = Promise.withResolvers<number>()
    child.once('error', listening.reject)
    child.once('exit', () =>
      listening.reject(new Error(`docker-registry did not start:\n${complaints.join('\n')}`)),
    )
    createInterface({ input: child.stderr }).on('line', (line) => {
      complaints.push(line)
      if (complaints.length > 20) complaints.shift()
      const port = /msg="listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port !== undefined) listening.resolve(Number(port))
    })
    const timer = setTimeout(
      () => listening.reject(new Error('docker-registry does not listen after 20 s')),
      20_000,
    )
    try {
      this.#port = await listening.promise
    } finally {
      clearTimeout(timer)
    }
    await this.#settle()
  }

  async #configure(): Promise<void> {
    const { auth, tls, cache, readonly } = this.#options
    await mkdir(join(this.root, 'data'), { recursive: true })
    const file = async (name: string, content: string): Promise<string> => {
      const path = join(this.root, name)
      await writeFile(path, content, { mode: 0o600 })
      return path
    }
    // JSON is YAML. The log's level is info because the line that names the port is of that level.
    const configuration = {
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: false } },
      storage: {
        filesystem: { rootdirectory: join(this.root, 'data'), maxthreads: 100 },
        delete: { enabled: true },
        maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: readonly ?? false } },
        ...(cache ? { cache: { blobdescriptor: 'inmemory' } } : {}),
      },
      http: {
        addr: `127.0.0.1:${this.#port}`,
        secret: 'a fixed secret, so that upload sessions outlive the process',
        ...(tls === undefined
          ? {}
          : { tls: { key: await file('key.pem', tls.key), certificate: await file('cert.pem', tls.cert) } }),
      },
      health: { storagedriver: { enabled: false } },
      ...(auth === 'basic' && {
        auth: { htpasswd: { realm: 'basic-realm', path: await file('htpasswd', htpasswd) } },
      }),
      ...(typeof auth === 'object' && {
        auth: {
          token: {
            realm: auth.realm,
            service: auth.service,
            issuer: TOKEN_ISSUER,
            rootcertbundle: await file('token.pem', auth.cert),
          },
        },
      }),
    }
    await file('config.json', JSON.stringify(configuration))
  }

  #note(line: string): void {
    const found = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) (\d+|-)/.exec(line)
    if (found === null) return
    const [, method = '', url = '', status, bytes] = found
    const mark = /[?&]mark=([\w-]+)$/.exec(url)?.[1]
    if (mark !== undefined) {
      this.#marks.get(mark)?.()
      return
    }
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '')
    this.#log.push({ method, url, path, status: Number(status), bytesOut: Number(bytes) || 0 })
  }

  // The log lags behind the answers: a request of our own, once logged, has all earlier ones before it.
  async #settle(): Promise<void> {
    const mark = randomUUID()
    const logged = Promise.withResolvers<void>()
    this.#marks.set(mark, logged.resolve)
    const timer = setTimeout(
      () => logged.reject(new Error('docker-registry does not answer after 10 s')),
      10_000,
    )
    const make = this.#options.tls === undefined ? httpRequest : httpsRequest
    const options = { agent: false, ca: this.#options.tls?.cert } as const
    make(`${this.url}/v2/?mark=${mark}`, options, (response) => response.resume())
      .on('error', logged.reject)
      .end()
    try {
      await logged.promise
    } finally {
      clearTimeout(timer)
      this.#marks.delete(mark)
    }
  }

  // A test that crashes closes nothing, and the registry would live on.
  readonly #abandon = (): void => {
    this.#child?.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    process.off('exit', this.#abandon)
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    // A stopped process takes SIGTERM only when it goes on; SIGKILL it cannot refuse.
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
    await exited
    clearTimeout(timer)
  }
}

/** Starts the real docker-registry on a free loopback port. Throws where it is not on the PATH. */
export function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  return DockerRegistry.start(options)
}
