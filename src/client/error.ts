/** One thing that is wrong with a request, as the API says it. */
export interface Problem {
  readonly message: string
  readonly code: string
  /** Of the request, like `src.image`. */
  readonly field?: string
  /** In a text of pipelines, both from 1. */
  readonly line?: number
  readonly column?: number
}

/**
 * Why a call failed. `code` is the API's own (`docs/errors.md`), or `UNREACHABLE` where no answer came, or `NOT_THE_API` where something else
 * answered. The message is the first problem's and holds no token.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** Undefined where no answer came. */
  readonly status: number | undefined
  readonly problems: readonly Problem[]

  constructor(
    problems: readonly [Problem, ...Problem[]],
    status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(problems[0].message, options)
    this.code = problems[0].code
    this.status = status
    this.problems = problems
  }

  get field(): string | undefined {
    return this.problems[0]?.field
  }

  /** Whether the same call may go well later, unchanged. */
  get retryable(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500
  }
}
