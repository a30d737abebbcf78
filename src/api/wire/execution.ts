import { type Static, Type } from 'typebox'
import type { ActionExecution, ActionId, Execution, Failure, Member, Outcome } from '#model'
import { invalid } from '../errors.ts'
import type { InPipeline } from '../find.ts'
import type { Links } from '../links.ts'
import { encodePromotion, RanActionView } from './action.ts'
import { encodePipeline, ShortPipelineView } from './pipeline.ts'
import { Anything, Count, HtmlUrl, MemberRef, Nullable, Text, Things, Url, When, Word } from './schema.ts'
import { encodeActionStatus, encodeExecutionStatus, PRIORITIES } from './words.ts'
import { encodeMember } from './workspace.ts'

/** What is taken: Buddy's git members are, and mean nothing here. */
export const RunBody = Type.Object({
  comment: Type.Optional(Text),
  priority: Type.Optional(Word(PRIORITIES)),
  actions_to_run: Type.Optional(Type.Array(Type.Integer())),
  delay_until: Type.Optional(Text),
  variables: Type.Optional(Things),
  refresh: Type.Optional(Type.Boolean()),
  clear_cache: Type.Optional(Type.Boolean()),
})

const OPERATIONS = {
  CANCEL: 'cancel',
  RETRY: 'retry',
  APPLY: undefined,
  APPLY_VARIABLES: undefined,
  SET_VARIABLES: undefined,
  RUN_DELAYED: undefined,
  APPROVE_VT: undefined,
} as const
export const OperateBody = Type.Object({ operation: Word(OPERATIONS) })

export const ActionExecutionView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  action_execution_id: Type.String(),
  status: Type.String(),
  progress: Type.Integer({ minimum: 0, maximum: 100 }),
  start_date: Nullable(When),
  finish_date: Nullable(When),
  error_message: Nullable(Type.String({ description: 'CODE side: where: what (why)' })),
  error_code: Nullable(Type.String()),
  error_side: Nullable(Type.String()),
  promotion: Nullable(
    Type.Object({
      digest: Type.String(),
      previous_digest: Nullable(Type.String()),
      bytes_sent: Count,
      bytes_mounted: Count,
      bytes_present: Count,
      requests: Count,
    }),
  ),
  action: RanActionView,
  terminator_id: Nullable(Type.Integer()),
  termination_date: Nullable(When),
  approver_id: Nullable(Type.Integer()),
  approval_date: Nullable(When),
  passed_variables: Things,
  outputted_variables: Things,
})
export const ShortExecutionView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  id: Type.Integer(),
  status: Type.String(),
  start_date: Nullable(When),
  finish_date: Nullable(When),
  triggered_on: Type.String(),
  priority: Word(PRIORITIES),
  comment: Nullable(Type.String()),
  refresh: Type.Boolean(),
  clear_cache: Type.Boolean(),
  delay_until: Nullable(When),
  branch: Nullable(Anything),
  tag: Nullable(Anything),
  pull_request: Nullable(Anything),
  from_revision: Nullable(Anything),
  to_revision: Nullable(Anything),
})
export const ExecutionView = Type.Object({
  ...ShortExecutionView.properties,
  creator: MemberRef,
  pipeline: ShortPipelineView,
  action_executions: Type.Array(ActionExecutionView),
})

type Body = Static<typeof RunBody>

/** What a run that is asked for means. What would be run otherwise than asked is refused, not run. */
export function decodeRun(body: Body = {}) {
  if (body.delay_until !== undefined)
    throw invalid('delay_until', 'is not supported here: the execution would run at once')
  if ((body.variables ?? []).length > 0) throw invalid('variables', 'are not supported here')
  return {
    ...(body.priority !== undefined && { priority: PRIORITIES[body.priority] }),
    ...(body.comment !== undefined && { comment: body.comment }),
    ...(body.actions_to_run !== undefined && { actionsToRun: body.actions_to_run as ActionId[] }),
  }
}

export function decodeOperation({ operation }: Static<typeof OperateBody>): 'cancel' | 'retry' {
  const known = OPERATIONS[operation]
  if (known === undefined) throw invalid('operation', `${operation} is not supported here`)
  return known
}

/** As in lists. */
export function encodeExecution(execution: Execution, place: InPipeline, links: Links) {
  const { number, status, priority, comment, triggeredOn, startedAt, finishedAt } = execution
  const { workspace, project, pipeline } = place
  const path = ['pipelines', pipeline.id, 'executions', number]
  return {
    url: links.api('workspaces', workspace.domain, 'projects', project.name, ...path),
    html_url: links.page(
      workspace.domain,
      project.name,
      'pipelines',
      'pipeline',
      pipeline.id,
      'execution',
      number,
    ),
    id: number,
    start_date: when(startedAt),
    finish_date: when(finishedAt),
    triggered_on: triggeredOn.toUpperCase(),
    priority: priority.toUpperCase(),
    refresh: false,
    clear_cache: false,
    delay_until: null,
    status: encodeExecutionStatus(status),
    comment: comment ?? null,
    branch: null,
    tag: null,
    pull_request: null,
    from_revision: null,
    to_revision: null,
  }
}

export function encodeFullExecution(execution: Execution, place: InPipeline, creator: Member, links: Links) {
  return {
    ...encodeExecution(execution, place, links),
    creator: encodeMember(creator, place.workspace, links),
    pipeline: encodePipeline(execution.pipeline, place, execution, links),
    action_executions: execution.actions.map((action) =>
      encodeActionExecution(action, execution, place, links),
    ),
  }
}

export function encodeActionExecution(
  { id, action, status, progress, startedAt, finishedAt, failure, outcome }: ActionExecution,
  execution: Execution,
  place: InPipeline,
  links: Links,
) {
  const { url, html_url } = encodeExecution(execution, place, links)
  const pipeline = url.slice(0, url.lastIndexOf('/executions/'))
  return {
    url: `${url}/action_executions/${id}`,
    html_url: `${html_url}/action/${id}`,
    action_execution_id: id,
    start_date: when(startedAt),
    finish_date: when(finishedAt),
    status: encodeActionStatus(status),
    progress,
    ...encodeFailure(failure),
    promotion: encodeOutcome(outcome),
    action: { url: `${pipeline}/actions/${action.id}`, id: action.id, ...encodePromotion(action) },
    terminator_id: null,
    termination_date: null,
    approver_id: null,
    approval_date: null,
    passed_variables: [],
    outputted_variables: [],
  }
}

function encodeFailure(failure: Failure | undefined) {
  if (failure === undefined) return { error_message: null, error_code: null, error_side: null }
  const { code, side, message } = failure
  return {
    error_message: [code, side && `${side}:`, message].filter(Boolean).join(' '),
    error_code: code,
    error_side: side ?? null,
  }
}

function encodeOutcome(outcome: Outcome | undefined) {
  if (outcome === undefined) return null
  const { digest, previous, bytes, requests } = outcome
  return {
    digest,
    previous_digest: previous ?? null,
    bytes_sent: bytes.sent,
    bytes_mounted: bytes.mounted,
    bytes_present: bytes.present,
    requests,
  }
}

function when(at: Date | undefined): string | null {
  return at?.toISOString() ?? null
}
