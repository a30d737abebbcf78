/** Why a rule of the model said no; the API's table turns each into a status. */
export type ModelErrorCode =
  | 'INVALID' // a value breaks a rule; `field` names it
  | 'NOT_FOUND' // no such thing, or none that this caller may see
  | 'FORBIDDEN' // seen, but not allowed
  | 'CONFLICT' // the state does not allow it
  | 'UNAUTHENTICATED' // nobody we know is asking
  | 'SECRET_UNREADABLE' // a sealed value does not open: wrong key, or it was moved

/**
 * The one error of the model's rules, in its ports and their keepers.
 * `field` is the path of the offending field in the words of the model's caller, e.g. `src.image`.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode
  readonly field: string | undefined
  /** Model errors are decisions, not accidents: asking again gives the same answer. */
  readonly retryable = false

  constructor(code: ModelErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.field = options.field
  }
}

/** What the store cannot do for the moment, whatever is asked of it. */
export type StoreErrorCode =
  | 'UNAVAILABLE' // the database cannot be asked at the moment, and nothing was written: ask again
  | 'UNCERTAIN' // the database broke off while something was written, which is done or is not: look first, then ask again

/** Why a keeper does not answer: it is an accident, and passes. The message is for the log. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly retryable = true

  constructor(code: StoreErrorCode, cause: unknown) {
    const { message, code: why } = cause as { readonly message?: string; readonly code?: string }
    super(`the database does not answer: ${message || why}`, { cause })
    this.code = code
  }
}
