import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipelines: string
before(async () => {
  api = await startApi()
  const pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

let made = 0
async function make(members: object) {
  made += 1
  return api.ask('POST', pipelines, { name: `Pipeline ${made}`, ...members })
}

describe("a pipeline's events", () => {
  test('are given back as they were sent, in the form they have now', async () => {
    const events = [
      { type: 'PUSH', refs: ['refs/heads/*'] },
      { type: 'SCHEDULE', cron: '0 5 * * MON', timezone: 'Europe/Warsaw', refs: ['refs/heads/main'] },
      { type: 'SCHEDULE', cron: '*/5 * * * *', timezone: '' },
      { type: 'SCHEDULE', start_date: '2026-05-01T08:00:00.000Z', delay: 90 },
      { type: 'WEBHOOK', totp: true },
      { type: 'PUSH_IMAGE', images: ['ghcr.io/acme/*'], tags: ['v*'], signed: false },
    ]
    const { status, body } = await make({ events })
    assert.deepEqual([status, body.events, body.on], [201, events, 'SCHEDULE'])
    const path = `${pipelines}/${body.id}`
    assert.deepEqual((await api.ask('PATCH', path, { name: 'Other' })).body.events, events)
    const cleared = await api.ask('PATCH', path, { events: [{ type: 'PUSH', nobody_knows: 1 }] })
    assert.deepEqual([cleared.body.events, cleared.body.on], [[{ type: 'PUSH' }], 'EVENT'])
    assert.deepEqual((await api.ask('GET', path)).body.events, [{ type: 'PUSH' }])
  })

  test('may be said as they were before there were any', async () => {
    const cron = await make({ on: 'SCHEDULE', cron: '0 5 * * *', timezone: 'UTC' })
    assert.deepEqual(cron.body.events, [{ type: 'SCHEDULE', cron: '0 5 * * *', timezone: 'UTC' }])
    const interval = { start_date: '2026-05-01T08:00:00.000Z', delay: 5 }
    const every = await make({ on: 'SCHEDULE', ...interval })
    assert.deepEqual(every.body.events, [{ type: 'SCHEDULE', ...interval }])
    const clicked = await api.ask('PATCH', `${pipelines}/${every.body.id}`, { on: 'CLICK' })
    assert.deepEqual([clicked.body.events, clicked.body.on], [[], 'CLICK'])
    assert.equal((await make({ on: 'CLICK', refs: ['refs/heads/main'] })).body.on, 'CLICK')
  })

  test('tell when they are due before they are kept', async () => {
    const path = `${pipelines}/next_runs`
    const yearly = await api.ask('POST', path, { cron: '0 5 1 1 *', timezone: 'Europe/Warsaw' })
    const { next_runs: runs } = yearly.body
    assert.equal(runs.length, 3)
    assert.deepEqual(
      runs.map((at: string) => at.replace(/^\d+/, '')),
      Array(3).fill('-01-01T04:00:00.000Z'),
    )
    const later = { start_date: '2126-05-01T08:00:00.000Z', delay: 90 }
    const every = await api.ask('POST', path, later)
    assert.deepEqual(every.body.next_runs.slice(0, 2), [later.start_date, '2126-05-01T09:30:00.000Z'])
    const wrong = await api.ask('POST', path, { cron: 'often' })
    assert.deepEqual([wrong.status, wrong.body.errors[0].field], [400, 'cron'])
  })

  test('that cannot happen are refused, and named', async () => {
    const cases: [object, string][] = [
      [{ events: [{ type: 'NEVER' }] }, 'events.0.type'],
      [{ events: [{}] }, 'events.0.type'],
      [{ events: [{ type: 'SCHEDULE' }] }, 'events.0.cron'],
      [{ events: [{ type: 'PUSH' }, { type: 'SCHEDULE', cron: '* * * *' }] }, 'events.1.cron'],
      [{ events: [{ type: 'SCHEDULE', cron: '* * * * *', timezone: 'Mars/Olympus' }] }, 'events.0.timezone'],
      [{ events: [{ type: 'SCHEDULE', cron: '* * * * *', start_date: '2026-01-01' }] }, 'events.0.cron'],
      [{ events: [{ type: 'SCHEDULE', start_date: 'soon', delay: 5 }] }, 'events.0.start_date'],
      [{ events: [{ type: 'SCHEDULE', start_date: '2026-01-01' }] }, 'events.0.delay'],
      [{ events: [{ type: 'SCHEDULE', start_date: '2026-01-01', delay: 0 }] }, 'events.0.delay'],
      [{ events: [{ type: 'PUSH_IMAGE' }] }, 'events.0.images'],
      [{ events: [{ type: 'PUSH_IMAGE', images: [''] }] }, 'events.0.images.0'],
      [{ events: [{ type: 'WEBHOOK', totp: 'yes' }] }, 'events.0.totp'],
      [{ on: 'SCHEDULE' }, 'cron'],
      [{ on: 'SOMETIMES' }, 'on'],
    ]
    for (const [members, field] of cases) {
      const { status, body } = await make(members)
      assert.deepEqual([status, body.errors?.[0].field], [400, field], JSON.stringify(members))
    }
  })
})
