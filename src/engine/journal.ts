import {
  type ActionExecution,
  type ActionExecutionId,
  advance,
  type Claim,
  type Execution,
  type ExecutionEvent,
  type Executions,
  type Headway,
} from '#model'
import { Interrupted } from './failure.ts'

/** What a run has done so far, written under its claim and in no other way. */
export class Journal {
  readonly claim: Claim
  readonly #executions: Executions
  readonly #onLost: (interrupted: Interrupted) => void
  readonly #onCancel: () => void
  #execution: Execution
  #lost: Interrupted | undefined

  constructor(
    executions: Executions,
    claim: Claim,
    execution: Execution,
    hooks: { readonly onLost: (interrupted: Interrupted) => void; readonly onCancel: () => void },
  ) {
    this.claim = claim
    this.#executions = executions
    this.#execution = execution
    this.#onLost = hooks.onLost
    this.#onCancel = hooks.onCancel
  }

  /** As it was after the last event. */
  get execution(): Execution {
    return this.#execution
  }

  action(id: ActionExecutionId): ActionExecution {
    const found = this.#execution.actions.find((action) => action.id === id)
    if (found === undefined) throw new Error(`execution ${this.#execution.id} has no action execution ${id}`)
    return found
  }

  /**
   * Records the events together. Without events it asks, under the same lock, whether we may still go on.
   * @throws Interrupted when the claim is lost or the store fails.
   */
  async record(...events: readonly ExecutionEvent[]): Promise<Execution> {
    const { executionId } = this.claim
    const changed = await this.#write(() =>
      this.#executions.change(executionId, (execution) => events.reduce(advance, execution), this.claim),
    )
    if (changed === undefined) throw this.lose(new Interrupted('claim-lost'))
    this.#execution = changed
    if (changed.status === 'terminating') this.#onCancel()
    return changed
  }

  /** @throws Interrupted */
  async log(id: ActionExecutionId, lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.#write(() => this.#executions.appendLog(id, lines))
  }

  /** @throws Interrupted */
  async track(id: ActionExecutionId, headway: Headway): Promise<void> {
    await this.#write(() => this.#executions.track(id, headway))
  }

  /** Nothing is written from now on. */
  lose(interrupted: Interrupted): Interrupted {
    this.#lost ??= interrupted
    this.#onLost(this.#lost)
    return this.#lost
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost
    try {
      return await work()
    } catch (cause) {
      throw new Interrupted('store', cause)
    }
  }
}
