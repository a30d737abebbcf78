import { AsyncLocalStorage } from 'node:async_hooks'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { StoreError } from '#model'

/** Classes of SQLSTATE: the connection broke, there is not enough of something, an operator or a timeout has intervened. */
const PASSING = new Set(['08', '53', '57'])
/** And codes: two were in each other's way, a transaction was given up, a lock was not had, a standby has not taken over yet. */
const PASSING_TOO = new Set(['40001', '40P01', '25P03', '25P04', '55P03', '25006'])

/** What is attempted, and whether something of it was written. */
const attempts = new AsyncLocalStorage<{ written: boolean }>()

/** What fails from the first write on that `work` leads to is UNCERTAIN. */
export function attempt<T>(work: () => T): T {
  return attempts.run({ written: false }, work)
}

function outage(cause: unknown, writing = false): StoreError {
  return new StoreError(writing || attempts.getStore()?.written ? 'UNCERTAIN' : 'UNAVAILABLE', cause)
}

/**
 * The pool, which says by a StoreError when the database cannot be asked for the moment: no connection is to be had, whyever, or it breaks
 * while it is asked something. Whatever else is wrong with a statement stays as PostgreSQL says it.
 */
export function withOutages(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      try {
        return new Watched(await pool.connect())
      } catch (cause) {
        throw outage(cause)
      }
    },
    end: () => pool.end(),
  }
}

/** One connection, as long as somebody has it. */
class Watched implements PostgresPoolClient {
  readonly #client: pg.PoolClient
  #within = false
  #outage: StoreError | undefined

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  // biome-ignore lint/suspicious/noExplicitAny: as Kysely has it, with a signature for cursors that nobody uses here
  query(text: any, values?: any): any {
    return this.#ask(text, values)
  }

  release(error?: boolean): void {
    // The pool hears of a connection that broke when its socket closes, and would give it to somebody until then.
    this.#client.release(error || this.#outage !== undefined)
  }

  async #ask(text: string, values?: unknown[]): Promise<unknown> {
    // What is written by itself, or by a commit, may be done when the answer does not come any more.
    const writes = text === 'commit' || !(this.#within || /^(select|begin|rollback)\b/i.test(text.trim()))
    try {
      const answer = await this.#client.query(text, values)
      const attempted = writes ? attempts.getStore() : undefined
      if (attempted !== undefined) attempted.written = true
      return answer
    } catch (error) {
      if (!isPassing(error)) throw error
      // A rollback that fails afterwards says no more than what it was to be for.
      this.#outage ??= outage(error, writes)
      throw this.#outage
    } finally {
      if (text === 'begin') this.#within = true
      else if (text === 'commit' || text === 'rollback') this.#within = false
    }
  }
}

/** What PostgreSQL did not say itself is said of the connection, unless a value could not be written down. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return !(error instanceof TypeError)
  const { code = '' } = error
  return PASSING.has(code.slice(0, 2)) || PASSING_TOO.has(code)
}
