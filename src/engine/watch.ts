import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ActionExecution,
  type Changes,
  type Execution,
  type ExecutionId,
  type Headway,
  isFinal,
  type LogLine,
  type Store,
} from '#model'

/** What of an execution somebody has seen: enough to tell what is new to them. Actions in their order. */
export interface Seen {
  readonly status: string | undefined
  readonly actions: readonly ActionSeen[]
}

/** `lines`: how many of its log. */
export interface ActionSeen {
  readonly status: string | undefined
  readonly progress: number
  readonly lines: number
}

/** Something new, and what has been seen with it. */
export type Sighting = { readonly seen: Seen } & (
  | { readonly kind: 'line'; readonly line: LogLine }
  /** `headway.moves` are those that have changed. */
  | { readonly kind: 'headway'; readonly action: ActionExecution; readonly headway: Headway }
  | { readonly kind: 'action'; readonly action: ActionExecution; readonly execution: Execution }
  | { readonly kind: 'execution'; readonly execution: Execution }
  /** Nothing for a while. */
  | { readonly kind: 'quiet' }
)

/** Nothing was seen yet. */
export const NOTHING_SEEN: Seen = { status: undefined, actions: [] }

const LINES_AT_ONCE = 500
const GAP_MS = 100
const QUIET_MS = 10_000

/**
 * Tells what is new about an execution since it was last seen, as it happens and in whatever process, until it has ended and all of it was
 * told, or the signal fires. States that come and go between two looks are not seen, lines are all. A look costs three queries, after a change
 * and not oftener than ten times a second; whoever does not ask for the next sighting causes none.
 */
export async function* watchExecution(
  { store, changes }: { readonly store: Store; readonly changes: Changes },
  id: ExecutionId,
  from: Seen,
  signal: AbortSignal,
): AsyncGenerator<Sighting> {
  const bell = new Bell(signal)
  const unwatch = changes.watch(id, () => bell.ring())
  const look = new Look(from)
  try {
    while (!signal.aborted) {
      bell.silence()
      // Before its lines: an end that is told is told after the last of them.
      const execution = await store.executions.findById(id)
      if (execution === undefined) return
      const lines = await store.executions.linesFrom(look.places(execution), LINES_AT_ONCE)
      yield* look.lines(execution, lines)
      if (lines.length === LINES_AT_ONCE) continue
      yield* look.headways(execution, await store.executions.headways(id))
      yield* look.states(execution)
      if (isFinal(execution.status)) return
      if (!(await bell.rings(QUIET_MS))) yield { kind: 'quiet', seen: look.seen }
      else await sleep(GAP_MS, undefined, { signal }).catch(() => {})
    }
  } finally {
    unwatch()
  }
}

/** What one watcher has seen so far. */
class Look {
  #seen: Seen
  readonly #headways = new Map<string, Headway>()

  constructor(seen: Seen) {
    this.#seen = seen
  }

  get seen(): Seen {
    return this.#seen
  }

  places({ actions }: Execution): readonly Pick<LogLine, 'id' | 'line'>[] {
    return actions.map(({ id }, at) => ({ id, line: this.#action(at).lines }))
  }

  *lines({ actions }: Execution, lines: readonly LogLine[]): Generator<Sighting> {
    for (const line of lines) {
      const at = actions.findIndex(({ id }) => id === line.id)
      this.#see(at, { lines: line.line + 1 })
      yield { kind: 'line', line, seen: this.#seen }
    }
  }

  *headways({ actions }: Execution, headways: ReadonlyMap<string, Headway>): Generator<Sighting> {
    for (const action of actions) {
      const headway = headways.get(action.id)
      const before = this.#headways.get(action.id)
      if (headway === undefined || JSON.stringify(headway) === JSON.stringify(before)) continue
      this.#headways.set(action.id, headway)
      const moves = headway.moves.filter(
        (move, at) => JSON.stringify(move) !== JSON.stringify(before?.moves[at]),
      )
      yield { kind: 'headway', action, headway: { ...headway, moves }, seen: this.#seen }
    }
  }

  *states(execution: Execution): Generator<Sighting> {
    for (const [at, action] of execution.actions.entries()) {
      const { status, progress } = action
      const before = this.#action(at)
      if (before.status === status && before.progress === progress) continue
      this.#see(at, { status, progress })
      yield { kind: 'action', action, execution, seen: this.#seen }
    }
    if (this.#seen.status === execution.status) return
    this.#seen = { ...this.#seen, status: execution.status }
    yield { kind: 'execution', execution, seen: this.#seen }
  }

  #action(at: number): ActionSeen {
    return this.#seen.actions[at] ?? { status: undefined, progress: 0, lines: 0 }
  }

  #see(at: number, change: Partial<ActionSeen>): void {
    const actions = Array.from({ length: Math.max(this.#seen.actions.length, at + 1) }, (_, each) =>
      each === at ? { ...this.#action(at), ...change } : this.#action(each),
    )
    this.#seen = { ...this.#seen, actions }
  }
}

/** Rings until it is silenced, also for those who come late; and for good when the signal fires. */
class Bell {
  readonly #signal: AbortSignal
  #rung = Promise.withResolvers<void>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.ring(), { once: true })
  }

  ring(): void {
    this.#rung.resolve()
  }

  silence(): void {
    if (!this.#signal.aborted) this.#rung = Promise.withResolvers()
  }

  /** Whether it rings within this time. */
  async rings(withinMs: number): Promise<boolean> {
    const late = Promise.withResolvers<false>()
    const timer = setTimeout(() => late.resolve(false), withinMs)
    try {
      return await Promise.race([this.#rung.promise.then(() => true), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
