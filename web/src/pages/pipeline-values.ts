import type { PipelineView } from '#api/wire'
import { given, numbers, words } from '../parts/form.tsx'

type Event = PipelineView['events'][number]
type Condition = PipelineView['trigger_conditions'][number]

/** What starts a pipeline, as it is typed. What only others know of it stays beside it, untouched. */
export type EventValues = {
  readonly key: string
  readonly type: Event['type']
  readonly mode: 'cron' | 'interval'
  readonly cron: string
  readonly timezone: string
  readonly start_date: string
  readonly delay: string
  readonly totp: boolean
  readonly images: string
  readonly tags: string
  readonly signed: boolean
  readonly kept: Event
}

/** What must be so for a pipeline to start, as it is typed. */
export type ConditionValues = {
  readonly key: string
  readonly kind: Condition['trigger_condition']
  readonly variable: string
  readonly value: string
  readonly days: readonly string[]
  readonly hours: string
  readonly timezone: string
  readonly project: string
  readonly pipeline: string
  readonly user: string
  readonly group: string
  readonly kept: Condition
}

/** All that a pipeline is but its actions and variables. */
export type PipelineValues = {
  readonly name: string
  readonly identifier: string
  readonly events: readonly EventValues[]
  readonly conditions: readonly ConditionValues[]
  readonly priority: string
  readonly pause_on_repeated_failures: string
  readonly concurrent_pipeline_runs: boolean
  readonly terminate_stale_runs: boolean
  readonly paused: boolean
  readonly disabled: boolean
  readonly disabled_reason: string
}

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

let made = 0
const nextKey = (): string => {
  made += 1
  return String(made)
}

/** Those of one that is there, or of a new one of this type. */
export function eventValues(event: Event): EventValues {
  const { type, cron, timezone, start_date, delay, totp, images, tags, signed } = event
  return {
    key: nextKey(),
    type,
    mode: start_date === undefined ? 'cron' : 'interval',
    cron: cron ?? '',
    timezone: timezone || (cron === undefined ? ZONE : 'UTC'),
    start_date: start_date === undefined ? localTime(new Date()) : localTime(new Date(start_date)),
    delay: delay === undefined ? '60' : String(delay),
    totp: totp ?? false,
    images: images?.join(', ') ?? '',
    tags: tags?.join(', ') ?? '',
    signed: signed ?? false,
    kept: event,
  }
}

export function conditionValues(condition: Condition): ConditionValues {
  const kept = condition
  return {
    key: nextKey(),
    kind: kept.trigger_condition,
    variable: kept.trigger_variable_key ?? '',
    value: kept.trigger_variable_value ?? '',
    days: kept.trigger_days?.map(String) ?? [],
    hours: kept.trigger_hours?.join(', ') ?? '',
    timezone: kept.timezone || ZONE,
    project: kept.trigger_project_name ?? '',
    pipeline: kept.trigger_pipeline_name ?? '',
    user: kept.trigger_user ?? '',
    group: kept.trigger_group ?? '',
    kept,
  }
}

export function pipelineValues(pipeline: PipelineView): PipelineValues {
  const { name, identifier, priority, disabled, disabled_reason, paused } = pipeline
  const { concurrent_pipeline_runs, terminate_stale_runs, pause_on_repeated_failures } = pipeline
  return {
    ...{ name, identifier, priority, disabled, paused, concurrent_pipeline_runs, terminate_stale_runs },
    disabled_reason: disabled_reason ?? '',
    pause_on_repeated_failures: String(pause_on_repeated_failures),
    events: pipeline.events.map(eventValues),
    conditions: pipeline.trigger_conditions.map(conditionValues),
  }
}

export function pipelineBody(values: PipelineValues): Record<string, unknown> {
  const { events, conditions, pause_on_repeated_failures, disabled, disabled_reason, ...rest } = values
  return {
    ...rest,
    ...numbers({ pause_on_repeated_failures }),
    disabled,
    ...(disabled && given({ disabled_reason })),
    events: events.map(eventBody),
    trigger_conditions: conditions.map(conditionBody),
  }
}

/** What is sent of an event: what belongs to its type. */
function eventBody(values: EventValues): Record<string, unknown> {
  const { type, kept, totp, images, tags, signed } = values
  const { cron: _, timezone: __, start_date: ___, delay: ____, ...others } = kept
  switch (type) {
    case 'SCHEDULE':
      return { ...others, type, ...scheduleBody(values) }
    case 'WEBHOOK':
      return { ...others, type, totp }
    case 'PUSH_IMAGE':
      return { ...others, type, images: words(images), tags: words(tags), signed }
    default:
      return { ...kept }
  }
}

/** A schedule as the API has it, by cron or from a day on. */
export function scheduleBody({ mode, cron, timezone, start_date, delay }: EventValues) {
  if (mode === 'cron') return { cron, timezone }
  const start = new Date(start_date)
  const startDate = Number.isNaN(start.getTime()) ? start_date : start.toISOString()
  return { start_date: startDate, ...numbers({ delay }) }
}

function conditionBody(values: ConditionValues): Record<string, unknown> {
  const { kind, variable, value, days, hours, timezone, project, pipeline, user, group, kept } = values
  const trigger_condition = kind
  if (kind.startsWith('VAR_'))
    return { trigger_condition, trigger_variable_key: variable, trigger_variable_value: value }
  if (kind === 'DATETIME' || kind === 'DAY' || kind === 'HOUR')
    return {
      trigger_condition,
      ...(kind !== 'HOUR' && { trigger_days: days.map(Number) }),
      ...(kind !== 'DAY' && { trigger_hours: hoursOf(hours) }),
      timezone,
    }
  if (kind === 'SUCCESS_PIPELINE')
    return {
      trigger_condition,
      ...given({ trigger_project_name: project }),
      trigger_pipeline_name: pipeline,
    }
  if (/^TRIGGERING_USER_IS(?:_NOT)?$/.test(kind)) return { trigger_condition, trigger_user: user }
  if (kind.endsWith('_IN_GROUP')) return { trigger_condition, trigger_group: group }
  return { ...kept }
}

/** `9-17, 20`: ranges spelled out; what is no hour is sent as it was typed. */
function hoursOf(text: string): readonly (number | string)[] {
  return words(text).flatMap((word): readonly (number | string)[] => {
    const [, from, to] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(word) ?? []
    if (from === undefined) return [word]
    const last = Number(to ?? from)
    return Array.from({ length: Math.max(1, last - Number(from) + 1) }, (_, at) => Number(from) + at)
  })
}

/** As inputs for a time have it, in the reader's zone. */
function localTime(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
