import { type Static, Type } from 'typebox'
import {
  type Execution,
  PIPELINE_DEFAULTS,
  type Pipeline,
  type PipelineDraft,
  type Project,
  slugOf,
  type Workspace,
} from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { Conditions, decodeConditions, encodeConditions } from './condition.ts'
import { decodeGrants, encodeGrants, GrantsBody, GrantsView, PIPELINE_LEVELS } from './grants.ts'
import { decodeEvents, encodeEvents, eventMembers, eventViews } from './pipeline-event.ts'
import { extraDefaults, extraSchemas, extrasIn, viewsOf } from './pipeline-extras.ts'
import { HtmlUrl, Name, Nullable, Text, Url, When, Word, YamlText } from './schema.ts'
import { VariableBodies, VariableView } from './variable.ts'
import { encodeExecutionStatus, PRIORITIES } from './words.ts'

const NO_GRANTS = decodeGrants({}, PIPELINE_LEVELS, 'default')

/** What only the full view has of it. */
export const fullViews = {
  ...viewsOf(true),
  permissions: GrantsView(PIPELINE_LEVELS, 'Pipeline'),
  trigger_conditions: Conditions,
  variables: Type.Array(VariableView),
}

const Failures = Type.Integer({ minimum: 1, maximum: 100 })
const own = {
  identifier: Type.Optional(Name),
  priority: Type.Optional(Word(PRIORITIES)),
  disabled: Type.Optional(Type.Boolean()),
  disabled_reason: Type.Optional(Text),
  permissions: Type.Optional(GrantsBody(PIPELINE_LEVELS)),
  ...eventMembers,
  paused: Type.Optional(Type.Boolean()),
  concurrent_pipeline_runs: Type.Optional(Type.Boolean()),
  terminate_stale_runs: Type.Optional(Type.Boolean()),
  pause_on_repeated_failures: Type.Optional(Failures),
  loop: Type.Optional(Type.Array(Name, { maxItems: 10 })),
  trigger_conditions: Type.Optional(Conditions),
  variables: Type.Optional(VariableBodies),
}
export const PipelineBody = Type.Object({ name: Name, ...own, ...extraSchemas })
export const PipelinePatch = Type.Object({
  name: Type.Optional(Name),
  yaml: Type.Optional(YamlText),
  ...own,
  ...extraSchemas,
})

export const ShortPipelineView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    identifier: Type.String(),
    name: Type.String(),
    priority: Word(PRIORITIES),
    disabled: Type.Boolean(),
    disabled_reason: Nullable(Type.String()),
    paused: Type.Boolean(),
    concurrent_pipeline_runs: Type.Boolean(),
    terminate_stale_runs: Type.Boolean(),
    pause_on_repeated_failures: Failures,
    loop: Type.Array(Type.String()),
    last_execution_status: Type.String(),
    last_execution_revision: Nullable(Type.String()),
    create_date: When,
    stale: Type.Boolean(),
    waiting_for_push: Type.Boolean(),
    ...eventViews,
    ...viewsOf(false),
  },
  { title: 'ShortPipeline' },
)

type Body = Static<typeof PipelinePatch> & { readonly [name: string]: unknown }

export function decodePipeline(body: Body & { readonly name: string }, project: Project): PipelineDraft {
  const identifier = body.identifier ?? slugOf(body.name)?.replaceAll('-', '_')
  if (identifier === undefined) throw invalid('identifier', 'is missing, and none can be made of the name')
  return {
    ...PIPELINE_DEFAULTS,
    ...decodeRules(body, PIPELINE_DEFAULTS),
    projectId: project.id,
    name: body.name,
    identifier: decodeIdentifier(identifier),
    disabledReason: body.disabled_reason,
    events: decodeEvents(body, []),
    permissions: permissionsOf(body),
    extras: extrasIn(body),
  }
}

export function decodePipelinePatch(body: Body, before: Pipeline): Pipeline {
  const { name = before.name, identifier = before.identifier, disabled = before.disabled } = body
  return {
    ...before,
    ...decodeRules(body, before),
    name,
    identifier: decodeIdentifier(identifier),
    disabledReason: body.disabled_reason ?? (disabled ? before.disabledReason : undefined),
    events: decodeEvents(body, before.events),
    permissions: permissionsOf(body) ?? before.permissions,
    extras: extrasIn(body, before.extras),
  }
}

/** The pipeline with nothing said of it but its names. */
export function blankPipeline(pipeline: Pipeline): Pipeline {
  return { ...pipeline, ...PIPELINE_DEFAULTS, events: [], permissions: undefined }
}

type Rules = Omit<typeof PIPELINE_DEFAULTS, 'disabledReason' | 'extras'>

function decodeRules(body: Body, before: { readonly [Name in keyof Rules]: Pipeline[Name] }) {
  return {
    priority: body.priority === undefined ? before.priority : PRIORITIES[body.priority],
    disabled: body.disabled ?? before.disabled,
    paused: body.paused ?? before.paused,
    concurrent: body.concurrent_pipeline_runs ?? before.concurrent,
    terminateStale: body.terminate_stale_runs ?? before.terminateStale,
    pauseAfterFailures: body.pause_on_repeated_failures ?? before.pauseAfterFailures,
    conditions:
      body.trigger_conditions === undefined ? before.conditions : decodeConditions(body.trigger_conditions),
    loop: body.loop ?? before.loop,
  }
}

function permissionsOf({ permissions }: Body): Pipeline['permissions'] {
  return permissions && decodeGrants(permissions, PIPELINE_LEVELS, 'default')
}

/** As in lists, and where others refer to it. */
export function encodePipeline(
  pipeline: Pipeline,
  { workspace, project }: { readonly workspace: Workspace; readonly project: Project },
  latest: Pick<Execution, 'status'> | undefined,
  links: Links,
) {
  const { id, identifier, name, priority, disabled, disabledReason, events, createdAt, extras } = pipeline
  const { domain } = workspace
  const { worker, ...short } = { ...extraDefaults, ...extras }
  return {
    url: links.api('workspaces', domain, 'projects', project.name, 'pipelines', id),
    html_url: links.page(domain, project.name, 'pipelines', 'pipeline', id),
    id,
    identifier,
    name,
    ...short,
    ...encodeEvents(events),
    priority: priority.toUpperCase(),
    disabled,
    disabled_reason: disabledReason ?? null,
    paused: pipeline.paused,
    concurrent_pipeline_runs: pipeline.concurrent,
    terminate_stale_runs: pipeline.terminateStale,
    pause_on_repeated_failures: pipeline.pauseAfterFailures,
    loop: pipeline.loop,
    last_execution_status: encodeExecutionStatus(latest?.status),
    last_execution_revision: null,
    create_date: createdAt.toISOString(),
    stale: false,
    waiting_for_push: false,
  }
}

/** What the full view has beside the short one, as it was sent or as it is when nobody sent it. */
export function encodeFullExtras({ permissions = NO_GRANTS, extras, conditions }: Pipeline) {
  const { worker } = { ...extraDefaults, ...extras }
  return {
    permissions: encodeGrants(permissions, PIPELINE_LEVELS),
    trigger_conditions: encodeConditions(conditions),
    worker,
  }
}

function decodeIdentifier(text: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(text)) return text
  throw invalid('identifier', 'is to be letters, digits, _ and -, 100 at most')
}
