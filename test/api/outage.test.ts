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
  /** What a run that is asked for is answered when its connection is cut at this statement. */
  const cutIn = async (statement: string): Promise<Answer> => {
    const asked = api.ask('POST', `${pipeline}/executions`)
    const over = asked.then(() => true)
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = '${database}' and state = 'active' and query like '${statement}'`
    while (!(await Promise.race([over, askTestPostgres(host, cut)])));
    return asked
  }
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
    isOutage(await cutIn('update "pipelines"%'), 'UNAVAILABLE')
    await holder.query('rollback')
    assert.equal(await runs(), before)

    await holder.query(`
      create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end';
      create constraint trigger linger after insert on executions deferrable initially deferred
        for each row execute function linger()`)
    isOutage(await cutIn('commit'), 'UNCERTAIN')
    await holder.query('drop function linger cascade')
    await holder.end()
    assert.equal((await api.ask('POST', `${pipeline}/executions`)).body.id, before + 1)
  })
})
