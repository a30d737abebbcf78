import { type Static, Type } from 'typebox'
import {
  type ActionExecution,
  type Binding,
  bindingOf,
  type Execution,
  type ExecutionSummary,
  type Member,
  type Outcome,
} from '#model'
import { invalid } from '../errors.ts'
import type { Located } from '../find.ts'
import type { Links } from '../links.ts'
import { encodeRanAction } from './action.ts'
import { RanActionView } from './action-schema.ts'
import { encodePipeline, ShortPipelineView } from './pipeline.ts'
import { encodeFailure, encodePlanned, failureMembers, PlannedView } from './plan.ts'
import { askedMembers, encodeAsked } from './run.ts'
import { Count, HtmlUrl, Id, MemberRef, Nullable, Text, Things, Url, When, Word } from './schema.ts'
import { BindingView, encodeBinding, PassedVariables } from './variable.ts'
import { encodeActionStatus, encodeExecutionStatus, PRIORITIES } from './words.ts'
import { encodeMember } from './workspace.ts'

const OPERATIONS = {
  CANCEL: 'cancel',
  RETRY: 'retry',
  APPLY: 'apply',
  APPLY_VARIABLES: 'answer',
  SET_VARIABLES: 'set',
  RUN_DELAYED: 'run',
  APPROVE_VT: undefined,
} as const
export const OperateBody = Type.Object({
  operation: Word(OPERATIONS),
  approve_action_id: Type.Optional(
    Type.Unsafe<string | number>({
      description: 'The action execution that is answered, or its action; what is asked unless given',
      anyOf: [{ type: 'string' }, Id],
    }),
  ),
  variables: Type.Optional(PassedVariables),
  comment: Type.Optional(Text),
})

/** The parts of a promotion's time, in their order. */
const PHASES = { PLAN: 'plan', COPY: 'copy', PUT: 'put', TAG: 'tag', VERIFY: 'verify' } as const

/** What one promotion did. */
const Receipt = Type.Object(
  {
    source: Type.String({ description: 'The reference in full' }),
    target: Type.String({ description: 'The reference in full' }),
    digest: Type.String(),
    previous_digest: Nullable(Type.String()),
    bytes_sent: Count,
    bytes_mounted: Count,
    bytes_present: Count,
    requests: Count,
    phases: Nullable(
      Type.Array(Type.Object({ phase: Word(PHASES), duration_ms: Count }), {
        description: 'Where its time went; null where nobody measured it',
      }),
    ),
  },
  { title: 'Promotion' },
)

export const ActionExecutionView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    action_execution_id: Type.String(),
    status: Type.String(),
    progress: Type.Integer({ minimum: 0, maximum: 100 }),
    start_date: Nullable(When),
    finish_date: Nullable(When),
    ...failureMembers,
    promotion: Nullable(Receipt),
    action: RanActionView,
    terminator_id: Nullable(Type.Integer()),
    termination_date: Nullable(When),
    termination_comment: Nullable(Type.String()),
    question: Nullable(Type.String({ description: 'What is asked, its variables filled in' })),
    plan: Nullable(Type.Array(PlannedView)),
    expiration_date: Nullable(When),
    approver_id: Nullable(Type.Integer()),
    approval_date: Nullable(When),
    approval_comment: Nullable(Type.String()),
    passed_variables: Type.Array(BindingView),
    outputted_variables: Things,
  },
  { title: 'ActionExecution' },
)
/** As it was before action executions had ids of their own. */
export const OldLogView = Type.Object({
  ...Type.Pick(ActionExecutionView, ['status', 'progress', 'action', 'start_date', 'finish_date']).properties,
  log: Type.Array(Type.String()),
})

export const ShortExecutionView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    status: Type.String(),
    start_date: Nullable(When),
    finish_date: Nullable(When),
    triggered_on: Type.String(),
    priority: Word(PRIORITIES),
    comment: Nullable(Type.String()),
    delay_until: Nullable(When),
    ...askedMembers,
  },
  { title: 'ShortExecution' },
)
export const ExecutionView = Type.Object(
  {
    ...ShortExecutionView.properties,
    creator: MemberRef,
    pipeline: ShortPipelineView,
    action_executions: Type.Array(ActionExecutionView),
  },
  { title: 'Execution' },
)

export function decodeOperation({ operation }: Static<typeof OperateBody>) {
  const known = OPERATIONS[operation]
  if (known === undefined) throw invalid('operation', `${operation} is not supported here`)
  return known
}

/** As in lists. */
export function encodeExecution(execution: ExecutionSummary, place: Located, links: Links) {
  const { number, status, priority, comment, triggeredOn, delayUntil, startedAt, finishedAt } = execution
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
    delay_until: when(delayUntil),
    status: encodeExecutionStatus(status),
    comment: comment ?? null,
    ...encodeAsked(execution),
  }
}

export function encodeFullExecution(execution: Execution, place: Located, creator: Member, links: Links) {
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
  actionExecution: ActionExecution,
  execution: Execution,
  place: Located,
  links: Links,
) {
  const { id, action, status, progress, startedAt, finishedAt, failure, outcome } = actionExecution
  const { url, html_url } = encodeExecution(execution, place, links)
  const pipeline = url.slice(0, url.lastIndexOf('/executions/'))
  const ran = encodeRanAction(action, execution.variables)
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
    action: { url: `${pipeline}/actions/${action.id}`, id: action.id, ...ran },
    ...encodeTermination(actionExecution, execution),
    ...encodeApproval(actionExecution),
    passed_variables: passedTo(actionExecution, execution).map(encodeBinding),
    outputted_variables: [],
  }
}

function encodeTermination({ status }: ActionExecution, { cancelled }: Execution) {
  const said = status === 'terminated' ? cancelled : undefined
  return {
    terminator_id: said?.by ?? null,
    termination_date: when(said?.at),
    termination_comment: said?.comment ?? null,
  }
}

function encodeApproval({ action, approval }: ActionExecution) {
  const { question, plan, until, answer } = approval ?? {}
  return {
    question: question ?? null,
    plan: action.type === 'wait-for-apply' && plan !== undefined ? plan.map(encodePlanned) : null,
    expiration_date: when(until),
    approver_id: answer?.by ?? null,
    approval_date: when(answer?.at),
    approval_comment: answer?.comment ?? null,
  }
}

/** What was answered to an action that asked for values; what its loop gave to another one. */
function passedTo({ action, loop, approval }: ActionExecution, { variables }: Execution): readonly Binding[] {
  if (action.type !== 'wait-for-variables' || approval?.answer === undefined) return loop
  const own = variables.filter(({ scope, actionId }) => scope === 'action' && actionId === action.id)
  return own.map(({ key }) => bindingOf(variables, key, action.id)).filter((value) => value !== undefined)
}

function encodeOutcome(outcome: Outcome | undefined) {
  if (outcome === undefined) return null
  const { source, target, digest, previous, bytes, requests, phases } = outcome
  return {
    source,
    target,
    digest,
    previous_digest: previous ?? null,
    bytes_sent: bytes.sent,
    bytes_mounted: bytes.mounted,
    bytes_present: bytes.present,
    requests,
    phases: phases === undefined ? null : encodePhases(phases),
  }
}

function encodePhases(phases: NonNullable<Outcome['phases']>) {
  return Object.entries(PHASES).flatMap(([phase, kind]) => {
    const tookMs = phases[kind]
    return tookMs === undefined ? [] : [{ phase, duration_ms: tookMs }]
  })
}

function when(at: Date | undefined): string | null {
  return at?.toISOString() ?? null
}
