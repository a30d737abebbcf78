import type { ApiError } from '#client'
import { RegistryError } from '#oci'
import { PromotionError } from '#promotion'
import type { Invocation } from './command.ts'
import { hintFor, hintForApi } from './hints.ts'
import { UsageError } from './usage-error.ts'

/** What a failure looks like to other programs. */
export interface JsonError {
  readonly code: string
  readonly side?: 'source' | 'target'
  readonly message: string
  readonly retryable: boolean
}

/** The failure without its stack; INTERNAL for what should not have happened. */
export function describeError(error: unknown): JsonError {
  if (error instanceof PromotionError) {
    const { code, side, message, retryable } = error
    return { code, side, message, retryable }
  }
  if (error instanceof RegistryError) {
    const { code, message, retryable } = error
    return { code, message, retryable }
  }
  if (isOfApi(error)) {
    const { code, problems, retryable } = error
    return { code, message: problems.map(({ message }) => message).join('\n'), retryable }
  }
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
    retryable: false,
  }
}

/** Prints the failure, and what to do now where that is known. The exit code: 2 for what was typed wrongly, else 1. */
export function printError(error: unknown, stderr: Invocation['stderr'], env: Invocation['env']): number {
  if (error instanceof UsageError) {
    stderr.write(`tagboat: ${error.message}\ntagboat help shows how it is meant.\n`)
    return 2
  }
  if (error instanceof Error && (error.name === 'ConfigError' || error.name === 'StartError')) {
    stderr.write(`tagboat: ${error.message}\n`)
    return error.name === 'ConfigError' ? 2 : 1
  }
  const { code, side, message } = describeError(error)
  stderr.write(`tagboat: ${code}${side === undefined ? '' : ` ${side}`}: ${message}\n`)
  const hint = isOfApi(error) ? hintForApi(code) : hintFor(code, side)
  if (hint !== undefined) stderr.write(`  ${hint}\n`)
  if (code === 'INTERNAL' && env.TAGBOAT_LOG_LEVEL === 'debug' && error instanceof Error)
    stderr.write(`${error.stack}\n`)
  return 1
}

/** By its name: the client is not loaded where it is not used. */
function isOfApi(error: unknown): error is ApiError {
  return error instanceof Error && error.name === 'ApiError'
}
