import { type Failure, ModelError } from '#model'
import { RegistryError } from '#oci'
import { PromotionError, type Side } from '#promotion'

/** What an action can fail with beside what registries, promotions and the model say. */
export type ActionErrorCode =
  | 'VARIABLE_UNDEFINED' // a text names a variable that this run does not have
  | 'INTEGRATION_UNKNOWN' // none of that identifier, any more, that this project may use
  | 'INTEGRATION_DENIED' // it is not for this pipeline
  | 'INTEGRATION_UNSUITABLE' // its type gives no credentials for registries
  | 'INTEGRATION_MISMATCH' // its credentials are not for that registry, and are not shown there
  | 'INTEGRATION_INCOMPLETE' // it lacks a secret that its type cannot do without
  | 'PIPELINE_UNKNOWN' // the pipeline that is to run next is not there
  | 'PIPELINE_DENIED' // whoever started the run may not run the pipeline that is to run next
  | 'PIPELINE_LOOP' // the pipeline that is to run next led to this run
  | 'TIMEOUT' // the action's own time limit, or nobody answered within it
  | 'RECOVERY_LIMIT' // its workers were lost too often while they ran it
  | 'INTERNAL' // a mistake of ours; the service's log has it

/** Why an action cannot go on. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly code: ActionErrorCode
  readonly side: Side | undefined
  readonly retryable: boolean

  constructor(
    code: ActionErrorCode,
    side: Side | undefined,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.side = side
    this.retryable = options.retryable ?? false
  }
}

/**
 * Why a run ends without a word about the execution: somebody else has the claim, this process is being stopped, or the store cannot be
 * written to. It is never a failure of an action.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly reason: 'claim-lost' | 'shutdown' | 'store'

  constructor(reason: Interrupted['reason'], cause?: unknown) {
    super(`the run was interrupted: ${reason}`, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}

/** The one table from errors to what is recorded of them. The messages of known errors hold no secrets; others are not repeated. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PromotionError || error instanceof ActionError) {
    const { code, side, message, retryable } = error
    return { code, side, message, retryable }
  }
  if (error instanceof RegistryError || error instanceof ModelError) {
    const { code, message, retryable } = error
    return { code, side: sideOf(error), message, retryable }
  }
  const message = 'an unexpected error; the log of the service tells more'
  return { code: 'INTERNAL', side: undefined, message, retryable: true }
}

/** Which side a rule of the model was broken on, where the field tells. */
function sideOf(error: RegistryError | ModelError): Side | undefined {
  const field = error instanceof ModelError ? (error.field ?? '') : ''
  if (field.startsWith('src.')) return 'source'
  return field.startsWith('dest.') ? 'target' : undefined
}
