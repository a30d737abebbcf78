import type { Answer } from './answer.ts'
import { type Exchange, Gone } from './exchange.ts'
import { matches, type RecordedRequest, type RequestMatch } from './ledger.ts'

/** A fault that was set: how often it struck, and the handle of what it holds. */
export interface Fault {
  /** Requests that matched and were not left out by `after` or `times`. */
  readonly hits: number
  /** Resolves the first time that the behaviour takes effect (a gate: a request waits; a stall: N bytes went). */
  readonly reached: Promise<void>
  /** Lets everything go that this fault holds, now and later. */
  release(): void
  /** No request is matched any more; what is held stays held until `release`. */
  remove(): void
}

export interface FaultLimits {
  /** Strikes this many matching requests, then no more. Without it: every one. */
  readonly times?: number
  /** Lets this many matching requests pass first. */
  readonly after?: number
  /** Strikes the match of this number alone, from 1. */
  readonly nth?: number
  /** Counts apart what is told apart: with `times: 3` the first three requests of each key. */
  readonly each?: (request: RecordedRequest) => string
}

/** What a behaviour is told about the fault it belongs to. */
export interface Hold {
  reach(): void
  /** Waits for `release`; throws if the client went away meanwhile. */
  wait(exchange: Exchange): Promise<void>
}

/** Hooks along one exchange. Made by the functions of behaviour.ts; a test may write its own. */
export interface Behaviour {
  /** Before the registry acts. An answer given here is sent, and the registry does not act. */
  before?(exchange: Exchange, hold: Hold): Promise<Answer | undefined>
  /** After the registry acted, before anything is sent. */
  after?(answer: Answer, exchange: Exchange, hold: Hold): Promise<Answer>
  /** The request's body on its way in. */
  incoming?(bytes: AsyncIterable<Uint8Array>, exchange: Exchange, hold: Hold): AsyncIterable<Uint8Array>
  /** The answer's body on its way out; `start` is its place in the blob when a range is sent. */
  outgoing?(
    bytes: AsyncIterable<Uint8Array>,
    exchange: Exchange,
    hold: Hold,
    start: number,
  ): AsyncIterable<Uint8Array>
}

class SetFault implements Fault, Hold {
  hits = 0
  readonly reached: Promise<void>
  readonly reach: () => void
  readonly release: () => void
  readonly remove: () => void
  readonly behaviours: readonly Behaviour[]
  readonly #released: Promise<void>
  readonly #match: RequestMatch
  readonly #first: number
  readonly #last: number
  readonly #keyOf: (request: RecordedRequest) => string
  readonly #seen = new Map<string, number>()

  constructor(
    match: RequestMatch,
    behaviours: readonly Behaviour[],
    limits: FaultLimits,
    remove: (fault: SetFault) => void,
  ) {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    this.reached = reached.promise
    this.reach = reached.resolve
    this.#released = released.promise
    this.release = released.resolve
    this.remove = () => remove(this)
    this.behaviours = behaviours
    this.#match = match
    const { nth, after = 0, times = Number.POSITIVE_INFINITY } = limits
    this.#first = nth ?? after + 1
    this.#last = nth ?? after + times
    this.#keyOf = limits.each ?? (() => '')
  }

  strikes({ record }: Exchange): boolean {
    if (!matches(this.#match, record)) return false
    const key = this.#keyOf(record)
    const number = (this.#seen.get(key) ?? 0) + 1
    this.#seen.set(key, number)
    if (number < this.#first || number > this.#last) return false
    this.hits += 1
    return true
  }

  async wait(exchange: Exchange): Promise<void> {
    const gone = await Promise.race([this.#released.then(() => false), exchange.closed.then(() => true)])
    if (gone) throw new Gone()
  }
}

/** The faults of one registry; all that match a request apply, in the order they were set. */
export class Faults {
  readonly #set = new Set<SetFault>()

  add(match: RequestMatch, behaviour: Behaviour | readonly Behaviour[], limits: FaultLimits): Fault {
    const behaviours = Array.isArray(behaviour) ? behaviour : [behaviour as Behaviour]
    const fault = new SetFault(match, behaviours, limits, (gone) => this.#set.delete(gone))
    this.#set.add(fault)
    return fault
  }

  clear(): void {
    for (const fault of this.#set) fault.release()
    this.#set.clear()
  }

  /** Lets `act` answer the exchange, and the faults have their way with it. */
  async around(exchange: Exchange, act: () => Promise<Answer>): Promise<void> {
    const striking = [...this.#set].filter((fault) => fault.strikes(exchange))
    const hooks = striking.flatMap((fault) => fault.behaviours.map((behaviour) => ({ fault, behaviour })))
    for (const { fault, behaviour } of hooks) {
      const { incoming } = behaviour
      if (incoming) exchange.incoming.push((bytes) => incoming(bytes, exchange, fault))
    }
    let answer: Answer | undefined
    for (const { fault, behaviour } of hooks) answer ??= await behaviour.before?.(exchange, fault)
    answer ??= await act()
    for (const { fault, behaviour } of hooks) {
      answer = (await behaviour.after?.(answer, exchange, fault)) ?? answer
    }
    const start = Number(/^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1] ?? 0)
    for (const { fault, behaviour } of hooks) {
      const { outgoing } = behaviour
      if (outgoing) exchange.outgoing.push((bytes) => outgoing(bytes, exchange, fault, start))
    }
    await exchange.send(answer)
  }
}
