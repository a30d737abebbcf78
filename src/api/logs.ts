import { Type } from 'typebox'
import { findActionExecution, findExecution } from './find.ts'
import { type Query, wholeOf } from './page.ts'
import { there } from './reach.ts'
import { type Api, type Context, operation } from './route.ts'
import { encodeActionExecution, OldLogView } from './wire/execution.ts'
import { Count, Params } from './wire/schema.ts'

const LOG_LINES = 100
const LOG_LINES_LIMIT = 1000
const OLD_LOG_LINES = 10_000

/** What actions said. */
export function routeLogs(api: Api, { store, links }: Context): void {
  const ofAction = Params('workspace', 'project', 'pipeline', 'execution', 'actionExecution')
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

  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution/action/:ranAction',
    operation(
      'getActionLog',
      `What an action did and said, as it was asked for before there were action executions; ${OLD_LOG_LINES} lines at most`,
      'pipeline.read',
      { params: Params('workspace', 'project', 'pipeline', 'execution', 'ranAction') },
      { 200: OldLogView },
    ),
    async (request) => {
      const { execution, ...place } = await findExecution(store, request)
      const { ranAction: id } = request.params as { readonly ranAction: string }
      const ran = there(execution.actions.findLast(({ action }) => String(action.id) === id))
      const { items } = await store.executions.readLog(ran.id, 0, OLD_LOG_LINES)
      const view = encodeActionExecution(ran, execution, place, links(request))
      const { status, progress, action, start_date, finish_date } = view
      return { status, progress, action, start_date, finish_date, log: items }
    },
  )
}
