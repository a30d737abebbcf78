import {
  authorize,
  type Caller,
  type Execution,
  isWaiting,
  mayAnswer,
  type Pipeline,
  type Store,
  type WaitFor,
  type Workspace,
} from '#model'
import { callerOn } from './authenticate.ts'
import { findWorkspace, type InPipeline } from './find.ts'
import type { Links } from './links.ts'
import { partOf, type Query } from './page.ts'
import { type Api, type Context, operation } from './route.ts'
import { ApprovalView, encodeApproval } from './wire/approval.ts'
import { listOf, Params, PartQuery } from './wire/schema.ts'

const LIMIT = 100

/** What of a workspace waits for somebody's answer. */
export function routeApprovals(api: Api, { store, links }: Context): void {
  const List = listOf('approvals', ApprovalView)
  api.get(
    '/workspaces/:workspace/approvals',
    operation(
      'listApprovals',
      'What waits for an answer in the pipelines that the caller sees, what waited longest first, 100 at most',
      'workspace.read',
      { params: Params('workspace'), querystring: PartQuery },
      { 200: List },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const link = links(request)
      const waiting = await store.executions.waiting(workspace.id, LIMIT)
      const places = await placesOf(store, callerOn(request), workspace, waiting)
      return {
        url: link.api('workspaces', workspace.domain, 'approvals'),
        html_url: link.page(workspace.domain, '-', 'approvals'),
        approvals: partOf(
          request.query as Query,
          waiting.flatMap((execution) =>
            encodeWaiting(execution, places.get(execution.pipelineId), callerOn(request), link),
          ),
        ),
      }
    },
  )
}

/** Where these executions are, and what the caller is there; those alone that the caller sees. */
async function placesOf(
  store: Store,
  caller: Caller,
  { id, domain }: Workspace,
  executions: readonly Execution[],
): Promise<ReadonlyMap<Pipeline['id'], InPipeline>> {
  const ids = new Set(executions.map(({ pipelineId }) => pipelineId))
  const found = await store.places.pipelines(id, [...ids])
  const places = await Promise.all(
    found.map(async ({ pipeline, project }) => {
      const path = { domain, project: project.name, pipeline: pipeline.id }
      const place = await store.places.find(caller.person, path)
      if (place === undefined || authorize(caller, 'pipeline.read', place) !== 'allowed') return []
      return [[pipeline.id, { ...place, pipeline, project }] as const]
    }),
  )
  return new Map(places.flat())
}

function encodeWaiting(execution: Execution, place: InPipeline | undefined, caller: Caller, links: Links) {
  if (place === undefined) return []
  const person = { id: caller.person.id, groups: place.standing?.groups ?? [] }
  const mayRun = authorize(caller, 'pipeline.run', place) === 'allowed'
  return execution.actions
    .filter(({ status }) => isWaiting(status))
    .map((asked) => {
      const mine = mayRun && mayAnswer((asked.action as WaitFor).question, person, execution.creatorId)
      return encodeApproval(asked, execution, place, mine, links)
    })
}
