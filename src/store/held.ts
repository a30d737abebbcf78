import type { Execution } from '#model'
import { ofTransaction } from './of-transaction.ts'

/** An execution as a transaction left it that has its row locked, and the number of its last claim. */
export interface Held {
  readonly execution: Execution
  readonly fence: number
}

/** What this transaction has locked, which nobody else changes until it ends: it is not read again. */
export const heldIn = ofTransaction(() => new Map<number, Held>())
