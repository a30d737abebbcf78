import {
  type ActionExecution,
  type ActionExecutionId,
  type Execution,
  isWaiting,
  type TriggerTime,
} from '#model'

/** What is to be done with an action now. */
export type Step = { readonly id: ActionExecutionId } & (
  | { readonly kind: 'run' }
  | { readonly kind: 'skip'; readonly why: string }
  /** What it waits for makes no difference any more. */
  | { readonly kind: 'end' }
)

/** What decides about an action beside how the others went. */
export interface Circumstances {
  /** How the run before this one ended. */
  readonly previous: 'succeeded' | 'failed' | undefined
  /** Whether the action's own conditions are met. */
  readonly met: (action: ActionExecution) => boolean
}

/**
 * What can be done next of an execution: the actions to run now, those that are under way among them, and those that are passed over. Nothing
 * left: it ends, unless somebody is waited for.
 *
 * First the actions of every run, each when all before it went well, or together with the one before where that says so. Then, one after the
 * other, those for the way it went: for success, for a success after a failure, for ignored errors; at last those for failure, or those for
 * being called off.
 */
export function nextSteps(execution: Execution, circumstances: Circumstances): readonly Step[] {
  const { actions, status } = execution
  const called = status === 'terminating'
  const main = actions.filter(({ action }) => action.triggerTime === 'on-every-execution')
  if (called) return one(closing(execution, circumstances, ['on-terminate'], () => true))
  const steps = hasFailed(main) ? leftOf(main) : nextOf(main, circumstances)
  if (steps.length > 0) return steps
  if (main.some(({ status }) => isWaiting(status)))
    return one(closing(execution, circumstances, ['on-wait-for-approve'], () => true))
  return afterwards(execution, circumstances)
}

/** Whether an error counts that nobody ignores. */
export function hasFailed(actions: readonly ActionExecution[]): boolean {
  return actions.some(({ status, action }) => status === 'failed' && !action.ignoreErrors)
}

/** After a failure what is under way may end, and nothing else begins. */
function leftOf(main: readonly ActionExecution[]): readonly Step[] {
  return main.flatMap(({ id, status }): readonly Step[] => {
    if (status === 'running') return [{ kind: 'run', id }]
    return isWaiting(status) ? [{ kind: 'end', id }] : []
  })
}

/** One group of actions that run together: the first that is not through. */
function nextOf(main: readonly ActionExecution[], circumstances: Circumstances): readonly Step[] {
  for (let start = 0; start < main.length; ) {
    let end = start + 1
    while (end < main.length && main[end - 1]?.action.runNext !== 'wait') end += 1
    const group = main.slice(start, end)
    if (group.some(({ status }) => status === 'initial' || status === 'running' || isWaiting(status)))
      return group.flatMap((action) => stepOf(action, circumstances))
    start = end
  }
  return []
}

function stepOf(execution: ActionExecution, { met }: Circumstances): readonly Step[] {
  const { id, status, action } = execution
  if (status === 'running') return [{ kind: 'run', id }]
  if (status !== 'initial') return []
  if (action.disabled) return [{ kind: 'skip', id, why: 'the action is disabled' }]
  return [met(execution) ? { kind: 'run', id } : { kind: 'skip', id, why: 'its conditions are not met' }]
}

const AFTER_SUCCESS: readonly TriggerTime[] = ['on-success', 'on-back-to-success', 'on-warning']

function afterwards(execution: Execution, circumstances: Circumstances): readonly Step[] {
  const { actions } = execution
  const { previous } = circumstances
  const applies = ({ action }: ActionExecution): boolean | string => {
    // Asked anew for each of them: one of these may fail, too.
    const failed = hasFailed(actions)
    switch (action.triggerTime) {
      case 'on-back-to-success':
        return (
          (!failed && previous === 'failed') || 'the run before had not failed, or this one did not succeed'
        )
      case 'on-warning':
        return (
          (!failed && actions.some(({ status }) => status === 'failed')) ||
          'no error was ignored, or the run failed'
        )
      case 'on-failure':
        if (!failed) return 'no action has failed'
        return !action.onlyFirstFailure || previous !== 'failed' || 'the run before had failed already'
      default:
        return !failed || 'the run failed'
    }
  }
  const good = one(closing(execution, circumstances, AFTER_SUCCESS, applies))
  if (good.length > 0) return good
  const bad = one(closing(execution, circumstances, ['on-failure'], applies))
  if (bad.length > 0) return bad
  return closing(execution, circumstances, ['on-wait-for-approve', 'on-terminate'], ({ action }) =>
    action.triggerTime === 'on-terminate' ? 'the run was not called off' : 'nobody was waited for',
  )
}

/** What becomes of those of these trigger times that are not through yet. `applies` says why not where one does not. */
function closing(
  { actions }: Execution,
  circumstances: Circumstances,
  times: readonly TriggerTime[],
  applies: (action: ActionExecution) => boolean | string,
): readonly Step[] {
  const ours = actions.filter(({ action }) => times.includes(action.triggerTime))
  return ours.flatMap((action): readonly Step[] => {
    if (action.status !== 'initial') return stepOf(action, circumstances)
    const why = applies(action)
    return typeof why === 'string' ? [{ kind: 'skip', id: action.id, why }] : stepOf(action, circumstances)
  })
}

function one(steps: readonly Step[]): readonly Step[] {
  return steps.slice(0, 1)
}
