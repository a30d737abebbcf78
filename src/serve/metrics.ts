import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Exchange } from '#api'
import type { Execution } from '#model'
import type { RegistryErrorCode } from '#oci'
import type { Depths } from '#store'

/**
 * What Prometheus reads. Labels are words of small closed sets, never a name of anybody's: no secret and no repository is in here. What is
 * counted is what this process did; what waits is asked of the database when it is read, and is the same in every process.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Histogram<'method' | 'route' | 'status'>
  readonly #registries: Counter<'outcome'>
  readonly #ended: Histogram<'status'>
  readonly #bytes: Counter<'how'>

  constructor(version: string, depths: () => Promise<Depths>) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    new Gauge({ name: 'tagboat_info', help: 'The version that runs', labelNames: ['version'], registers })
      .labels(version)
      .set(1)
    this.#requests = new Histogram({
      name: 'tagboat_http_request_duration_seconds',
      help: 'Requests to the API, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    })
    this.#registries = new Counter({
      name: 'tagboat_registry_requests_total',
      help: 'Requests to registries, and to whatever else is asked for them or told of them, by what came of them',
      labelNames: ['outcome'],
      registers,
    })
    this.#ended = new Histogram({
      name: 'tagboat_execution_duration_seconds',
      help: 'Executions that this process ran to their end',
      labelNames: ['status'],
      buckets: [0.5, 1, 5, 15, 60, 300, 1800],
      registers,
    })
    this.#bytes = new Counter({
      name: 'tagboat_blob_bytes_total',
      help: 'Bytes of blobs in the promotions of those executions',
      labelNames: ['how'],
      registers,
    })
    const executions = new Gauge({
      name: 'tagboat_executions',
      help: 'Executions that have not ended, by status',
      labelNames: ['status'],
      registers,
    })
    new Gauge({
      name: 'tagboat_queue_depth',
      help: 'Jobs that wait to be taken, or to be tried again',
      labelNames: ['queue'],
      registers,
      async collect() {
        const { open, waiting } = await depths()
        executions.reset()
        this.reset()
        for (const [status, count] of open) executions.labels(status).set(count)
        for (const [queue, count] of waiting) this.labels(queue).set(count)
      },
    })
  }

  /** The media type of {@link Metrics.read}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All of it, in the text format. */
  read(): Promise<string> {
    return this.#registry.metrics()
  }

  request({ method, route, status, ms }: Exchange): void {
    this.#requests.labels(method, route, classOf(status)).observe(ms / 1000)
  }

  registryRequest(outcome: number | RegistryErrorCode): void {
    const told = typeof outcome === 'number' && !TOLD_APART.has(outcome) ? classOf(outcome) : String(outcome)
    this.#registries.labels(told).inc()
  }

  executionEnded({ status, startedAt, finishedAt, actions }: Execution): void {
    if (startedAt === undefined || finishedAt === undefined) return
    this.#ended.labels(status).observe((finishedAt.getTime() - startedAt.getTime()) / 1000)
    for (const { outcome } of actions)
      for (const [how, bytes] of Object.entries(outcome?.bytes ?? {})) this.#bytes.labels(how).inc(bytes)
  }
}

const TOLD_APART: ReadonlySet<number> = new Set([401, 403, 404, 429])

function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`
}
