import type { Headway, MoveHeadway } from '#model'
import type { Digest } from '#oci'
import type { Move, Plan, Progress } from '#promotion'

/** Moves of a plan that are shown one by one: what is written every second is to stay small. */
const SHOWN = 200

/** How far a plan is, kept from what its performance tells. */
export class Tracker {
  readonly #moves: MoveHeadway[]
  readonly #total: number
  #done = 0
  #bytes: Headway['bytes']

  constructor({ moves, bytes }: Pick<Plan, 'moves' | 'bytes'>) {
    this.#moves = moves.slice(0, SHOWN).map(begun)
    this.#total = moves.length
    this.#bytes = { sent: 0, total: bytes.copy }
  }

  take(progress: Progress): void {
    if (progress.kind === 'bytes') {
      const { sent, total } = progress
      this.#bytes = { sent, total }
    } else if (progress.kind === 'blob') {
      const { digest, sent } = progress
      // One that was to be mounted may have to be sent.
      for (const kind of ['copy', 'mount'] as const)
        this.#change(kind, digest, (before) => ({ ...before, sent }))
    } else if (progress.kind === 'moved') {
      const { move, as } = progress
      this.#done = Math.min(this.#total, this.#done + 1)
      this.#change(move.kind, what(move).digest, (before) => ({
        ...before,
        as,
        sent: as === 'copied' ? before.size : 0,
      }))
    }
  }

  get headway(): Headway {
    return { bytes: this.#bytes, done: this.#done, total: this.#total, moves: [...this.#moves] }
  }

  #change(kind: Move['kind'], digest: string, change: (before: MoveHeadway) => MoveHeadway): void {
    const at = this.#moves.findIndex((move) => move.kind === kind && move.digest === digest)
    const before = this.#moves[at]
    if (before !== undefined) this.#moves[at] = change(before)
  }
}

function begun(move: Move): MoveHeadway {
  const { digest, size } = what(move)
  const tag = 'tag' in move ? move.tag : undefined
  return { kind: move.kind, digest, size, tag, sent: 0, as: undefined }
}

function what(move: Move): { readonly digest: Digest; readonly size: number } {
  if (move.kind === 'list') return { digest: move.subject, size: 0 }
  return move.kind === 'mount' || move.kind === 'copy' ? move.blob : move.manifest.descriptor
}
