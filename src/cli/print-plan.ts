import { formatReference, type Reference } from '#oci'
import { formatBytes, type Move, type Plan } from '#promotion'
import type { Tally } from './tally.ts'

/** A line for each move. */
export function formatMoves({ moves }: Plan): string {
  return moves.map((move) => `${formatMove(move)}\n`).join('')
}

function formatMove(move: Move): string {
  switch (move.kind) {
    case 'mount':
      return `mount  ${move.blob.digest}  ${formatBytes(move.blob.size)}  from ${move.from}`
    case 'copy':
      return `copy   ${move.blob.digest}  ${formatBytes(move.blob.size)}`
    case 'put':
      return `put    ${move.manifest.descriptor.digest}  ${formatBytes(move.manifest.descriptor.size)}`
    case 'attach':
      return `attach ${move.manifest.descriptor.digest}  as ${move.tag}`
    case 'list':
      return `list   ${move.referrers.length} referrers of ${move.subject}, where the registry does not do so itself`
    case 'tag':
      return `tag    ${move.manifest.descriptor.digest}  ${move.tag}`
  }
}

/** The plan for other programs: moves as descriptors, in the order in which they will be done. */
export function jsonPlan({ tag, previous, moves, bytes, part }: Plan): object {
  return {
    ...{ tag, previous, moves: moves.map(jsonMove), bytes },
    ...(part && { part: part.index.descriptor.digest }),
  }
}

function jsonMove(move: Move): object {
  if (move.kind === 'list') {
    const { kind, subject, referrers } = move
    return { kind, subject, referrers: referrers.map(({ descriptor }) => descriptor.digest) }
  }
  const { mediaType, digest, size } = 'blob' in move ? move.blob : move.manifest.descriptor
  return {
    kind: move.kind,
    mediaType,
    digest,
    size,
    ...(move.kind === 'mount' && { from: move.from }),
    ...('tag' in move && { tag: move.tag }),
  }
}

/** Where the image is then: name, tag if there is one, digest. */
export function formatPlace(target: Reference, { digest }: Pick<Tally, 'digest'>): string {
  return formatReference({ ...target, digest })
}
