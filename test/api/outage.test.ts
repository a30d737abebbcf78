import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { askTestPostgres } from '#support/postgres'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'

describe('the API over a database that does not answer for the moment', () => {
  let api: TestApi
  let pipeline: string
  let host: string
  let database: string | undefined

  before(async () => {
    api = await startApi()
    pipeline = await furnish(api, 'outage')
    await api.ask('POST', `${pipeline}/actions`, ACTION)
    ;({ host, database } = new pg.Client({ connectionString: api.open.url }))
  })
  after(() => api[Symbol.asyncDispose]())

  const runs = async (): Promise<number> =>
    (await api.ask('GET', `${pipeline}/executions`)).body.total_element_count
  /** What is answered when the connection is cut at this statement. */
  const cutIn = async (statement: string, asked: Promise<Answer>): Promise<Answer> => {
    let over = false
    const answered = asked.finally(() => {
      over = true
    })
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = '${database}' and state = 'active' and query like '${statement}'`
    // None of them is still on its way when something else is asked.
    while (!over) await askTestPostgres(host, cut)
    return answered
  }
  const run = () => api.ask('POST', `${pipeline}/executions`)
  const isOutage = ({ status, headers, body }: Answer, code: string): void => {
    assert.equal(status, 503)
    assert.match(String(headers['content-type']), /^application\/json$/)
    assert.ok(Number(headers['retry-after']) > 0)
    assert.equal(body.errors[0].code, code)
    assert.match(body.errors[0].message, /try again/)
    assert.deepEqual(Object.keys(body.errors[0]).sort(), ['code', 'message'])
  }

  test('answers 503, when to come back, and nothing of what it looks like inside', async () => {
    await askTestPostgres(
      host,
      `alter database ${database} allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
    )
    try {
      for (const [method, path] of [
        ['GET', '/user'],
        ['GET', `${pipeline}/executions`],
        ['POST', `${pipeline}/executions`],
        ['DELETE', pipeline],
      ] as const)
        isOutage(await api.ask(method, path), 'UNAVAILABLE')
    } finally {
      await askTestPostgres(host, `alter database ${database} allow_connections true`)
    }
    assert.equal((await api.ask('GET', pipeline)).status, 200)
  })

  test('says whether a run was begun, or that nobody knows', async () => {
    const before = await runs()
    const holder = new pg.Client({ connectionString: api.open.url })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select from pipelines for update')
    // Waits for the row, in the midst of what it does.
    isOutage(await cutIn('update "pipelines"%', run()), 'UNAVAILABLE')
    await holder.query('rollback')
    assert.equal(await runs(), before)

    await holder.query(`
      create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end';
      create constraint trigger linger after insert on executions deferrable initially deferred
        for each row execute function linger()`)
    isOutage(await cutIn('commit', run()), 'UNCERTAIN')
    await holder.query('drop function linger cascade')
    await holder.end()
    assert.equal((await run()).body.id, before + 1)
  })

  test('says that nobody knows where something was written and cannot be read for the answer', async () => {
    const { body: mate } = await api.ask('POST', '/workspaces/outage/members', { email: 'ada@example.com' })
    const { body: group } = await api.ask('POST', '/workspaces/outage/groups', { name: 'G' })
    const members = `/workspaces/outage/groups/${group.id}/members`
    const [writing, reading] = [1, 2].map(() => new pg.Client({ connectionString: api.open.url }))
    assert.ok(writing && reading)
    await Promise.all([writing.connect(), reading.connect()])
    try {
      await writing.query('begin; lock table group_members in share mode')
      const asked = api.ask('POST', members, { id: mate.id })
      const held = `select from pg_locks where not granted and relation = 'group_members'::regclass`
      while ((await reading.query(held)).rowCount === 0);
      await reading.query('begin; lock table people in access exclusive mode')
      await writing.query('rollback')
      isOutage(await cutIn('select "people"%', asked), 'UNCERTAIN')
    } finally {
      await Promise.all([writing.end(), reading.end()])
    }
    const { body } = await api.ask('GET', members)
    assert.deepEqual(
      body.members.map(({ id }: { readonly id: number }) => id),
      [mate.id],
    )
  })
})
