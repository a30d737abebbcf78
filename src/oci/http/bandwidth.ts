import type { Gate } from './body.ts'
import { pause } from './retry.ts'
import { type Chunk, split } from './slabs.ts'

/** Bytes a second that blobs may take, each way: of all registries together, and of single ones by their name as it is written. */
export interface BandwidthLimits {
  readonly all: number | undefined
  readonly registries: ReadonlyMap<string, number>
}

/** How late a timer may be and make up for it; after more, nothing was to pass. */
const SLACK_MS = 250
const LEAST_PIECE = 4 * 1024

/** What a pace goes by. */
export interface Clock {
  now(): number
  pause(ms: number, signal?: AbortSignal): Promise<void>
}

const CLOCK: Clock = { now: () => performance.now(), pause }

/** Lets so many bytes a second pass, whoever they belong to, in the order in which they come. */
export class Pace {
  readonly #bytesPerSecond: number
  readonly #clock: Clock
  #freeAt = Number.NEGATIVE_INFINITY

  constructor(bytesPerSecond: number, clock: Clock = CLOCK) {
    this.#bytesPerSecond = bytesPerSecond
    this.#clock = clock
  }

  /** What goes at once: a twentieth of a second's worth. */
  get piece(): number {
    return Math.max(LEAST_PIECE, Math.ceil(this.#bytesPerSecond / 20))
  }

  /** Resolves when these bytes may have passed. @throws RegistryError CANCELLED */
  async pass(count: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    const from = this.#freeAt < now - SLACK_MS ? now : this.#freeAt
    this.#freeAt = from + (count / this.#bytesPerSecond) * 1000
    if (this.#freeAt > now + 1) await this.#clock.pause(this.#freeAt - now, signal)
  }
}

/** The gate that all of these paces keep, whichever of them is the slowest. */
export function gateOf(paces: readonly Pace[], signal: AbortSignal | undefined): Gate {
  return {
    most: Math.min(...paces.map(({ piece }) => piece)),
    pass: (count) => Promise.all(paces.map((pace) => pace.pass(count, signal))),
  }
}

/** The chunks, cut and held back as the gate wants it. */
export async function* gated(chunks: AsyncIterable<Chunk>, gate: Gate): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    let left: Chunk | undefined = chunk
    try {
      while (left !== undefined) {
        await gate.pass(Math.min(gate.most, left.bytes.byteLength))
        const [piece, rest]: readonly [Chunk, Chunk | undefined] = split(left, gate.most)
        left = rest
        yield piece
      }
    } finally {
      left?.release()
    }
  }
}

/** The paces of one network: for each way one for all, and one for each registry that has a limit of its own. */
export class Bandwidth {
  readonly #limits: BandwidthLimits
  readonly #paces = new Map<string, Pace>()

  constructor(limits: BandwidthLimits) {
    this.#limits = limits
  }

  /** What bytes from or to this registry have to pass; undefined where nothing holds them back. */
  gate(registry: string, way: 'in' | 'out', signal: AbortSignal | undefined): Gate | undefined {
    const { all, registries } = this.#limits
    const own = registries.get(registry)
    const paces = [
      ...(all === undefined ? [] : [this.#pace(way, all)]),
      ...(own === undefined ? [] : [this.#pace(`${way} ${registry}`, own)]),
    ]
    return paces.length === 0 ? undefined : gateOf(paces, signal)
  }

  #pace(key: string, bytesPerSecond: number): Pace {
    const pace = this.#paces.get(key) ?? new Pace(bytesPerSecond)
    this.#paces.set(key, pace)
    return pace
  }
}
