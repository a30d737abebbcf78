import { CompiledQuery, sql } from 'kysely'
import type pg from 'pg'
import { type ConstructorOptions, PgBoss, type SendOptions } from 'pg-boss'
import type { DeliveryId, ExecutionId, Priority, Queue, Work } from '#model'
import { type Connection, type Database, openPool } from './database.ts'
import type { Listener } from './listener.ts'

const QUEUE = 'executions'
const REMINDERS = 'reminders'
const DELIVERIES = 'deliveries'
/** Every queue that there is. */
export const QUEUES: readonly string[] = [QUEUE, REMINDERS, DELIVERIES]

const PRIORITIES: Readonly<Record<Priority, number>> = { low: -1, normal: 0, high: 1 }
const SETTLE_MS = 5_000
const HEARTBEAT_SECONDS = 10
const WATCH_SECONDS = 5

/** pg-boss, started, with the queues that executions wait in, for a worker and for a certain time, and the one of deliveries. */
export interface OpenQueue {
  readonly boss: PgBoss
  readonly work: Work
  readonly reminders: Work
  readonly deliveries: Work<DeliveryId>
  close(): Promise<void>
}

/**
 * Starts pg-boss. `exclusive`: no other process works on this database, so every job and every claim is a dead predecessor's and is handed over
 * at once, instead of when its heartbeat is missed or its lease lapses. `listener`: what tells of new jobs.
 */
export async function openQueue(
  db: Database,
  connection: Connection,
  listener: Listener,
  options: { readonly exclusive: boolean; readonly log: (message: string) => void },
): Promise<OpenQueue> {
  const pool = openPool(connection, { name: 'tagboat queue', max: 4 }, options.log)
  const told = (queue: string): void => {
    for (const running of [work, deliveries, reminders]) if (running.queue === queue) running.wake()
  }
  const boss = new PgBoss({
    db: databaseOn(pool, listener, told),
    useListenNotify: true,
    // Missed heartbeats are looked for no oftener than this: at pg-boss's own 60 s a dead worker's jobs would wait a minute longer.
    superviseIntervalSeconds: WATCH_SECONDS,
    monitorIntervalSeconds: WATCH_SECONDS,
  })
  boss.on('error', (error) => options.log(`queue: ${error.message}`))
  const work = new Running<ExecutionId>(boss, QUEUE)
  const deliveries = new Running<DeliveryId>(boss, DELIVERIES)
  const reminders = new Running<ExecutionId>(boss, REMINDERS)
  const close = async (): Promise<void> => {
    await boss.stop({ graceful: false })
    await pool.end()
  }
  try {
    await begin(boss)
    if (options.exclusive) await handOver(db)
  } catch (error) {
    await close()
    throw error
  }
  return { boss, work, deliveries, reminders, close }
}

/**
 * pg-boss's own connections end the process when they are cut at a bad moment. And it would have everybody in the queue look for each new job,
 * who are then in each other's way: `told` decides.
 */
function databaseOn(
  pool: pg.Pool,
  listener: Listener,
  told: (queue: string) => void,
): NonNullable<ConstructorOptions['db']> {
  return {
    executeSql: (text, values) => pool.query(text, values),
    async listen(channel, _, onReconnect) {
      const stop = await listener.hear(channel, told, onReconnect)
      onReconnect()
      return { close: async () => stop() }
    },
  }
}

async function begin(boss: PgBoss): Promise<void> {
  await boss.start()
  await boss.createQueue(QUEUE, {
    // One job that nobody has taken yet is enough for an execution; one that is taken may be too late for what was changed since.
    policy: 'short',
    notify: true,
    // A worker's death is noticed by its lease, in our own rows; how long a copy takes is nobody's business but its own.
    expireInSeconds: 23 * 60 * 60,
    retryLimit: 1_000_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    deleteAfterSeconds: 60 * 60,
  })
  await boss.createQueue(DELIVERIES, {
    notify: true,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    // A receiver that is away for half a day hears everything when it is back: 1, 2, 4, … seconds, then every hour.
    retryLimit: 24,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60 * 60,
    deleteAfterSeconds: 60 * 60,
  })
  await boss.createQueue(REMINDERS, {
    expireInSeconds: 60,
    retryLimit: 1_000_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    deleteAfterSeconds: 60 * 60,
  })
}

