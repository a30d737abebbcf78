import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded.ts'
import { fillDataDir } from './data-dir.ts'
import { type Running, startProcess } from './process.ts'
import { TAGBOAT, TestService } from './service.ts'

/** `tagboat serve --no-worker` and workers beside it, each a process, on one PostgreSQL. */
export class TestFleet implements AsyncDisposable {
  readonly service: TestService
  readonly postgres: EmbeddedPostgres
  readonly #dataDir: string
  readonly #workers: Running[] = []

  private constructor(service: TestService, postgres: EmbeddedPostgres, dataDir: string) {
    this.service = service
    this.postgres = postgres
    this.#dataDir = dataDir
  }

  /** `env`: further `TAGBOAT_` settings, of all of them. */
  static async start(workers: number, env: Readonly<Record<string, string>> = {}): Promise<TestFleet> {
    await using parts = new AsyncDisposableStack()
    const dataDir = await mkdtemp(join(tmpdir(), 'tagboat-fleet-'))
    parts.defer(() => rm(dataDir, { recursive: true, force: true }))
    await fillDataDir(dataDir, ['postgres'])
    const postgres = await startEmbedded({ dataDir, maxConnections: 200 })
    parts.defer(() => postgres.stop())
    const { host, user, database } = postgres.connection
    const url = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`
    const service = await TestService.start({ ...env, TAGBOAT_DATABASE_URL: url }, ['--no-worker'])
    parts.use(service)
    const fleet = new TestFleet(service, postgres, dataDir)
    parts.use(fleet)
    await Promise.all(Array.from({ length: workers }, () => fleet.hire()))
    parts.move()
    return fleet
  }

  /** Every one that was ever started. */
  get workers(): readonly Running[] {
    return this.#workers
  }

  /** Starts one more, and waits until it works. `more`: settings of its own. */
  async hire(more: Readonly<Record<string, string>> = {}): Promise<Running> {
    const env = { ...this.service.env, ...more }
    const worker = startProcess(TAGBOAT, ['worker'], { env, timeoutMs: 300_000 })
    this.#workers.push(worker)
    await worker.printed(/a worker of Tagboat works/)
    return worker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.kill('SIGKILL')
    await Promise.all(this.#workers.map(({ finished }) => finished.catch(() => {})))
    await this.service[Symbol.asyncDispose]()
    await this.postgres.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}

/** The ids of the executions that a worker says this of, in its log. */
export function saidOf(worker: Running, message: string): readonly number[] {
  return worker
    .stdout()
    .split('\n')
    .filter((line) => line.includes(`"msg":${JSON.stringify(message)}`))
    .map((line) => Number(JSON.parse(line).execution))
}
