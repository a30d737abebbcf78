import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { ApiError, Tagboat } from '#client'
import { runProcess } from '#support/process'
import { parseEvents } from '../../src/client/events.ts'
import { furnish, startApi, type TestApi } from '../api/api.ts'

const root = new URL('../../', import.meta.url)

/** Something that answers instead of the API. */
async function answering(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => assert.fail('it went well'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof ApiError, String(error))
  return error
}

test('the client is what the description makes of it', { timeout: 60_000 }, async () => {
  for (const script of ['openapi', 'client']) {
    const args = ['--conditions=tagboat-source', `scripts/${script}.ts`, '--check']
    const { code, stderr } = await runProcess(process.execPath, args, { cwd: root.pathname })
    assert.equal(code, 0, stderr)
  }
})

describe('the client', () => {
  let api: TestApi
  let tagboat: Tagboat
  let url: string
  before(async () => {
    api = await startApi()
    await furnish(api, 'acme')
    url = await api.app.listen({ port: 0, host: '127.0.0.1' })
    tagboat = new Tagboat({ url, token: api.token })
  })
  after(() => api[Symbol.asyncDispose]())

  const shop = { workspace: 'acme', project: 'shop' }

  test('asks, sends, and takes nothing for an answer', async () => {
    const made = await tagboat.addPipeline(shop, { name: 'Näh & mehr', identifier: 'odd' })
    assert.equal(made.name, 'Näh & mehr')
    const at = { ...shop, pipeline: made.id }
    assert.equal((await tagboat.editPipeline(at, { disabled: true })).disabled, true)
    assert.equal(await tagboat.deletePipeline(at), undefined)
    assert.equal((await refusal(tagboat.getPipeline(at))).status, 404)
  })

  test('finds the API at its base and under /api alike', async () => {
    for (const base of [`${url}/`, `${url}/api`, new URL(url)])
      assert.equal((await new Tagboat({ url: base, token: api.token }).getWorkspace(shop)).domain, 'acme')
  })

  test('goes through a list page by page, and no further than it is asked to', async () => {
    for (let number = 0; number < 5; number += 1)
      await tagboat.addProject({ workspace: 'acme' }, { display_name: `P${number}` })
    const names = await Array.fromAsync(
      tagboat.eachProject({ workspace: 'acme' }, { per_page: 2, sort_by: 'name' }),
    )
    assert.deepEqual(
      names.map(({ name }) => name),
      ['p0', 'p1', 'p2', 'p3', 'p4', 'shop'],
    )
    for await (const { name } of tagboat.eachProject(
      { workspace: 'acme' },
      { per_page: 1, sort_by: 'name' },
    )) {
      assert.equal(name, 'p0')
      break
    }
  })

  test('leads to nothing else than what it is asked for, whatever its name', async () => {
    for (const project of ['../../other', 'a/b', '?', '#', '%2e%2e'])
      assert.equal((await refusal(tagboat.getProject({ workspace: 'acme', project }))).status, 404)
  })

  test('says what is wrong, where, and whether to try again', async () => {
    const error = await refusal(tagboat.addPipeline(shop, { name: '' }))
    assert.deepEqual(
      [error.code, error.status, error.field, error.retryable],
      ['INVALID', 400, 'name', false],
    )
    assert.match(error.message, /^name: /)
    const unknown = new Tagboat({ url, token: 'tb_nobody' })
    assert.equal((await refusal(unknown.getWorkspace(shop))).code, 'UNAUTHENTICATED')
  })

  test('can be called off', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(tagboat.getWorkspace(shop, { signal }), /enough/)
  })
})

