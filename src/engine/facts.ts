import type { ActionExecution, Ending, Execution, Facts, Person, Pipeline, Project, Store } from '#model'
import { variablesOf } from './variables.ts'

/** What conditions ask about beside the execution itself, as it was when its run, or the rest of it, began. */
export interface Known {
  readonly previous: 'succeeded' | 'failed' | undefined
  readonly creator: Person | undefined
  readonly groups: readonly string[]
  /** By project and pipeline as conditions name them. */
  readonly succeeded: ReadonlySet<string>
}

/** Looks up what the conditions of the execution's pipeline and actions ask about. */
export async function learn(store: Store, execution: Execution): Promise<Known> {
  const { pipeline, pipelineId, number, creatorId, actions } = execution
  const conditions = [...pipeline.conditions, ...actions.flatMap(({ action }) => action.conditions)]
  const asked = conditions.filter((condition) => condition.kind === 'pipeline')
  const succeeded = new Set<string>()
  for (const { project, pipeline: name } of asked) {
    const found = await findPipeline(store, pipeline, project, name)
    if (found !== undefined && (await store.executions.lastEnd(found.pipeline.id)) === 'succeeded')
      succeeded.add(nameOf(project, name))
  }
  const previous = await store.executions.lastEnd(pipelineId, number)
  const project = await store.projects.findById(pipeline.projectId)
  if (project === undefined) return { previous, creator: undefined, groups: [], succeeded }
  const { person: creator } = await store.members.describe(project.workspaceId, creatorId)
  const groups: string[] = []
  if (conditions.some(({ kind }) => kind === 'group'))
    for (const { id, name } of await store.groups.list(project.workspaceId))
      if ((await store.groups.findMember(id, creatorId)) !== undefined) groups.push(name)
  return { previous, creator, groups, succeeded }
}

/** What there is to know when the conditions of an action, or of the whole pipeline, are asked. */
export function factsOf(
  known: Known,
  execution: Execution,
  action: ActionExecution | undefined,
  now: Date,
): Facts {
  const view = variablesOf(execution, action)
  return {
    now,
    user: { email: known.creator?.email, groups: known.groups },
    variable: (key) => view.find(key)?.value.reveal(),
    pipelineSucceeded: (project, pipeline) => known.succeeded.has(nameOf(project, pipeline)),
    ending: (name) => endingOf(execution.actions.findLast(({ action }) => action.name === name)),
  }
}

/** The pipeline that another one names, by identifier or name, in its own project unless another of the same workspace is named. */
export async function findPipeline(
  store: Store,
  from: Pipeline,
  projectName: string | undefined,
  name: string,
): Promise<{ readonly project: Project; readonly pipeline: Pipeline } | undefined> {
  const own = await store.projects.findById(from.projectId)
  const project =
    own === undefined || projectName === undefined
      ? own
      : await store.projects.find(own.workspaceId, projectName)
  const pipeline = project && (await store.pipelines.findNamed(project.id, name))
  return pipeline && { project, pipeline }
}

function endingOf(action: ActionExecution | undefined): Ending | undefined {
  if (action?.status === 'failed') return action.action.ignoreErrors ? 'suppressed' : 'failed'
  return action?.status === 'succeeded' || action?.status === 'skipped' ? action.status : undefined
}

function nameOf(project: string | undefined, pipeline: string): string {
  return JSON.stringify([project, pipeline])
}
