import type { ActionExecution } from '#client'

/** Whether it waits for a person. */
export function isAsking({ status }: ActionExecution): boolean {
  return status === 'WAITING_FOR_APPLY' || status === 'WAITING_FOR_VARIABLES'
}

/** What is asked, and what a yes would let happen, down to the digests. */
export function formatQuestion({ question, action, plan }: ActionExecution): string {
  const lines = (plan ?? []).map(
    ({ name, source, target, digest, previous_digest: previous, error_message: error }) =>
      error === null
        ? `  ${name}: ${source} → ${target}: ${digest}${previous === null ? '' : ` (now ${previous})`}`
        : `  ${name}: ${error}`,
  )
  return [`${action.name}: ${question ?? 'go on?'}`, ...lines].map((line) => `${line}\n`).join('')
}
