import { Type } from 'typebox'
import { type ExecutionRequest, planPipeline, startExecution } from '#engine'
import type { Execution, Member, Store } from '#model'
import { callerOn } from './authenticate.ts'
import { findActionExecution, findExecution, findPipeline, type InWorkspace } from './find.ts'
import { operate } from './operate.ts'
import { countsOf, decodePage, type Query } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  ActionExecutionView,
  ExecutionView,
  encodeActionExecution,
  encodeExecution,
  encodeFullExecution,
  OperateBody,
  ShortExecutionView,
} from './wire/execution.ts'
import { encodePipeline } from './wire/pipeline.ts'
import { encodePlanned, PlannedView } from './wire/plan.ts'
import { decodeRun, RunBody } from './wire/run.ts'
import { Counts, listOf, PageQuery, Params } from './wire/schema.ts'

export function routeExecutions(api: Api, { store, planner, links, now }: Context): void {
  const inPipeline = Params('workspace', 'project', 'pipeline')
  const List = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    ...Counts,
    executions: Type.Array(ShortExecutionView),
  })
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions',
    operation(
      'listExecutions',
      "A pipeline's executions, the newest first",
      'pipeline.read',
      { params: inPipeline, querystring: PageQuery('id') },
      { 200: List },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const page = decodePage(request.query as Query, { id: 'number' })
      const { items, total } = await store.executions.list(place.pipeline.id, page)
      const link = links(request)
      const { url, html_url } = encodePipeline(place.pipeline, place, undefined, link)
      return {
        url: `${url}/executions`,
        html_url,
        ...countsOf(page, { items, total }),
        executions: items.map((execution) => encodeExecution(execution, place, link)),
      }
    },
  )

  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions',
    operation(
      'runPipeline',
      'Run a pipeline',
      'pipeline.run',
      { params: inPipeline, body: Type.Optional(RunBody) },
      { 200: ExecutionView },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const { person } = callerOn(request)
      const wanted: ExecutionRequest = { ...decodeRun(bodyOf(request, RunBody)), creatorId: person.id }
      const creator = await creatorOf(store, wanted, place)
      const execution = await startExecution(store, place.pipeline, wanted, now())
      // Nothing is asked any more: a run that was begun is answered.
      return encodeFullExecution(execution, place, creator, links(request))
    },
  )

  const Plan = listOf('plan', PlannedView)
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/plan',
    operation(
      'planPipeline',
      'What the promotions of a pipeline would do if it ran now; nothing is written anywhere',
      'pipeline.run',
      { params: inPipeline, body: Type.Optional(RunBody) },
      { 200: Plan },
    ),
    async (request) => {
      const place = await findPipeline(store, request)
      const wanted = { ...decodeRun(bodyOf(request, RunBody)), creatorId: callerOn(request).person.id }
      const plan = await planPipeline(planner, place.pipeline, wanted, now())
      const { url, html_url } = encodePipeline(place.pipeline, place, undefined, links(request))
      return { url: `${url}/plan`, html_url, plan: plan.map(encodePlanned) }
    },
  )

  const params = Params('workspace', 'project', 'pipeline', 'execution')
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution',
    operation(
      'getExecution',
      'One execution with what its actions did',
      'pipeline.read',
      { params },
      { 200: ExecutionView },
    ),
    async (request) => {
      const { execution, ...place } = await findExecution(store, request)
      return encodeFullExecution(execution, place, await creatorOf(store, execution, place), links(request))
    },
  )

  api.patch(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution',
    operation(
      'operateExecution',
      'Cancel an execution, run what failed of it again, answer what it asks, or run it before its time',
      'pipeline.run',
      { params, body: OperateBody },
      { 200: ExecutionView },
    ),
    async (request) => {
      const { execution, ...place } = await findExecution(store, request)
      const creator = await creatorOf(store, execution, place)
      const changed = await operate(
        planner,
        execution,
        { id: callerOn(request).person.id, groups: place.standing?.groups ?? [] },
        bodyOf(request, OperateBody),
        now(),
      )
      return encodeFullExecution(changed, place, creator, links(request))
    },
  )

  const ofAction = Params('workspace', 'project', 'pipeline', 'execution', 'actionExecution')
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution/action_executions/:actionExecution',
    operation(
      'getActionExecution',
      'What one action did',
      'pipeline.read',
      { params: ofAction },
      { 200: ActionExecutionView },
    ),
    async (request) => {
      const { actionExecution, execution, ...place } = await findActionExecution(store, request)
      return encodeActionExecution(actionExecution, execution, place, links(request))
    },
  )
}

function creatorOf(
  store: Store,
  { creatorId }: Pick<Execution, 'creatorId'>,
  { workspace }: InWorkspace,
): Promise<Member> {
  return store.members.describe(workspace.id, creatorId)
}
