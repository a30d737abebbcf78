import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type ActionExecutionId, advance, type ExecutionEvent, type ExecutionId, type Headway } from '#model'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

interface Event {
  readonly id: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  readonly data: any
}

/** A stream that is read event by event, comments left out. */
class Stream implements AsyncDisposable {
  readonly response: Response
  readonly #stop: AbortController
  readonly #parts: AsyncIterator<string>
  #text = ''

  private constructor(response: Response, stop: AbortController) {
    this.response = response
    this.#stop = stop
    this.#parts = response.body
      ?.pipeThrough(new TextDecoderStream())
      [Symbol.asyncIterator]() as AsyncIterator<string>
  }

  static async open(path: string, lastEventId?: string): Promise<Stream> {
    const stop = new AbortController()
    const headers = {
      authorization: `Bearer ${api.token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    }
    return new Stream(await fetch(`${base}${path}`, { headers, signal: stop.signal }), stop)
  }

  /** Undefined at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await this.#parts.next()
        if (done) return undefined
        this.#text += value
        continue
      }
      const lines = this.#text.slice(0, end).split('\n')
      this.#text = this.#text.slice(end + 2)
      const fields = new Map(
        lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      assert.ok(fields.size === lines.length, 'each field once')
      const [id, event, data] = ['id', 'event', 'data'].map((name) => fields.get(name))
      if (id !== undefined && event !== undefined && data !== undefined)
        return { id, event, data: JSON.parse(data) }
    }
  }

  async until(event: string): Promise<Event> {
    for (;;) {
      const next = await this.next()
      assert.ok(next, `the stream ended before ${event}`)
      if (next.event === event) return next
    }
  }

  async rest(): Promise<Event[]> {
    const events: Event[] = []
    for (let next = await this.next(); next !== undefined; next = await this.next()) events.push(next)
    return events
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort()
  }
}

let api: TestApi
let pipeline: string
let base: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  await api.ask('POST', `${pipeline}/actions`, ACTION)
  base = await api.app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => api[Symbol.asyncDispose]())

/** An execution that nobody runs, and what can be made of it. */
async function run() {
  const { body } = await api.ask('POST', `${pipeline}/executions`)
  const path = `${pipeline}/executions/${body.id}`
  const action = body.action_executions[0].action_execution_id as ActionExecutionId
  const number = Number(pipeline.split('/').at(-1)) as never
  const { executions } = api.open.store
  const id = (await executions.find(number, body.id))?.id as ExecutionId
  return {
    action,
    path,
    events: `${path}/events`,
    say: (...lines: string[]) => executions.appendLog(action, lines),
    track: (headway: Headway) => executions.track(action, headway),
    happen: async (...events: readonly ExecutionEvent[]) => {
      // Together: what is between two events may or may not be seen.
      await executions.change(id, (now) => events.reduce(advance, now))
    },
  }
}

const at = new Date('2026-03-01T12:00:00Z')
const digest = `sha256:${'a'.repeat(64)}` as never
const move = { kind: 'copy', digest, size: 10, tag: undefined, sent: 0, as: undefined } as const

describe('the events of an execution', { timeout: 60_000 }, () => {
  test('tell of states, log and progress as they come, and end with it', async () => {
    const { events, action, say, happen, track, path } = await run()
    await using stream = await Stream.open(events)
    const { headers, status } = stream.response
    assert.deepEqual([status, headers.get('content-type')], [200, 'text/event-stream'])
    assert.equal(headers.get('access-control-allow-origin'), '*')
    assert.ok(Number(headers.get('x-rate-limit-reset')) * 1000 > Date.now())
    assert.equal((await stream.until('execution')).data.status, 'ENQUEUED')

    await happen({ kind: 'started', at }, { kind: 'action-started', id: action, at })
    assert.equal((await stream.until('action_execution')).data.status, 'INPROGRESS')
    assert.equal((await stream.until('execution')).data.status, 'INPROGRESS')

    await say('first\nwith: two\r\nlines', 'second')
    for (const [line, text] of ['first\nwith: two\r\nlines', 'second'].entries()) {
      const { data } = await stream.until('log')
      assert.deepEqual(data, { action_execution_id: action, line, text })
    }

    await track({
      bytes: { sent: 0, total: 20 },
      done: 0,
      total: 2,
      moves: [move, { ...move, kind: 'tag', tag: 'v1' }],
    })
    const { data: begun } = await stream.until('progress')
    assert.deepEqual([begun.action_execution_id, begun.bytes_total, begun.moves.length], [action, 20, 2])
    assert.deepEqual(begun.moves[1], { kind: 'TAG', digest, size: 10, tag: 'v1', sent: 0, done_as: null })
    const moves = [
      { ...move, sent: 10, as: 'copied' as const },
      { ...move, kind: 'tag' as const, tag: 'v1' },
    ]
    await track({ bytes: { sent: 10, total: 20 }, done: 1, total: 2, moves })
    const { data: further } = await stream.until('progress')
    assert.deepEqual(further.moves, [
      { kind: 'COPY', digest, size: 10, tag: null, sent: 10, done_as: 'COPIED' },
    ])

    const failure = { code: 'DENIED', side: 'target', message: 'no', retryable: false } as const
    await say('last')
    await happen({ kind: 'action-failed', id: action, at, failure }, { kind: 'finished', at })
    const rest = await stream.rest()
    assert.deepEqual(rest[0]?.data.text, 'last')
    const [ended, over] = rest.slice(-2)
    assert.deepEqual(ended?.data, (await api.ask('GET', `${path}/action_executions/${action}`)).body)
    assert.equal(over?.event, 'execution')
    assert.deepEqual([over?.data.status, over?.data.finish_date], ['FAILED', at.toISOString()])
  })

  test('go on where the last one that was heard left off: no line twice, none missing, and nothing after the end', async () => {
    const { events, action, say, happen } = await run()
    await happen({ kind: 'started', at }, { kind: 'action-started', id: action, at })
    const lines = Array.from({ length: 1200 }, (_, index) => `line ${index}`)
    await say(...lines)
    await happen({ kind: 'progressed', id: action, progress: 40 })
    await using all = await Stream.open(events)
    const heard: Event[] = []
    while (heard.at(-1)?.event !== 'execution') heard.push((await all.next()) as Event)
    const cuts = [0, 1, 499, 500, 777, heard.length - 2, heard.length - 1]
    await happen({ kind: 'cancel', at }, { kind: 'finished', at })
    const ended = (await all.rest()).map(({ event, data }) => `${event} ${data.status}`)
    assert.deepEqual(ended.slice(-2), ['action_execution TERMINATED', 'execution TERMINATED'])
    for (const cut of cuts) {
      await using resumed = await Stream.open(events, heard[cut]?.id)
      const rest = await resumed.rest()
      const texts = [...heard.slice(0, cut + 1), ...rest]
        .filter(({ event }) => event === 'log')
        .map(({ data }) => data.text)
      assert.deepEqual(texts, lines, `cut after ${cut}`)
      assert.equal(rest.at(-1)?.data.status, 'TERMINATED')
      await using after = await Stream.open(events, rest.at(-1)?.id)
      assert.equal(after.response.status, 204)
    }
    for (const wrong of ['', 'x', '1', 'running;;', 'running;running.1', ';'.repeat(5000)]) {
      await using anew = await Stream.open(events, wrong)
      assert.equal(
        (await anew.rest()).filter(({ event }) => event === 'log').length,
        lines.length,
        wrong.slice(0, 20),
      )
    }
  })

  test('reach many who listen, over one connection to the database', async () => {
    const { events, say, happen } = await run()
    await using streams = new AsyncDisposableStack()
    const listeners = await Promise.all(Array.from({ length: 25 }, () => Stream.open(events)))
    for (const listener of listeners) streams.use(listener)
    await Promise.all(listeners.map((listener) => listener.until('execution')))
    await say('to all')
    for (const listener of listeners) assert.equal((await listener.until('log')).data.text, 'to all')
    const client = new pg.Client({ connectionString: api.open.url })
    await client.connect()
    const { rows } = await client.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'tagboat changes%'`,
    )
    await client.end()
    assert.equal(rows[0].n, 1)
    await happen({ kind: 'cancel', at })
    for (const listener of listeners) assert.equal((await listener.rest()).at(-1)?.data.status, 'TERMINATED')
  })

  test('end when the service does', async () => {
    await using other = await startApi()
    const place = await furnish(other, 'acme')
    await other.ask('POST', `${place}/actions`, ACTION)
    const { body } = await other.ask('POST', `${place}/executions`)
    const url = await other.app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { authorization: `Bearer ${other.token}` }
    const response = await fetch(`${url}${place}/executions/${body.id}/events`, { headers })
    const from = performance.now()
    await Promise.all([response.text(), other.app.close()])
    assert.ok(performance.now() - from < 3000)
  })
})
