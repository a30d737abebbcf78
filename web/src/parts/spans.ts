import type { PastMoveView } from '#api/wire'

/** What a tag named for a while, and how it came to that. */
export interface Span {
  readonly key: string
  /** Undefined: there was no such tag. */
  readonly digest: string | undefined
  /** `found`: it was there before anything was promoted there; `outside`: another tool put it there. */
  readonly how: 'promoted' | 'rolled-back' | 'found' | 'outside'
  /** What put it there; of what nothing of ours put there, what replaced it. */
  readonly move: PastMoveView | undefined
  readonly now: boolean
  /** Undefined: it is so still, or another tool ended it, which nobody saw. */
  readonly to: string | undefined
}

/**
 * What one tag named from when to when, the newest first, from its moves in that order. `whole`: there are no older moves than these; `drift`: what
 * another tool made of it since.
 */
export function spansOf(
  moves: readonly PastMoveView[],
  whole: boolean,
  drift: { readonly digest: string | null } | undefined,
): readonly Span[] {
  const now = { key: 'now', how: 'outside', move: undefined, now: true, to: undefined } as const
  const spans: Span[] = drift === undefined ? [] : [{ ...now, digest: drift.digest ?? undefined }]
  for (const [index, move] of moves.entries()) {
    const how = isRollback(move) ? 'rolled-back' : 'promoted'
    const newer = moves[index - 1]
    spans.push({
      ...{ key: String(move.id), digest: move.digest, how, move },
      now: newer === undefined && drift === undefined,
      to: newer?.outside ? undefined : newer?.date,
    })
    const digest = move.previous_digest ?? undefined
    const before = { key: `before ${move.id}`, digest, move, now: false, to: move.date }
    if (move.outside) spans.push({ ...before, how: 'outside' })
    else if (index === moves.length - 1 && whole && digest !== undefined)
      spans.push({ ...before, how: 'found' })
  }
  return spans
}

/** A rollback promotes what the target's own repository holds, by its digest. */
function isRollback({ source, place, digest }: PastMoveView): boolean {
  return source.endsWith(`@${digest}`) && repositoryOf(source) === repositoryOf(place)
}

function repositoryOf(reference: string): string {
  return reference
    .replace(/^https?:\/\//, '')
    .replace(/@.*$/, '')
    .replace(/:[^:/]+$/, '')
}
