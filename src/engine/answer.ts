import {
  type ActionExecution,
  type ActionExecutionId,
  advance,
  bindingOf,
  type Execution,
  type ExecutionId,
  type GroupId,
  isSamePlan,
  isWaiting,
  ModelError,
  mayAnswer,
  type PersonId,
  type Store,
  type WaitFor,
  type Waiting,
} from '#model'
import { promotionsBehind } from './ahead.ts'
import { changeExecution, there } from './change.ts'
import { goOn } from './control.ts'
import { type PassedVariable, pass } from './freeze.ts'
import type { Planner } from './planner.ts'

/** Who answers which question of an execution, and what they say to it. */
export interface Reply {
  readonly person: { readonly id: PersonId; readonly groups: readonly GroupId[] }
  /** An action execution's id, or an action's number; undefined: what is asked. */
  readonly question: string | undefined
  readonly comment: string | undefined
}

/**
 * Says yes: what was planned may happen, to the digest. It is planned once more before; where a source or a target's tag has moved since, or
 * the plan cannot be made, nothing happens and the question is asked anew with the new plan.
 * @throws ModelError CONFLICT when nothing is asked, or the plan is not the one that was shown; FORBIDDEN; INVALID (field
 * `approve_action_id`); NOT_FOUND
 */
export async function applyExecution(
  planner: Planner,
  id: ExecutionId,
  reply: Reply,
  now: Date,
): Promise<Execution> {
  const { store } = planner
  const execution = there(await store.executions.findById(id))
  const asked = questionOf(execution, 'waiting-for-apply', reply)
  const plan = await planner.ahead(execution, promotionsBehind(execution, asked.id))
  if (!isSamePlan(asked.approval?.plan ?? [], plan)) {
    await changeExecution(store, id, (found) => advance(found, { kind: 'replanned', id: asked.id, plan }))
    throw new ModelError('CONFLICT', changedPlan(asked, plan))
  }
  const broken = plan.find(
    ({ failure, id: action }) => failure !== undefined && !isIgnored(execution, action),
  )
  if (broken !== undefined)
    throw new ModelError(
      'CONFLICT',
      `${broken.name} cannot be planned: ${broken.failure?.code}: ${broken.failure?.message}`,
    )
  return goOn(store, id, (found) => {
    // Somebody may have asked for a plan of their own meanwhile.
    const shown = found.actions.find((action) => action.id === asked.id)?.approval?.plan ?? []
    if (!isSamePlan(shown, plan)) throw new ModelError('CONFLICT', changedPlan(asked, shown))
    const { person, comment } = reply
    return advance(found, { kind: 'applied', id: asked.id, by: person.id, at: now, comment })
  })
}

/**
 * Gives the values that an action asks for. What is not given stays as the action has it.
 * @throws ModelError CONFLICT, FORBIDDEN, NOT_FOUND; INVALID (field `variables`) for what was not asked, or has no value either way
 */
export async function answerExecution(
  store: Store,
  id: ExecutionId,
  reply: Reply,
  values: readonly PassedVariable[],
  now: Date,
): Promise<Execution> {
  return goOn(store, id, (execution) => {
    const asked = questionOf(execution, 'waiting-for-variables', reply)
    const bindings = valuesFor(execution, asked, values)
    const { person, comment } = reply
    return advance(execution, {
      ...{ kind: 'answered', id: asked.id, by: person.id, at: now, comment },
      values: bindings,
    })
  })
}

/**
 * Gives settable variables other values, for what of this run is still to come.
 * @throws ModelError CONFLICT when it has ended; INVALID (field `variables`) for one that is not settable; NOT_FOUND
 */
export function setVariables(
  store: Store,
  id: ExecutionId,
  values: readonly PassedVariable[],
): Promise<Execution> {
  return store.transaction(async (within) =>
    there(
      await changeExecution(within, id, (execution) => {
        for (const { key } of values) {
          const known = execution.variables.findLast((binding) => binding.key === key && binding.settable)
          if (known === undefined) throw unfit(`${key} is not settable`)
        }
        const encrypted = (key: string): boolean =>
          execution.variables.some((binding) => binding.key === key && binding.encrypted)
        return advance(execution, {
          kind: 'variables-set',
          values: values.map((value) => ({
            ...pass({ ...value, encrypted: value.encrypted || encrypted(value.key) }),
            settable: true,
          })),
        })
      }),
    ),
  )
}

/** The action that asks, if this person may answer it. */
function questionOf(execution: Execution, status: Waiting, { person, question }: Reply): ActionExecution {
  const waiting = execution.actions.filter((action) => action.status === status)
  const named = (action: ActionExecution): boolean =>
    question === undefined || action.id === question || String(action.action.id) === question
  const asked = waiting.find(named)
  if (asked === undefined) {
    const field = 'approve_action_id'
    if (question !== undefined && !execution.actions.some(named))
      throw new ModelError('INVALID', `${field}: there is no such action in this run`, { field })
    const other = execution.actions.some((action) => isWaiting(action.status))
    throw new ModelError(
      'CONFLICT',
      `execution ${execution.number} asks for ${other ? 'something else' : 'nothing'}`,
    )
  }
  if (!mayAnswer((asked.action as WaitFor).question, person, execution.creatorId))
    throw new ModelError('FORBIDDEN', `${asked.action.name} is for others to answer`)
  return asked
}

function valuesFor(execution: Execution, asked: ActionExecution, values: readonly PassedVariable[]) {
  const { id } = asked.action
  const own = execution.variables.filter(({ scope, actionId }) => scope === 'action' && actionId === id)
  const astray = values.find(({ key }) => !own.some((binding) => binding.key === key))
  if (astray !== undefined) throw unfit(`${astray.key} was not asked for`)
  const missing = own.find(
    ({ key, value }) => !values.some((given) => given.key === key) && value.reveal() === '',
  )
  if (missing !== undefined) throw unfit(`${missing.key} is missing`)
  return own.map((binding) => {
    const given = values.find(({ key }) => key === binding.key)
    const { key, value, encrypted } = given ?? bindingOf(execution.variables, binding.key, id) ?? binding
    return pass({ key, value, encrypted: encrypted || binding.encrypted })
  })
}

function unfit(why: string): ModelError {
  return new ModelError('INVALID', `variables: ${why}`, { field: 'variables' })
}

function isIgnored(execution: Execution, id: ActionExecutionId | undefined): boolean {
  return execution.actions.some((action) => action.id === id && action.action.ignoreErrors)
}

function changedPlan({ approval }: ActionExecution, plan: NonNullable<typeof approval>['plan']): string {
  const before = approval?.plan ?? []
  const moved = plan.find((item) => {
    const was = before.find(({ id }) => id === item.id)
    return was?.digest !== item.digest || was?.previous !== item.previous || was?.target !== item.target
  })
  const was = before.find(({ id }) => id === moved?.id)
  const sentence =
    moved === undefined
      ? 'what it was about has changed'
      : moved.failure !== undefined
        ? `${moved.name} cannot be planned any more: ${moved.failure.code}: ${moved.failure.message}`
        : was?.digest !== moved.digest
          ? `${moved.source} is ${moved.digest} now, and ${was?.digest ?? 'nothing'} was shown`
          : `${moved.target} is ${moved.previous ?? 'nothing'} now, and ${was?.previous ?? 'nothing'} was shown`
  return `${sentence}; there is a new plan to approve`
}
