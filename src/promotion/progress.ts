import type { Digest } from '#oci'
import type { Side } from './errors.ts'
import type { Move } from './plan.ts'

/** What happened since the last one. */
export type Progress =
  | {
      readonly kind: 'moved'
      readonly move: Move
      readonly as: 'mounted' | 'copied' | 'present' | 'put' | 'tagged'
    }
  /** Bytes of blobs that have left for the target, of all that are to; at most ten times a second, and after each blob. */
  | { readonly kind: 'bytes'; readonly sent: number; readonly total: number }
  /** Bytes of one blob that have left for the target: of each that has got further, at most ten times a second. */
  | { readonly kind: 'blob'; readonly digest: Digest; readonly sent: number; readonly size: number }
  /** What whoever looks at the promotion should know. */
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'retry'
      readonly digest: Digest
      readonly code: string
      readonly side: Side
      readonly attempt: number
    }
