import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cronSchedule } from '#engine'
import { ModelError, type Schedule } from '#model'
import { nextTick } from '../../src/engine/tick.ts'

/** The next so many ticks after a time, as UTC without its seconds. */
function ticks(schedule: Schedule, after: string, count: number): string[] {
  const found: string[] = []
  let at: Date | undefined = new Date(after)
  while (at !== undefined && found.length < count) {
    at = nextTick(schedule, at)
    if (at !== undefined) found.push(at.toISOString().slice(5, 16))
  }
  return found
}

const warsaw = (cron: string): Schedule => cronSchedule(cron, 'Europe/Warsaw')

test('a cron expression without a time zone is read in UTC', () => {
  assert.deepEqual(ticks(cronSchedule('30 4 * * MON-FRI', undefined), '2026-01-02T05:00:00Z', 2), [
    '01-05T04:30',
    '01-06T04:30',
  ])
  assert.deepEqual(ticks(cronSchedule('*/20 * * * *', undefined), '2026-01-02T05:00:00Z', 2), [
    '01-02T05:20',
    '01-02T05:40',
  ])
  assert.deepEqual(ticks(cronSchedule('0 0 13 * 5', 'UTC'), '2026-02-01T00:00:00Z', 3), [
    '02-06T00:00',
    '02-13T00:00',
    '02-20T00:00',
  ])
})

test('an hour that the clock leaves out: what is due then comes an hour later, once', () => {
  // On 29 March 2026 the clock goes from 2:00 to 3:00.
  assert.deepEqual(ticks(warsaw('30 2 * * *'), '2026-03-28T00:00:00Z', 3), [
    '03-28T01:30',
    '03-29T01:30',
    '03-30T00:30',
  ])
  assert.deepEqual(ticks(warsaw('0 * * * *'), '2026-03-28T23:20:00Z', 3), [
    '03-29T00:00',
    '03-29T01:00',
    '03-29T02:00',
  ])
})

test('an hour that comes twice: a fixed time once, every half hour every half hour', () => {
  // On 25 October 2026 it goes from 3:00 back to 2:00.
  assert.deepEqual(ticks(warsaw('30 2 * * *'), '2026-10-24T12:00:00Z', 2), ['10-25T00:30', '10-26T01:30'])
  assert.deepEqual(ticks(warsaw('0 2,3 * * *'), '2026-10-24T12:00:00Z', 3), [
    '10-25T00:00',
    '10-25T02:00',
    '10-26T01:00',
  ])
  assert.deepEqual(ticks(warsaw('*/30 * * * *'), '2026-10-24T23:50:00Z', 4), [
    ...['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30'],
  ])
})

test('every so many minutes from a date on, and not before it', () => {
  const startAt = new Date('2026-01-01T10:07:00Z')
  const schedule = { kind: 'interval', startAt, everyMs: 90 * 60_000 } as const
  assert.deepEqual(ticks(schedule, '2025-01-01T00:00:00Z', 2), ['01-01T10:07', '01-01T11:37'])
  assert.deepEqual(ticks(schedule, '2026-01-01T10:07:00Z', 1), ['01-01T11:37'])
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      (after) => {
        const next = nextTick(schedule, after)
        assert.ok(next !== undefined && next > after && next >= startAt)
        assert.equal((next.getTime() - startAt.getTime()) % schedule.everyMs, 0)
        assert.ok(next.getTime() - Math.max(after.getTime(), startAt.getTime()) <= schedule.everyMs)
      },
    ),
  )
})

test('what is no cron expression, or no time zone, is refused by its name', () => {
  const wrong = [
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '*/0 * * * *',
    'H * * * *',
    '@daily',
    '0 0 30 2 *',
    '0 0 * * 8',
    'a b c d e',
  ]
  for (const cron of wrong) {
    const refused = (error: unknown) => error instanceof ModelError && error.field === 'events.0.cron'
    assert.throws(() => cronSchedule(cron, undefined, 'events.0.'), refused, cron)
  }
  for (const zone of ['Mars/Olympus', 'local time', ' '])
    assert.throws(
      () => cronSchedule('* * * * *', zone),
      (error) => error instanceof ModelError && error.field === 'timezone',
    )
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (text) => {
      try {
        nextTick(cronSchedule(text, undefined), new Date(0))
      } catch (error) {
        assert.ok(error instanceof ModelError)
      }
    }),
  )
})
