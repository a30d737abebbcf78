import type { ActionExecutionId, Approval, PlannedPromotion, WaitFor } from '#model'
import { formatBytes } from '#promotion'
import { planAhead, promotionsBehind } from './ahead.ts'
import { failureOf, Interrupted } from './failure.ts'
import { fail } from './promotion-run.ts'
import type { Run } from './run.ts'
import { fillKnown, variablesOf } from './variables.ts'

/**
 * Asks a person: finds out what their answer would let happen, down to the digests, and records both. Who waits holds nothing; when nobody
 * answers in time somebody is reminded.
 * @throws Interrupted
 */
export async function askPerson(run: Run, id: ActionExecutionId): Promise<void> {
  const { journal, now, cancelled, abandoned } = run
  const action = journal.action(id)
  const { type, question, timeoutMs } = action.action as WaitFor
  const signal = AbortSignal.any([cancelled, abandoned])
  try {
    const { execution } = journal
    const plan =
      type === 'wait-for-apply'
        ? await planAhead({ ...run, signal }, execution, promotionsBehind(execution, id))
        : []
    const at = now()
    const until = timeoutMs === undefined ? undefined : new Date(at.getTime() + timeoutMs)
    const text = question.comment && fillKnown(question.comment, variablesOf(execution, action, run.baseUrl))
    const approval: Approval = {
      question: text && journal.mask(text),
      plan,
      until,
      answer: undefined,
    }
    await journal.log(id, [approval.question ?? 'waiting for an answer', ...plan.map(lineOf)])
    await journal.decide(async (within, { id: executionId }) => {
      if (until !== undefined) await within.queue.remind(executionId, until)
      return [{ kind: 'action-waits', id, at, approval }]
    })
  } catch (error) {
    if (abandoned.aborted) throw abandoned.reason
    if (error instanceof Interrupted) throw error
    if (!cancelled.aborted) await fail(run, id, failureOf(error), error)
  }
}

function lineOf({ name, source, target, digest, previous, bytes, failure }: PlannedPromotion): string {
  if (failure !== undefined) return `${name}: cannot be planned: ${failure.code}: ${failure.message}`
  const from = previous === undefined ? 'new' : previous === digest ? 'already there' : `from ${previous}`
  return `${name}: ${source} to ${target}: ${digest} (${from}; ${formatBytes(bytes.send)} to send)`
}
