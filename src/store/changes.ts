import { sql } from 'kysely'
import pg from 'pg'
import type { Changes, ExecutionId } from '#model'
import type { Connection, Database } from './database.ts'
import { KEYS_CHANNEL, LISTENER } from './roll-call.ts'

const CHANNEL = 'tagboat_execution'
const DETAIL = 'tagboat_detail'
const AGAIN_MS = 500

/** Tells all processes, when the transaction commits, that the execution was changed. Ids only: a notification is limited to 8,000 bytes. */
export async function announce(trx: Database, id: number): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${String(id)})`.execute(trx)
}

/** Tells those who watch an execution that an action of it has said something or got further: nothing that anybody acts on. */
export async function announceDetail(trx: Database, actionExecutionId: string): Promise<void> {
  await sql`
    select pg_notify(${DETAIL}, execution_id::text) from action_executions where id = ${actionExecutionId}`.execute(
    trx,
  )
}

/** Hears what {@link announce} tells, over a connection of its own that is opened again when it breaks. */
export class ChangeListener implements Changes {
  readonly #connection: Connection
  readonly #attend: (client: pg.Client) => Promise<void>
  readonly #log: (message: string) => void
  readonly #listeners = new Set<(id: ExecutionId) => void>()
  readonly #watchers = new Map<ExecutionId, Set<() => void>>()
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `attend`: what is to be done over the connection when it is opened, and when keys are told of. */
  constructor(
    connection: Connection,
    attend: (client: pg.Client) => Promise<void>,
    log: (message: string) => void,
  ) {
    this.#connection = connection
    this.#attend = attend
    this.#log = log
  }

  async start(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: LISTENER,
      keepAlive: true,
    })
    const complain = (error: Error): void => this.#log(error.message)
    client.on('notification', ({ channel, payload }) => {
      if (channel === KEYS_CHANNEL) return void this.#attend(client).catch(complain)
      const id = Number(payload) as ExecutionId
      if (channel === CHANNEL) for (const listener of [...this.#listeners]) listener(id)
      this.#wake(id)
    })
    client.on('error', (error) =>
      this.#log(`the connection that listens for changes was lost: ${error.message}`),
    )
    client.on('end', () => this.#again(client))
    await client.connect()
    await client.query(`listen ${CHANNEL}; listen ${DETAIL}; listen ${KEYS_CHANNEL}`)
    const again = this.#client !== undefined
    this.#client = client
    const attended = this.#attend(client)
    // Without the keys nothing is begun; what runs goes on with what it can still read.
    await (again ? attended.catch(complain) : attended)
    if (this.#closed) await client.end()
    // What was told while nobody listened is not told again.
    for (const id of this.#watchers.keys()) this.#wake(id)
  }

  subscribe(listener: (id: ExecutionId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  watch(id: ExecutionId, wake: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers.add(wake))
    return () => {
      watchers.delete(wake)
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#client?.end()
  }

  #wake(id: ExecutionId): void {
    for (const wake of [...(this.#watchers.get(id) ?? [])]) wake()
  }

  #again(client: pg.Client): void {
    if (this.#closed || (this.#client !== undefined && client !== this.#client)) return
    this.#timer = setTimeout(() => {
      this.start().catch(() => this.#again(client))
    }, AGAIN_MS)
  }
}
