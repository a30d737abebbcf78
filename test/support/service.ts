import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fillDataDir } from './data-dir.ts'
import { findFreePort, type Running, startProcess } from './process.ts'

export const TAGBOAT = fileURLToPath(new URL('../../bin/tagboat', import.meta.url))
const TOKEN = 'owner-token-for-tests-0123456789abcdef'

/** What the API answered. */
export interface Answer<T = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; reading it when it is none fails. */
  readonly body: T
}

/** `tagboat serve` as people run it: a process, with a data directory that outlives it. */
export class TestService implements AsyncDisposable {
  readonly dataDir: string
  readonly token = TOKEN
  readonly #env: Readonly<Record<string, string>>
  readonly #options: readonly string[]
  readonly #program: string
  #running: Running | undefined
  url = ''
  /** How long it took until it was ready, the last time. */
  beganInMs = 0

  private constructor(
    dataDir: string,
    env: Readonly<Record<string, string>>,
    options: readonly string[],
    program: string,
  ) {
    this.dataDir = dataDir
    this.#env = env
    this.#options = options
    this.#program = program
  }

  /** Starts one on a free port. `env`: further `TAGBOAT_` settings; `options`: what stands behind `serve`; `program`: another one than this clone's. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
    program = TAGBOAT,
  ): Promise<TestService> {
    const service = new TestService(await mkdtemp(join(tmpdir(), 'tagboat-service-')), env, options, program)
    try {
      await fillDataDir(service.dataDir, env.TAGBOAT_DATABASE_URL === undefined ? undefined : ['master.key'])
      await service.begin()
    } catch (error) {
      await service[Symbol.asyncDispose]()
      throw error
    }
    return service
  }

  /** The environment that the process, and any beside it, runs in. */
  get env(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TAGBOAT_'))
    return {
      ...Object.fromEntries(own),
      TAGBOAT_DATA_DIR: this.dataDir,
      TAGBOAT_ADMIN_TOKEN: TOKEN,
      TAGBOAT_RETRY_BASE_MS: '20',
      ...this.#env,
    }
  }

  get process(): Running {
    if (this.#running === undefined) throw new Error('the service does not run')
    return this.#running
  }

  /** Starts it, again if it ran before, and waits until it is ready. `port`: where it ran, for those who come back to the same place. */
  async begin(port?: number): Promise<void> {
    const from = performance.now()
    const listen = `127.0.0.1:${port ?? (await findFreePort())}`
    this.url = `http://${listen}`
    const running = startProcess(this.#program, ['serve', ...this.#options], {
      env: { ...this.env, TAGBOAT_LISTEN: listen },
      timeoutMs: 300_000,
    })
    this.#running = running
    const ended = running.finished.then(({ stderr, stdout }) => {
      throw new Error(`the service ended:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`)
    })
    await Promise.race([this.#ready(), ended])
    ended.catch(() => {})
    this.beganInMs = performance.now() - from
  }

  /** Ends it, by SIGTERM unless said otherwise, and answers how it ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM') {
    this.process.kill(signal)
    return this.process.finished
  }

  /** One request with the owner's token; a body that is text goes as it is. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      get body(): T {
        return JSON.parse(text) as T
      },
    }
  }

  /** Asks until the answer is as it should be; fails after a minute. */
  async until<T>(path: string, is: (body: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + 60_000; ; await sleep(25)) {
      const { body } = await this.call<T>('GET', path)
      if (is(body)) return body
      if (Date.now() > deadline) throw new Error(`${path} stayed ${JSON.stringify(body).slice(0, 1500)}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const finished = this.#running?.finished.catch(() => {})
    this.#running?.kill('SIGTERM')
    await finished
    await rm(this.dataDir, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20)) {
      const answer = await fetch(`${this.url}/ready`).catch(() => undefined)
      await answer?.body?.cancel()
      if (answer?.ok) return
    }
    throw new Error('the service was not ready within a minute')
  }
}