async function handOver(db: Database): Promise<void> {
  await sql`
    update pgboss.job set state = 'retry', start_after = now(), heartbeat_on = null
    where name in (${sql.join(QUEUES)}) and state in ('active', 'retry')`.execute(db)
  await sql`update executions set lease_until = now() where worker is not null`.execute(db)
}

/** The queue of a store: what it is given is written in the store's transaction. An execution that waits already is not put in twice. */
export function keepQueue(db: Database, boss: PgBoss): Queue {
  return {
    async enqueue(id, { priority = 'normal' } = {}) {
      const options = { priority: PRIORITIES[priority], singletonKey: String(id), ...within(db) }
      await boss.send(QUEUE, { id }, options)
    },
    async remind(id, at) {
      await boss.send(REMINDERS, { id }, { startAfter: at, ...within(db) })
    },
  }
}

/** Puts deliveries in, in the transaction that their rows are written in. */
export async function enqueueDeliveries(
  trx: Database,
  boss: PgBoss,
  ids: readonly DeliveryId[],
): Promise<void> {
  for (const id of ids) await boss.send(DELIVERIES, { id }, within(trx))
}

function within(db: Database): Pick<SendOptions, 'db'> {
  if (!db.isTransaction) return {}
  return {
    db: {
      async executeSql(text: string, values: unknown[] = []) {
        const { rows } = await db.executeQuery(CompiledQuery.raw(text, values))
        return { rows: rows as unknown[] }
      },
    },
  }
}

/** What takes one job after the other. */
interface Slot {
  id?: string
  busy: boolean
}

/** The jobs of one queue that are under way in this process. */
class Running<Id> implements Work<Id> {
  readonly queue: string
  readonly #boss: PgBoss
  readonly #slots: Slot[] = []
  #next = 0
  readonly #jobs = new Map<Promise<void>, AbortController>()

  constructor(boss: PgBoss, queue: string) {
    this.#boss = boss
    this.queue = queue
  }

  async start(
    run: (id: Id, signal: AbortSignal) => Promise<void>,
    { concurrency }: { readonly concurrency: number },
  ): Promise<void> {
    const options = { batchSize: 1, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 2 }
    const slots = Array.from({ length: concurrency }, async () => {
      const slot: Slot = { busy: false }
      slot.id = await this.#boss.work<{ id: Id }>(this.queue, options, async (jobs) => {
        slot.busy = true
        // Where one job waited there may be more; a notification comes for new ones only.
        this.wake()
        try {
          for (const job of jobs) await this.#run(run, job.data.id, job.signal)
        } finally {
          slot.busy = false
          if (slot.id !== undefined) this.#boss.notifyWorker(slot.id)
        }
      })
      this.#slots.push(slot)
    })
    await Promise.all(slots)
  }

  /** Has one slot look that has nothing to do, if there is one; what it finds has it wake the next. */
  wake(): void {
    for (let looked = 0; looked < this.#slots.length; looked++) {
      this.#next = (this.#next + 1) % this.#slots.length
      const { busy, id } = this.#slots[this.#next] as Slot
      if (busy || id === undefined) continue
      this.#boss.notifyWorker(id)
      return
    }
  }

  async stop(graceMs: number): Promise<void> {
    await this.#boss.offWork(this.queue, { wait: false })
    await this.#settled(graceMs)
    for (const stop of this.#jobs.values()) stop.abort()
    await this.#settled(SETTLE_MS)
  }

  async #run(
    run: (id: Id, signal: AbortSignal) => Promise<void>,
    id: Id,
    signal: AbortSignal,
  ): Promise<void> {
    const stop = new AbortController()
    const job = run(id, AbortSignal.any([signal, stop.signal]))
    this.#jobs.set(job, stop)
    try {
      await job
    } finally {
      this.#jobs.delete(job)
    }
  }

  async #settled(timeoutMs: number): Promise<void> {
    if (this.#jobs.size === 0) return
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, timeoutMs)
    await Promise.race([Promise.allSettled(this.#jobs.keys()), timeout.promise])
    clearTimeout(timer)
  }
}
