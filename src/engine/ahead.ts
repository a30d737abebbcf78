import {
  type ActionExecution,
  type ActionExecutionId,
  type Execution,
  isWaiting,
  type PlannedPromotion,
  type Store,
} from '#model'
import { type Digest, formatReference, type Network } from '#oci'
import { type Move, type Plan, plan } from '#promotion'
import { failureOf, Interrupted } from './failure.ts'
import { openPlaces, type Places } from './promote-image.ts'
import { resolvePromotion } from './resolve.ts'
import { maskFor, variablesOf } from './variables.ts'

/** What a look ahead needs. */
export interface AheadContext {
  readonly store: Store
  readonly network: Network
  readonly baseUrl?: string | undefined
  readonly signal: AbortSignal
}

/** What was planned before, by the tag that it would move: what is behind it starts there. */
interface Chain {
  readonly digest: Digest
  readonly source: Places['source']
}

/**
 * What these promotions of an execution would do if they ran now, one after the other, without anything being written: one that takes up what
 * an earlier one puts down is planned with the earlier one's image. What cannot be found out is said in the plan itself.
 */
export async function planAhead(
  context: AheadContext,
  execution: Execution,
  actions: readonly ActionExecution[],
): Promise<readonly PlannedPromotion[]> {
  const mask = maskFor(execution)
  const chain = new Map<string, Chain>()
  const planned: PlannedPromotion[] = []
  for (const action of actions) {
    const item = await planOne(context, execution, action, chain)
    const { source, target, failure } = item
    planned.push({
      ...item,
      source: source && mask(source),
      target: target && mask(target),
      failure: failure && { ...failure, message: mask(failure.message) },
    })
  }
  return planned
}

/** The promotions that the answer to this action lets run: those behind it, up to where somebody is asked again. */
export function promotionsBehind(execution: Execution, id: ActionExecutionId): readonly ActionExecution[] {
  const main = execution.actions.filter(({ action }) => action.triggerTime === 'on-every-execution')
  const behind = main.slice(main.findIndex((action) => action.id === id) + 1)
  const next = behind.findIndex(({ action }) => action.type.startsWith('wait-for') && !action.disabled)
  const closing = execution.actions.filter(({ action }) => action.triggerTime === 'on-success')
  return (next < 0 ? [...behind, ...closing] : behind.slice(0, next)).filter(isToPromote)
}

/** Whether it will promote something, as far as that is known beforehand. */
export function isToPromote({ action, status }: ActionExecution): boolean {
  return action.type === 'promote-image' && !action.disabled && (status === 'initial' || isWaiting(status))
}

async function planOne(
  context: AheadContext,
  execution: Execution,
  action: ActionExecution,
  chain: Map<string, Chain>,
): Promise<PlannedPromotion> {
  const named = { ...NOTHING, id: action.id, actionId: action.action.id, name: action.action.name }
  let known: Partial<PlannedPromotion> = {}
  try {
    if (action.action.type !== 'promote-image') throw new Error(`${action.id} promotes nothing`)
    const view = variablesOf(execution, action, context.baseUrl)
    const { pipeline } = execution
    const places = await openPlaces({ ...context, pipeline }, resolvePromotion(action.action.promotion, view))
    const { source, target, name, from, to } = places
    known = { source: formatReference(from), target: formatReference(to) }
    const before = chain.get(formatReference(from))
    const holder = before?.source ?? source
    const wanted = action.pinned ?? before?.digest ?? name
    const request = { ...places.request, source: wanted }
    const found = await plan(request, holder, target, { signal: context.signal, exact: true })
    chain.set(formatReference(to), { digest: found.digest, source: holder })
    return { ...named, ...known, ...resultOf(found) }
  } catch (error) {
    if (error instanceof Interrupted || context.signal.aborted) throw error
    return { ...named, ...known, failure: failureOf(error) }
  }
}

const NOTHING = {
  source: undefined,
  target: undefined,
  digest: undefined,
  previous: undefined,
  moves: { mount: 0, copy: 0, put: 0, tag: 0 },
  bytes: { send: 0, mount: 0, present: 0 },
  failure: undefined,
} as const

function resultOf({ digest, previous, moves, bytes }: Plan) {
  const count = (...kinds: readonly Move['kind'][]): number =>
    moves.filter(({ kind }) => kinds.includes(kind)).length
  return {
    digest,
    previous,
    moves: {
      mount: count('mount'),
      copy: count('copy'),
      put: count('put', 'attach', 'list'),
      tag: count('tag'),
    },
    bytes: { send: bytes.copy, mount: bytes.mount, present: bytes.present },
  }
}
