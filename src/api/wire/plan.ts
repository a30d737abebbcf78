import { Type } from 'typebox'
import type { Failure, PlannedPromotion } from '#model'
import { Count, Nullable } from './schema.ts'

/** How something failed, in every view of what can. */
export const failureMembers = {
  error_message: Nullable(Type.String({ description: 'CODE side: where: what (why)' })),
  error_code: Nullable(Type.String()),
  error_side: Nullable(Type.String()),
}

/** What one promotion would do. */
export const PlannedView = Type.Object(
  {
    action_id: Type.Integer(),
    action_execution_id: Nullable(Type.String()),
    name: Type.String(),
    source: Nullable(Type.String({ description: 'The reference in full' })),
    target: Nullable(Type.String({ description: 'The reference in full' })),
    digest: Nullable(Type.String({ description: 'What would be promoted' })),
    previous_digest: Nullable(Type.String({ description: 'What the tag names now' })),
    moves: Type.Object({ mount: Count, copy: Count, put: Count, tag: Count }),
    bytes_to_send: Count,
    bytes_to_mount: Count,
    bytes_present: Count,
    ...failureMembers,
  },
  { title: 'PlannedPromotion' },
)

export function encodePlanned({ id, actionId, name, source, target, digest, ...planned }: PlannedPromotion) {
  const { previous, moves, bytes, failure } = planned
  return {
    action_id: actionId,
    action_execution_id: id ?? null,
    name,
    source: source ?? null,
    target: target ?? null,
    digest: digest ?? null,
    previous_digest: previous ?? null,
    moves,
    bytes_to_send: bytes.send,
    bytes_to_mount: bytes.mount,
    bytes_present: bytes.present,
    ...encodeFailure(failure),
  }
}

export function encodeFailure(failure: Failure | undefined) {
  if (failure === undefined) return { error_message: null, error_code: null, error_side: null }
  const { code, side, message } = failure
  return {
    error_message: [code, side && `${side}:`, message].filter(Boolean).join(' '),
    error_code: code,
    error_side: side ?? null,
  }
}
