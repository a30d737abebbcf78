import type { ActionExecution, Execution, PlannedPromotion, Store } from '#model'
import type { Network } from '#oci'
import { planAhead } from './ahead.ts'

/** Finds out what promotions would do, from registries that it only reads. */
export interface Planner {
  readonly store: Store
  ahead(execution: Execution, actions: readonly ActionExecution[]): Promise<readonly PlannedPromotion[]>
}

/** How long registries may take to answer somebody who waits for it. */
const ANSWER_MS = 20_000

/** `baseUrl`: below which people see the pages of executions. */
export function createPlanner(store: Store, network: Network, baseUrl?: string): Planner {
  return {
    store,
    ahead: (execution, actions) =>
      planAhead({ store, network, baseUrl, signal: AbortSignal.timeout(ANSWER_MS) }, execution, actions),
  }
}