describe('a client of what is no API', () => {
  test('waits where it is one call too many, until the time that it is told', async () => {
    let calls = 0
    await using server = await answering((_, response) => {
      calls += 1
      const resetAt = Math.floor(Date.now() / 1000) + 1
      if (calls < 3) response.writeHead(429, { 'x-rate-limit-reset': String(resetAt) })
      response.end(calls < 3 ? '{"errors":[{"message":"m","code":"RATE_LIMITED"}]}' : '{"status":"ok"}')
    })
    assert.deepEqual(await new Tagboat({ url: server.url, token: 't' }).getHealth(), { status: 'ok' })
    assert.equal(calls, 3)
    calls = 0
    const impatient = new Tagboat({ url: server.url, token: 't', retries: 1 })
    const error = await refusal(impatient.getHealth())
    assert.deepEqual([error.code, error.status, error.retryable, calls], ['RATE_LIMITED', 429, true, 2])
  })

  test('can be called off while it waits', async () => {
    const stop = new AbortController()
    await using server = await answering((_, response) => {
      response.writeHead(429, { 'x-rate-limit-reset': String(Math.floor(Date.now() / 1000) + 60) })
      response.end('{}')
      setImmediate(() => stop.abort(new Error('enough')))
    })
    const tagboat = new Tagboat({ url: server.url, token: 't' })
    await assert.rejects(tagboat.getHealth({ signal: stop.signal }), /enough/)
  })

  test('tells what is another page, or nothing at all, from an answer', async () => {
    await using server = await answering((_, response) => response.end('<html>'))
    const tagboat = new Tagboat({ url: server.url, token: 'hunter2' })
    const error = await refusal(tagboat.getHealth())
    assert.deepEqual([error.code, error.status], ['NOT_THE_API', 200])
    await server[Symbol.asyncDispose]()
    const none = await refusal(tagboat.getHealth())
    assert.deepEqual([none.code, none.status, none.retryable], ['UNREACHABLE', undefined, true])
    assert.doesNotMatch(`${error.message}${none.message}`, /hunter2/)
  })

  test('takes its token nowhere else', async () => {
    let followed = false
    await using elsewhere = await answering((_, response) => {
      followed = true
      response.end('{}')
    })
    await using server = await answering((_, response) => {
      response.writeHead(302, { location: elsewhere.url })
      response.end()
    })
    await refusal(new Tagboat({ url: server.url, token: 't' }).getHealth())
    assert.equal(followed, false)
  })
})

describe('a stream of events', () => {
  const text =
    ': hello\n\nid: 1\nevent: log\ndata: {"text":"für dich\\u2028"}\n\nid:2\r\ndata: [1,\r\ndata: 2]\r\n\r\ndata:3\r\rid: 4\ndata: 4\n'
  const events = [
    { id: '1', event: 'log', data: { text: 'für dich\u2028' } },
    { id: '2', event: 'message', data: [1, 2] },
    { id: '2', event: 'message', data: 3 },
  ]

  test('is read alike, however it is cut', async () => {
    const bytes = new TextEncoder().encode(text)
    const cuts = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(cuts, async (given) => {
        const places = [0, ...given.toSorted((a, b) => a - b), bytes.length]
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
        const read = Array.fromAsync(parseEvents(ReadableStream.from(chunks)))
        assert.deepEqual(await read, events)
      }),
    )
  })

  test('is taken up where it broke off, and ends when there is no more', async () => {
    const asked: (string | undefined)[] = []
    await using server = await answering((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined)
      if (asked.length === 3) response.writeHead(204)
      else response.write(`id: ${asked.length}\nevent: log\ndata: ${asked.length}\n\nid: 9\nda`)
      setTimeout(() => (asked.length === 1 ? request.socket.destroy() : response.end()), 20)
    })
    const at = { workspace: 'w', project: 'p', pipeline: 1, execution: 1 }
    const watched = new Tagboat({ url: server.url, token: 't' }).watchExecution(at)
    const seen = await Array.fromAsync(watched, ({ data }) => data)
    assert.deepEqual(
      [seen, asked],
      [
        [1, 2],
        [undefined, '1', '2'],
      ],
    )
  })

  test('is given up when there is none', async () => {
    await using server = await answering((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"errors":[{"message":"Not found","code":"NOT_FOUND"}]}')
    })
    const at = { workspace: 'w', project: 'p', pipeline: 1, execution: 1 }
    const watched = new Tagboat({ url: server.url, token: 't' }).watchExecution(at)
    assert.equal((await refusal(Array.fromAsync(watched))).code, 'NOT_FOUND')
  })
})
