import { CronExpressionParser } from 'cron-parser'
import { ModelError, type Schedule } from '#model'

const FIELDS = /^\S+(?: +\S+){4}$/

/**
 * When a schedule is next due after a time; undefined: never. What falls into an hour that the clock leaves out comes an hour later; of an
 * hour that comes twice a fixed time takes the first, and what is due every so often takes both.
 */
export function nextTick(schedule: Schedule, after: Date): Date | undefined {
  if (schedule.kind === 'cron') {
    try {
      const { cron, timezone = 'UTC' } = schedule
      return CronExpressionParser.parse(cron, { tz: timezone, currentDate: after }).next().toDate()
    } catch {
      return undefined
    }
  }
  const { startAt, everyMs } = schedule
  const passed = Math.floor((after.getTime() - startAt.getTime()) / everyMs)
  return new Date(startAt.getTime() + Math.max(0, passed + 1) * everyMs)
}

/**
 * A schedule by a cron expression of five fields, in an IANA time zone, or UTC where there is none. `at`: what the names of its fields begin
 * with in a refusal.
 * @throws ModelError INVALID (field `cron` or `timezone`)
 */
export function cronSchedule(cron: string, timezone: string | undefined, at = ''): Schedule {
  const trimmed = cron.trim()
  // The parser has more to offer: seconds, and H for a minute that it makes up.
  if (!FIELDS.test(trimmed) || /h/i.test(trimmed.replaceAll(/thu/gi, '')))
    throw invalid(`${at}cron`, 'is to be five fields: minute, hour, day, month, weekday')
  if (timezone !== undefined && !isZone(timezone))
    throw invalid(`${at}timezone`, 'is to be a name like Europe/Warsaw')
  const schedule: Schedule = { kind: 'cron', cron: trimmed, timezone }
  try {
    CronExpressionParser.parse(trimmed)
  } catch (cause) {
    throw invalid(
      `${at}cron`,
      `is no cron expression (${cause instanceof Error ? cause.message : String(cause)})`,
    )
  }
  return schedule
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function invalid(field: string, why: string): ModelError {
  return new ModelError('INVALID', `${field}: ${why}`, { field })
}
