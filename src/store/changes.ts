import { sql } from 'kysely'
import pg from 'pg'
import type { Changes, ExecutionId } from '#model'
import type { Connection, Database } from './database.ts'

const CHANNEL = 'tagboat_execution'
const AGAIN_MS = 500

/** Tells all processes, when the transaction commits, that the execution was changed. Ids only: a notification is limited to 8,000 bytes. */
export async function announce(trx: Database, id: number): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${String(id)})`.execute(trx)
}

/** Hears what {@link announce} tells, over a connection of its own that is opened again when it breaks. */
export class ChangeListener implements Changes {
  readonly #connection: Connection
  readonly #log: (message: string) => void
  readonly #listeners = new Set<(id: ExecutionId) => void>()
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(connection: Connection, log: (message: string) => void) {
    this.#connection = connection
    this.#log = log
  }

  async start(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: 'tagboat changes',
      keepAlive: true,
    })
    client.on('notification', ({ payload }) => this.#tell(Number(payload) as ExecutionId))
    client.on('error', (error) =>
      this.#log(`the connection that listens for changes was lost: ${error.message}`),
    )
    client.on('end', () => this.#again(client))
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
    this.#client = client
    if (this.#closed) await client.end()
  }

  subscribe(listener: (id: ExecutionId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#client?.end()
  }

  #tell(id: ExecutionId): void {
    for (const listener of [...this.#listeners]) listener(id)
  }

  #again(client: pg.Client): void {
    if (this.#closed || (this.#client !== undefined && client !== this.#client)) return
    this.#timer = setTimeout(() => {
      this.start().catch(() => this.#again(client))
    }, AGAIN_MS)
  }
}
