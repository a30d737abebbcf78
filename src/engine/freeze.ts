import {
  type Action,
  type ActionExecution,
  type ActionId,
  type Binding,
  bindingOf,
  type ExecutionDraft,
  type JsonObject,
  ModelError,
  type PersonId,
  type Pipeline,
  type Priority,
  Secret,
  type Store,
  type Trigger,
} from '#model'
import { type Digest, isDigest } from '#oci'
import { bareImage } from './locate.ts'
import { freezeVariables } from './variables.ts'

/** Who wants an execution, and how. */
export interface ExecutionRequest {
  readonly creatorId: PersonId
  /** By a person's click unless said otherwise. */
  readonly triggeredOn?: Trigger
  /** The pipeline's own unless given. */
  readonly priority?: Priority
  readonly comment?: string
  /** These actions alone, in the pipeline's order; undefined: all. */
  readonly actionsToRun?: readonly ActionId[]
  /** Not before this. */
  readonly delayUntil?: Date
  readonly variables?: readonly PassedVariable[]
  /** Kept with it and given back, never read. */
  readonly extras?: JsonObject
  /** The digests that were shown: these actions promote nothing else, wherever their sources have moved since. */
  readonly expected?: readonly { readonly actionId: ActionId; readonly digest: string }[]
  /** This promotion alone, and backwards: its tag goes back to what it has put there, or found there, before. */
  readonly rollback?: Rollback
}

/** Which promotion's tag goes back, and to what. */
export interface Rollback {
  readonly actionId: ActionId
  readonly digest: string
}

/** A variable that is passed to one run, or given as an answer. */
export interface PassedVariable {
  readonly key: string
  readonly value: Secret
  readonly encrypted: boolean
}

const COMBINATIONS_LIMIT = 100

/**
 * What runs of this pipeline would be made of now: one for each combination of its loop's values, each action in it as often as its own loop
 * says.
 * @throws ModelError INVALID (field `actions_to_run`, `expected`, `loop`); CONFLICT when nothing of it would run
 */
export async function freeze(
  store: Store,
  pipeline: Pipeline,
  request: ExecutionRequest,
  now: Date,
): Promise<readonly ExecutionDraft[]> {
  const { creatorId, comment, delayUntil, triggeredOn = 'click', extras = {} } = request
  const pins = pinsOf(request)
  const project = await store.projects.findById(pipeline.projectId)
  const workspace = project && (await store.workspaces.findById(project.workspaceId))
  if (project === undefined || workspace === undefined)
    throw new ModelError('NOT_FOUND', `the pipeline ${pipeline.identifier} is gone`)
  const actions = request.rollback
    ? [await rolledBack(store, pipeline, request.rollback)]
    : await chosen(store, pipeline, request)
  const passed = (request.variables ?? []).map(pass)
  const { person: creator } = await store.members.describe(workspace.id, creatorId)
  const variables = await freezeVariables(store, { workspace, project, pipeline }, creator, passed)
  const priority = request.priority ?? pipeline.priority
  return combine(pipeline.loop, variables, undefined).map((loop): ExecutionDraft => {
    const seen = [...variables, ...loop]
    return {
      ...{ pipeline, priority, comment, creatorId, triggeredOn, extras, variables: seen },
      delayUntil: delayUntil !== undefined && delayUntil > now ? delayUntil : undefined,
      actions: actions.flatMap((action) =>
        combine(action.loop, seen, action.id).map((own) => ({
          action,
          loop: own,
          pinned: pins.get(action.id),
        })),
      ),
    }
  })
}

/** A value that was passed to a run, as the run sees it: before all others. */
export function pass({ key, value, encrypted }: PassedVariable): Binding {
  return { scope: 'run', actionId: undefined, key, value, encrypted, settable: false }
}

function pinsOf({ expected = [] }: ExecutionRequest): ReadonlyMap<ActionId, Digest> {
  return new Map(
    expected.map(({ actionId, digest }, index) => {
      if (isDigest(digest)) return [actionId, digest]
      const field = `expected.${index}.digest`
      throw new ModelError('INVALID', `${field}: is no digest`, { field })
    }),
  )
}

/**
 * The promotion that puts its tag back: from the target's own repository, by digest, so that no blob is moved.
 * @throws ModelError INVALID (field `rollback.action_id`, `rollback.digest`)
 */
async function rolledBack(store: Store, pipeline: Pipeline, { actionId, digest }: Rollback): Promise<Action> {
  const action = await store.actions.find(pipeline.id, actionId)
  if (action?.type !== 'promote-image') {
    const why = `rollback.action_id: the pipeline has no promotion ${actionId}`
    throw new ModelError('INVALID', why, { field: 'rollback.action_id' })
  }
  const known = await store.tagMoves.list(pipeline.projectId, { digest, actionId }, { page: 1, perPage: 1 })
  if (!isDigest(digest) || known.total === 0) {
    const why = 'rollback.digest: nothing that stood there before or after this promotion'
    throw new ModelError('INVALID', why, { field: 'rollback.digest' })
  }
  const { target } = action.promotion
  const source = { ...target, image: `${bareImage(target.image)}@${digest}`, tag: undefined }
  return { ...action, disabled: false, promotion: { ...action.promotion, sameLocation: true, source } }
}

async function chosen(
  store: Store,
  pipeline: Pipeline,
  { actionsToRun, expected = [] }: ExecutionRequest,
): Promise<readonly Action[]> {
  const all = await store.actions.list(pipeline.id)
  const wanted = actionsToRun && new Set(actionsToRun)
  const unknown = wanted && [...wanted].find((id) => !all.some((action) => action.id === id))
  if (unknown !== undefined || wanted?.size === 0) {
    const why = unknown === undefined ? 'names no action' : `the pipeline has no action ${unknown}`
    throw new ModelError('INVALID', `actions_to_run: ${why}`, { field: 'actions_to_run' })
  }
  const actions = all.filter((action) => wanted?.has(action.id) ?? true)
  const astray = expected.find(
    ({ actionId }) => !actions.some(({ id, type }) => id === actionId && type === 'promote-image'),
  )
  if (astray !== undefined) {
    const why = `expected: no promotion ${astray.actionId} is to be run`
    throw new ModelError('INVALID', why, { field: 'expected' })
  }
  if (actions.every((action) => action.disabled))
    throw new ModelError('CONFLICT', `the pipeline ${pipeline.identifier} has no action to run`)
  return actions
}

/** Each combination of the values of these variables, in the order of their lists. What there is not is left to who runs into it. */
function combine(
  keys: readonly string[],
  variables: readonly Binding[],
  actionId: ActionId | undefined,
): readonly ActionExecution['loop'][] {
  const lists = keys.flatMap((key) => {
    const list = bindingOf(variables, key, actionId)
    if (list === undefined) return []
    const values = list.value.reveal().split(',')
    return [
      values.map((value): Binding => ({ ...list, scope: 'loop', actionId, value: new Secret(value.trim()) })),
    ]
  })
  const size = lists.reduce((product, { length }) => product * length, 1)
  if (size > COMBINATIONS_LIMIT) {
    const why = `loop: more than ${COMBINATIONS_LIMIT} combinations`
    throw new ModelError('INVALID', why, { field: 'loop' })
  }
  return lists.reduce<readonly ActionExecution['loop'][]>(
    (combinations, list) => combinations.flatMap((each) => list.map((binding) => [...each, binding])),
    [[]],
  )
}
