import type { Static } from 'typebox'
import {
  answerExecution,
  applyExecution,
  cancelExecution,
  type Planner,
  type Reply,
  retryExecution,
  runDelayed,
  setVariables,
} from '#engine'
import type { Execution } from '#model'
import { invalid } from './errors.ts'
import { decodeOperation, type OperateBody } from './wire/execution.ts'
import { decodePassed } from './wire/variable.ts'

/** Does to an execution what a person asks for. */
export async function operate(
  planner: Planner,
  { id }: Execution,
  person: Reply['person'],
  body: Static<typeof OperateBody>,
  now: Date,
): Promise<Execution> {
  const { store } = planner
  const { comment, variables, approve_action_id: question } = body
  const reply = {
    person,
    question: question === undefined ? undefined : String(question),
    comment,
  }
  switch (decodeOperation(body)) {
    case 'cancel':
      return cancelExecution(store, id, now, { by: person.id, ...(comment !== undefined && { comment }) })
    case 'retry':
      return retryExecution(store, id, now)
    case 'apply':
      return applyExecution(planner, id, reply, now)
    case 'answer':
      if (variables === undefined) throw invalid('variables', 'are missing')
      return answerExecution(store, id, reply, decodePassed(variables), now)
    case 'set':
      if (variables === undefined) throw invalid('variables', 'are missing')
      return setVariables(store, id, decodePassed(variables))
    case 'run':
      return runDelayed(store, id)
  }
}
