import { type Static, Type } from 'typebox'
import { cronSchedule } from '#engine'
import type { JsonObject, PipelineEvent, Schedule } from '#model'
import { invalid } from '../errors.ts'
import { extrasOf, optional, Text, Things, Word } from './schema.ts'

/** Buddy's, and one more: PUSH_IMAGE, a tag that appeared in a registry. */
const TYPES = {
  PUSH: 'inert',
  CREATE_REF: 'inert',
  DELETE_REF: 'inert',
  PULL_REQUEST: 'inert',
  SCHEDULE: 'schedule',
  PUBLISH_PACKAGE_VERSION: 'inert',
  DELETE_PACKAGE_VERSION: 'inert',
  CREATE_PACKAGE_VERSION: 'inert',
  WEBHOOK: 'webhook',
  EMAIL: 'inert',
  PUSH_IMAGE: 'image-pushed',
} as const satisfies Record<string, PipelineEvent['kind']>

const Patterns = Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 100 })
/** Kept and given back. */
const EXTRAS = {
  refs: Type.Array(Text),
  events: Type.Array(Text),
  branches: Type.Array(Text),
  packages: Things,
  environment: Text,
  prefix: Text,
  whitelist: Type.Array(Text),
}
const schedule = {
  start_date: Type.Optional(Text),
  delay: Type.Optional(Type.Integer({ description: 'Minutes', minimum: 1, maximum: 5_256_000 })),
  cron: Type.Optional(Type.String({ maxLength: 256 })),
  timezone: Type.Optional(Type.String({ maxLength: 64 })),
}
/** What says when a pipeline starts: `cron` and `timezone`, or `start_date` and `delay`. */
export const ScheduleBody = Type.Object(schedule)
const EventBody = Type.Object(
  {
    type: Word(TYPES),
    ...schedule,
    totp: Type.Optional(Type.Boolean()),
    images: Type.Optional(Patterns),
    tags: Type.Optional(Patterns),
    signed: Type.Optional(Type.Boolean()),
    ...optional(EXTRAS),
  },
  { title: 'PipelineEvent' },
)
const MINUTE_MS = 60_000
const MODES = { CLICK: 1, EVENT: 1, SCHEDULE: 1 }

/** How clients say what starts a pipeline: by events, or as before there were any, by `on` and what belongs to it. */
export const eventMembers = {
  on: Type.Optional(Word(MODES)),
  events: Type.Optional(Type.Array(EventBody, { maxItems: 100 })),
  ...schedule,
}
export const eventViews = {
  on: Word(MODES),
  events: Type.Array(EventBody),
}

const members = Type.Object(eventMembers)
type Body = Static<typeof members>
type Event = Static<typeof EventBody> & { readonly [name: string]: unknown }

/** What is not sent stays. */
export function decodeEvents(body: Body, before: readonly PipelineEvent[]): readonly PipelineEvent[] {
  const { on, events, cron, start_date } = body
  const given = events?.map((event, index) => decodeEvent(event as Event, `events.${index}.`))
  if (on === 'SCHEDULE' || cron !== undefined || start_date !== undefined) {
    const others = (given ?? before).filter(({ kind }) => kind !== 'schedule')
    return [...others, { kind: 'schedule', schedule: decodeSchedule(body, ''), extras: spelledIn(body) }]
  }
  return given ?? (on === 'CLICK' ? [] : before)
}

export function encodeEvents(events: readonly PipelineEvent[]) {
  const scheduled = events.some(({ kind }) => kind === 'schedule')
  return {
    on: scheduled ? 'SCHEDULE' : events.length > 0 ? 'EVENT' : 'CLICK',
    events: events.map((event) => ({ ...encodeEvent(event), ...event.extras })),
  }
}

function decodeEvent(event: Event, at: string): PipelineEvent {
  const extras = extrasOf(EXTRAS, event)
  const kind = TYPES[event.type]
  switch (kind) {
    case 'schedule':
      return { kind, schedule: decodeSchedule(event, at), extras: { ...extras, ...spelledIn(event) } }
    case 'webhook':
      return { kind, totp: event.totp ?? false, extras }
    case 'image-pushed': {
      const { images = [], tags = [], signed = false } = event
      if (images.length === 0) throw invalid(`${at}images`, 'is missing: which repositories are meant')
      return { kind, images, tags, signed, extras }
    }
    case 'inert':
      return { kind, type: event.type, extras }
  }
}

/** @throws ModelError INVALID; `at`: what the names of fields begin with */
export function decodeSchedule(body: Pick<Body, keyof typeof schedule>, at: string): Schedule {
  const { cron, timezone, start_date: start, delay } = body
  if (cron !== undefined && start !== undefined)
    throw invalid(`${at}cron`, 'and start_date exclude each other')
  if (cron !== undefined) return cronSchedule(cron, timezone === '' ? undefined : timezone, at)
  if (start === undefined) throw invalid(`${at}cron`, 'is missing, and so is start_date')
  const startAt = new Date(start)
  if (Number.isNaN(startAt.getTime())) throw invalid(`${at}start_date`, 'is to be a date')
  if (delay === undefined) throw invalid(`${at}delay`, 'is missing: the minutes between two runs')
  return { kind: 'interval', startAt, everyMs: delay * MINUTE_MS }
}

/** How the date was written, where it is not as it would be given back: clients compare what they sent with that, as text. */
function spelledIn({ start_date: start }: Pick<Body, 'start_date'>): JsonObject {
  return start === undefined || new Date(start).toISOString() === start ? {} : { start_date: start }
}

function encodeEvent(event: PipelineEvent): JsonObject {
  const type = Object.entries(TYPES).find(([, kind]) => kind === event.kind)?.[0] ?? ''
  switch (event.kind) {
    case 'schedule':
      return { type, ...encodeSchedule(event.schedule) }
    case 'webhook':
      return { type, totp: event.totp }
    case 'image-pushed': {
      const { images, tags, signed } = event
      return { type, images, tags, signed }
    }
    case 'inert':
      return { type: event.type }
  }
}

function encodeSchedule(schedule: Schedule): JsonObject {
  if (schedule.kind === 'cron') return { cron: schedule.cron, timezone: schedule.timezone ?? '' }
  return { start_date: schedule.startAt.toISOString(), delay: schedule.everyMs / MINUTE_MS }
}
