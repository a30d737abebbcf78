import type { Execution } from '#model'
import type { Database } from './database.ts'

/** An execution as a transaction left it that has its row locked, and the number of its last claim. */
export interface Held {
  readonly execution: Execution
  readonly fence: number
}

const transactions = new WeakMap<Database, Map<number, Held>>()

/** What this transaction has locked, which nobody else changes until it ends: it is not read again. */
export function heldIn(trx: Database): Map<number, Held> {
  const held = transactions.get(trx) ?? new Map<number, Held>()
  // Outside of a transaction nothing is anybody's.
  if (trx.isTransaction) transactions.set(trx, held)
  return held
}
