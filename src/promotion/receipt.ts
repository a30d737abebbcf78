import type { Digest, Tag } from '#oci'
import type { Move, Plan } from './plan.ts'
import type { Phases } from './stopwatch.ts'

/** What a promotion did. */
export interface Receipt {
  readonly digest: Digest
  readonly tag: Tag | undefined
  /** What the tag named before. */
  readonly previous: Digest | undefined
  /** Bytes of blobs: sent over the wire, taken over inside the registry, and already there. */
  readonly bytes: { readonly sent: number; readonly mounted: number; readonly present: number }
  /** How many referrers, and tags that hold what is about the image, came along. */
  readonly companions: number
  /** Of the performance; the plan is made before it. */
  readonly phases: Phases
}

/** The plan in one line: `mount 5 · copy 1 (3.2 MB) · put 2 · tag 1`, or `nothing to do`. */
export function formatPlan({ moves, bytes }: Plan): string {
  if (moves.length === 0) return 'nothing to do'
  const count = (kind: Move['kind']): number => moves.filter((move) => move.kind === kind).length
  const parts = [
    { kind: 'mount', count: count('mount'), bytes: bytes.mount },
    { kind: 'copy', count: count('copy'), bytes: bytes.copy },
    { kind: 'put', count: count('put'), bytes: 0 },
    { kind: 'attach', count: count('attach'), bytes: 0 },
    { kind: 'list', count: count('list'), bytes: 0 },
    { kind: 'tag', count: count('tag'), bytes: 0 },
  ].filter((part) => part.count > 0)
  return parts
    .map((part) => `${part.kind} ${part.count}${part.bytes > 0 ? ` (${formatBytes(part.bytes)})` : ''}`)
    .join(' · ')
}

/** A number of bytes for people, in powers of ten: `3.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
