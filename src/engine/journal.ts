import {
  type ActionExecution,
  type ActionExecutionId,
  advance,
  type Claim,
  type Execution,
  type ExecutionEvent,
  type Headway,
  type Store,
} from '#model'
import { changeExecution } from './change.ts'
import { Interrupted } from './failure.ts'
import { maskFor } from './variables.ts'

/** What a run has done so far, written under its claim and in no other way, one thing after the other. */
export class Journal {
  readonly claim: Claim
  readonly #store: Store
  readonly #onLost: (interrupted: Interrupted) => void
  readonly #onCancel: () => void
  #execution: Execution
  #mask: (text: string) => string
  #lost: Interrupted | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    store: Store,
    claim: Claim,
    execution: Execution,
    hooks: { readonly onLost: (interrupted: Interrupted) => void; readonly onCancel: () => void },
  ) {
    this.claim = claim
    this.#store = store
    this.#execution = execution
    this.#mask = maskFor(execution)
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

  /** The text without the values of secret variables. */
  mask(text: string): string {
    return this.#mask(text)
  }

  /**
   * Records the events together. Without events it asks, under the same lock, whether we may still go on.
   * @throws Interrupted when the claim is lost or the store fails.
   */
  async record(...events: readonly ExecutionEvent[]): Promise<Execution> {
    return this.#write(async () => {
      const { executionId } = this.claim
      const change = (execution: Execution): Execution => events.reduce(advance, execution)
      return this.#keep(await changeExecution(this.#store, executionId, change, this.claim))
    })
  }

  /**
   * Decides on events by what the execution and all others are, none of which changes meanwhile, and records them. Undefined: nothing is to be
   * recorded. Answers whether something was.
   * @throws Interrupted as {@link Journal.record}
   */
  async decide(
    decision: (within: Store, execution: Execution) => Promise<readonly ExecutionEvent[] | undefined>,
  ): Promise<boolean> {
    return this.#write(() =>
      this.#store.transaction(async (within) => {
        const { executionId } = this.claim
        const locked = this.#keep(await within.executions.change(executionId, (found) => found, this.claim))
        const events = await decision(within, locked)
        if (events === undefined) return false
        const change = (execution: Execution): Execution => events.reduce(advance, execution)
        this.#keep(await changeExecution(within, executionId, change, this.claim))
        return true
      }),
    )
  }

  /** @throws Interrupted */
  async log(id: ActionExecutionId, lines: readonly string[]): Promise<void> {
    const masked = lines.map((line) => this.#mask(line))
    if (lines.length > 0) await this.#write(() => this.#store.executions.appendLog(id, masked))
  }

  /** @throws Interrupted */
  async track(id: ActionExecutionId, headway: Headway): Promise<void> {
    const moves = headway.moves.map((move) => ({ ...move, tag: move.tag && this.#mask(move.tag) }))
    await this.#write(() => this.#store.executions.track(id, { ...headway, moves }))
  }

  /** Nothing is written from now on. */
  lose(interrupted: Interrupted): Interrupted {
    this.#lost ??= interrupted
    this.#onLost(this.#lost)
    return this.#lost
  }

  #keep(found: Execution | undefined): Execution {
    if (found === undefined) throw this.lose(new Interrupted('claim-lost'))
    if (found.variables !== this.#execution.variables) this.#mask = maskFor(found)
    this.#execution = found
    if (found.status === 'terminating') this.#onCancel()
    return found
  }

  #write<T>(work: () => Promise<T>): Promise<T> {
    const written = this.#last.then(async () => {
      if (this.#lost !== undefined) throw this.#lost
      try {
        return await work()
      } catch (cause) {
        throw cause instanceof Interrupted ? cause : new Interrupted('store', cause)
      }
    })
    this.#last = written.catch(() => {})
    return written
  }
}
