import {
  type ActionExecutionId,
  type Execution,
  entitle,
  ModelError,
  type Pipeline,
  type RunNextPipeline,
  Secret,
  type Store,
} from '#model'
import { findPipeline } from './facts.ts'
import { ActionError, failureOf, Interrupted } from './failure.ts'
import { fail } from './promotion-run.ts'
import type { Run } from './run.ts'
import { startExecution } from './start.ts'
import { fill, variablesOf } from './variables.ts'

/** Under which name an execution knows the pipelines that led to it. */
const CHAIN = 'BUDDY_TRIGGERING_PIPELINES'

/**
 * Starts the other pipeline, in the same transaction in which that is recorded, and does not wait for it. Pipelines that start each other do
 * so once.
 * @throws Interrupted
 */
export async function runNextPipeline(run: Run, id: ActionExecutionId): Promise<void> {
  const { store, journal, now, abandoned } = run
  const action = journal.action(id)
  const { next } = action.action as RunNextPipeline
  const { execution } = journal
  try {
    const view = variablesOf(execution, action, run.baseUrl)
    const text = (value: string, field: string): string => fill(value, view, field)
    const name = text(next.pipeline, 'next_pipeline_name')
    const project = text(next.project, 'next_project_name')
    const found = await findPipeline(store, execution.pipeline, project || undefined, name)
    if (found === undefined)
      throw new ActionError('PIPELINE_UNKNOWN', undefined, `${project}/${name}: there is no such pipeline`)
    await checkCreator(store, execution, found.pipeline)
    const led = view.find(CHAIN)?.value.reveal().split(',') ?? []
    const chain = [...led, String(execution.pipelineId)]
    if (chain.includes(String(found.pipeline.id)))
      throw new ActionError('PIPELINE_LOOP', undefined, `${name}: it led to this run`)
    const comment = next.comment === undefined ? undefined : text(next.comment, 'comment')
    let number = 0
    await journal.decide(async (within) => {
      const started = await startExecution(
        within,
        found.pipeline,
        {
          creatorId: execution.creatorId,
          triggeredOn: 'pipeline',
          ...(next.priority !== undefined && { priority: next.priority }),
          ...(comment !== undefined && { comment: journal.mask(comment) }),
          variables: [{ key: CHAIN, value: new Secret(chain.join(',')), encrypted: false }],
        },
        now(),
      )
      number = started.number
      const at = now()
      return [
        { kind: 'action-started', id, at },
        { kind: 'action-succeeded', id, at },
      ]
    })
    await journal.log(id, [`started ${found.pipeline.name}, run ${number}`])
  } catch (error) {
    if (abandoned.aborted) throw abandoned.reason
    const cause = error instanceof Interrupted ? error.cause : error
    if (error instanceof Interrupted && !(cause instanceof ModelError)) throw error
    await fail(run, id, failureOf(cause), cause)
  }
}

/** Whoever started the run has to be one who may run the other pipeline: an action is no way around that. */
async function checkCreator(store: Store, { creatorId }: Execution, next: Pipeline): Promise<void> {
  const project = await store.projects.findById(next.projectId)
  const creator = project && (await store.members.describe(project.workspaceId, creatorId))
  const place = creator && (await store.places.at(creator.person, next))
  if (creator && place && entitle(creator.person, 'pipeline.run', place) === 'allowed') return
  const message = `${next.name}: whoever started this run may not run that pipeline`
  throw new ActionError('PIPELINE_DENIED', undefined, message)
}
