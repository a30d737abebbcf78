/** Why a text is no set of pipelines. */
export type YamlErrorCode =
  | 'YAML_SYNTAX' // the text is not YAML, or says the same thing twice
  | 'YAML_LIMIT' // the text is too long, nested too deeply, or its aliases unfold into too much
  | 'YAML_INVALID' // it is YAML, but not the list that was expected, of pipelines or of promotions, or says what cannot be

/** One thing that is wrong, and where: line and column count from 1. */
export interface YamlProblem {
  readonly message: string
  readonly line: number
  readonly column: number
  /** From the top of the text, like `0.actions.1.type`; empty for the whole of it. */
  readonly path: string
}

/** A text that cannot be used. It says all that is wrong with it, within reason, in the order of the text. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly code: YamlErrorCode
  readonly problems: readonly YamlProblem[]
  readonly retryable = false

  constructor(code: YamlErrorCode, problems: readonly YamlProblem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.code = code
    this.problems = problems
  }
}

/** `line 3, column 5: 0.actions.1.type: is missing` */
export function formatProblem({ line, column, path, message }: YamlProblem): string {
  return `line ${line}, column ${column}: ${path === '' ? '' : `${path}: `}${message}`
}
