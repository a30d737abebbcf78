import { formatReference, type Reference } from '#oci'
import { formatBytes, type Move, type Plan } from '#promotion'

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
    case 'tag':
      return `tag    ${move.manifest.descriptor.digest}  ${move.tag}`
  }
}

/** The plan for other programs: moves as descriptors, in the order in which they will be done. */
export function jsonPlan({ tag, previous, moves, bytes }: Plan): object {
  return { tag, previous, moves: moves.map(jsonMove), bytes }
}

function jsonMove(move: Move): object {
  const { mediaType, digest, size } = 'blob' in move ? move.blob : move.manifest.descriptor
  return {
    kind: move.kind,
    mediaType,
    digest,
    size,
    ...(move.kind === 'mount' && { from: move.from }),
    ...(move.kind === 'tag' && { tag: move.tag }),
  }
}

/** Where the image is then: name, tag if there is one, digest. */
export function formatPlace(target: Reference, { digest, tag }: Pick<Plan, 'digest' | 'tag'>): string {
  return formatReference({ ...target, tag, digest })
}
