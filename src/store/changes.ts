import { sql } from 'kysely'
import type { Changes, ExecutionId } from '#model'
import type { Database } from './database.ts'
import type { Listener } from './listener.ts'
import { ofTransaction } from './of-transaction.ts'

const CHANNEL = 'tagboat_execution'
const DETAIL = 'tagboat_detail'

/** What a transaction tells already: once is enough. */
const announcedIn = ofTransaction(() => new Set<number>())

/** Tells all processes, when the transaction commits, that the execution was changed. Ids only: a notification is limited to 8,000 bytes. */
export async function announce(trx: Database, id: number): Promise<void> {
  const told = announcedIn(trx)
  if (told.has(id)) return
  told.add(id)
  await sql`select pg_notify(${CHANNEL}, ${String(id)})`.execute(trx)
}

/** Tells those who watch an execution that an action of it has said something or got further: nothing that anybody acts on. */
export async function announceDetail(trx: Database, actionExecutionId: string): Promise<void> {
  await sql`
    select pg_notify(${DETAIL}, execution_id::text) from action_executions where id = ${actionExecutionId}`.execute(
    trx,
  )
}

/** Hears what {@link announce} tells. */
export class HeardChanges implements Changes {
  readonly #listeners = new Set<(id: ExecutionId) => void>()
  readonly #watchers = new Map<ExecutionId, Set<() => void>>()

  async start(listener: Listener): Promise<void> {
    const changed = (payload: string): void => {
      const id = Number(payload) as ExecutionId
      for (const told of [...this.#listeners]) told(id)
      this.#wake(id)
    }
    // What was told while nobody listened is not told again.
    const wakeAll = (): void => {
      for (const id of this.#watchers.keys()) this.#wake(id)
    }
    await listener.hear(CHANNEL, changed, wakeAll)
    await listener.hear(DETAIL, (payload) => this.#wake(Number(payload) as ExecutionId))
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

  #wake(id: ExecutionId): void {
    for (const wake of [...(this.#watchers.get(id) ?? [])]) wake()
  }
}
