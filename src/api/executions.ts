import { Type } from 'typebox'
import { cancelExecution, type ExecutionRequest, retryExecution, startExecution } from '#engine'
import type { Execution, Member, Store } from '#model'
import { callerOn } from './authenticate.ts'
import { findActionExecution, findExecution, findPipeline, type InWorkspace } from './find.ts'
import { decodePage, type Query, wholeOf } from './page.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import {
  ActionExecutionView,
  decodeOperation,
  decodeRun,
  ExecutionView,
  encodeActionExecution,
  encodeExecution,
  encodeFullExecution,
  OperateBody,
  RunBody,
  ShortExecutionView,
} from './wire/execution.ts'
import { encodePipeline } from './wire/pipeline.ts'
import { Count, PageQuery, Params } from './wire/schema.ts'

const LOG_LINES = 100
const LOG_LINES_LIMIT = 1000

export function routeExecutions(api: Api, { store, links, now }: Context): void {
  const inPipeline = Params('workspace', 'project', 'pipeline')
  const List = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    page: Count,
    page_size: Count,
    total_page_count: Count,
    element_count: Count,
    total_element_count: Count,
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
        page: page.page,
        page_size: page.perPage,
        total_page_count: Math.ceil(total / page.perPage),
        element_count: items.length,
        total_element_count: total,
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
      const execution = await startExecution(store, place.pipeline, wanted, now())
      return encodeFullExecution(execution, place, await creatorOf(store, execution, place), links(request))
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
      'Cancel an execution, or run what failed of it again',
      'pipeline.run',
      { params, body: OperateBody },
      { 200: ExecutionView },
    ),
    async (request) => {
      const { execution, ...place } = await findExecution(store, request)
      const operate = { cancel: cancelExecution, retry: retryExecution }[
        decodeOperation(bodyOf(request, OperateBody))
      ]
      const changed = await operate(store, execution.id, now())
      return encodeFullExecution(changed, place, await creatorOf(store, execution, place), links(request))
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

  const querystring = Type.Object({
    offset: Type.Optional(Type.String()),
    limit: Type.Optional(Type.String()),
  })
  const Log = Type.Object({
    url: Type.String(),
    html_url: Type.String(),
    offset: Count,
    element_count: Count,
    total_element_count: Count,
    logs: Type.Array(Type.String()),
  })
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution/action_executions/:actionExecution/logs',
    operation(
      'getActionExecutionLog',
      'What one action said, from a line on',
      'pipeline.read',
      { params: ofAction, querystring },
      { 200: Log },
    ),
    async (request) => {
      const { actionExecution, execution, ...place } = await findActionExecution(store, request)
      const offset = wholeOf(request.query as Query, 'offset', 0, 0)
      const limit = Math.min(LOG_LINES_LIMIT, wholeOf(request.query as Query, 'limit', LOG_LINES, 1))
      const { items, total } = await store.executions.readLog(actionExecution.id, offset, limit)
      const { url, html_url } = encodeActionExecution(actionExecution, execution, place, links(request))
      const counts = { offset, element_count: items.length, total_element_count: total }
      return { url: `${url}/logs`, html_url, ...counts, logs: items }
    },
  )
}

function creatorOf(store: Store, { creatorId }: Execution, { workspace }: InWorkspace): Promise<Member> {
  return store.members.describe(workspace.id, creatorId)
}
