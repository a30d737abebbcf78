import type { ActionExecution, Execution } from '#model'

/** What becomes of an action whose turn it is. */
export type Verdict =
  | { readonly kind: 'run' }
  /** It stays as it is: done already, or not to be executed after a failure. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'skip'; readonly why: string }

const RUN: Verdict = { kind: 'run' }
const LEAVE: Verdict = { kind: 'leave' }

/**
 * Whether an action runs, given how the ones before it went. An action whose trigger time needs what is not known here is skipped: it must
 * not run where it was not meant to.
 */
export function judge({ action, status }: ActionExecution, execution: Execution): Verdict {
  if (status === 'running') return RUN
  if (status !== 'initial') return LEAVE
  if (action.disabled) return { kind: 'skip', why: 'the action is disabled' }
  const failed = execution.actions.some((other) => other.status === 'failed' && !other.action.ignoreErrors)
  switch (action.triggerTime) {
    case 'on-every-execution':
    case 'on-success':
      return failed ? LEAVE : RUN
    case 'on-failure':
      return failed ? RUN : { kind: 'skip', why: 'no action before it has failed' }
    default:
      return { kind: 'skip', why: `its trigger time (${action.triggerTime}) is not supported yet` }
  }
}
