import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { type Answer, furnish, LISTEN, startApi, type TestApi } from './api.ts'

let api: TestApi
let port = 0
before(async () => {
  api = await startApi()
  await furnish(api, 'acme')
  port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port)
})
after(() => api[Symbol.asyncDispose]())

/** What a server really says to these bytes. */
async function raw(head: string, body: Buffer | string = ''): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  socket.write(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`)
  socket.end(body)
  await once(socket, 'close')
  return answer
}

describe('the API over HTTP', () => {
  test('is at / and under /api alike', async () => {
    const [root, prefixed] = await Promise.all(
      ['/workspaces', '/api/workspaces'].map((path) => api.ask('GET', path)),
    )
    assert.deepEqual(prefixed?.body, root?.body)
    assert.equal((await api.ask('GET', '/apiworkspaces')).status, 404)
    assert.equal((await api.ask('GET', '/api/openapi.json')).status, 200)
  })

  test('answers a body of 10 MB with 413, in whole', async () => {
    const body = JSON.stringify({ domain: 'x'.repeat(10_000_000) })
    const head = `POST /workspaces HTTP/1.1
Host: ${LISTEN}
Authorization: Bearer ${api.token}
Content-Type: application/json
Connection: close`
    const answer = await raw(`${head}\nContent-Length: ${body.length}`, body)
    assert.match(answer, /^HTTP\/1\.1 413 /)
    assert.match(answer, /"code":"TOO_LARGE"/)
    const chunked = await raw(
      `${head}\nTransfer-Encoding: chunked`,
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
    assert.match(chunked, /^HTTP\/1\.1 413 /)
    assert.equal((await api.ask('GET', '/workspaces')).body.workspaces.length, 1)
  })

  test('says that it ends the connection after a body that was too long, and does nothing that follows on it', async () => {
    const head = `Host: ${LISTEN}
Authorization: Bearer ${api.token}
Content-Type: application/json`
    const long = 'x'.repeat(2_000_000)
    const first = `POST /workspaces HTTP/1.1\n${head}\nContent-Length: ${long.length}\n\n${long}`
    const second = '{"domain":"smuggled"}'
    const answer = await raw(
      `${first}POST /workspaces HTTP/1.1\n${head}\nContent-Length: ${second.length}`,
      second,
    )
    assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413'])
    assert.match(answer, /^connection: close\r$/im)
    assert.equal((await api.ask('GET', '/workspaces/smuggled')).status, 404)
  })

  test('answers what is no request, or no path, in the shape of all errors', async () => {
    const cases: [string, number, string][] = [
      ['hello', 400, 'INVALID'],
      ['GET /health HTTP/9.9\nHost: a', 400, 'INVALID'],
      [`GET /health HTTP/1.1\nHost: a\nX: ${'a'.repeat(40_000)}`, 431, 'TOO_LARGE'],
      ['POST /workspaces HTTP/1.1\nHost: a\nContent-Length: 3\nTransfer-Encoding: chunked', 400, 'INVALID'],
      ['GET /workspaces/%zz HTTP/1.1\nHost: a\nConnection: close', 400, 'INVALID'],
    ]
    for (const [request, status, code] of cases) {
      const [head = '', body = ''] = (await raw(request)).split('\r\n\r\n')
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), request.slice(0, 60))
      assert.match(head, /^content-type: application\/json$/im)
      assert.equal(JSON.parse(body).errors[0].code, code)
    }
    const { headers } = await api.ask('GET', '/workspaces/%zz')
    assert.ok(Number(headers['x-rate-limit-reset']) * 1000 > Date.now())
    assert.equal(headers['access-control-allow-origin'], '*')
  })

  test('goes no way up in a path, as those do who tidy it first', async () => {
    const { body: nobody } = await api.ask('GET', '/workspaces/nobody')
    for (const end of ['..', '.', '%2e%2e', '..%2f..', 'shop/..', 'shop/../../..', '/']) {
      // As it is: others would tidy it first.
      const path = `/workspaces/acme/projects/${end}`
      const headers = { authorization: `Bearer ${api.token}` }
      const [answer] = await once(request({ port, path, method: 'DELETE', headers }).end(), 'response')
      assert.deepEqual([answer.statusCode, await json(answer)], [404, nobody], path)
    }
    assert.equal((await api.ask('GET', '/workspaces/acme/projects')).body.projects.length, 1)
  })

  test('takes JSON and nothing else for a body', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/jsonp',
      'multipart/form-data; boundary=a',
    ]) {
      const { status, body, headers } = await api.ask('POST', '/workspaces', '{"domain":"odd"}', {
        'content-type': type,
      })
      assert.deepEqual([status, body.errors[0].code], [415, 'UNSUPPORTED_MEDIA_TYPE'], type)
      assert.equal(headers['content-type'], 'application/json')
    }
    assert.equal((await api.ask('GET', '/workspaces/odd')).status, 404)
    const odd = await api.ask('POST', '/workspaces', '{"domain":"fine"}', {
      'content-type': 'Application/JSON ; charset="utf-8"',
    })
    assert.equal(odd.status, 201)
  })

  test('says how many requests are left on every answer, and 429 when none is', async () => {
    await using limited = await startApi({ rateLimitPerMinute: 3 })
    const answers: Answer[] = []
    for (const path of ['/workspaces', '/nowhere', '/workspaces/none', '/workspaces'])
      answers.push(await limited.ask('GET', path))
    // A minute may have ended in between.
    if (
      answers.some(
        ({ headers }) => headers['x-rate-limit-reset'] !== answers[0]?.headers['x-rate-limit-reset'],
      )
    )
      return
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 404, 404, 429],
    )
    assert.deepEqual(
      answers.map(({ headers }) => headers['x-rate-limit-remaining']),
      ['2', '1', '0', '0'],
    )
    for (const { headers } of answers) assert.ok(Number(headers['x-rate-limit-reset']) * 1000 > Date.now())
    assert.equal(answers[3]?.body.errors[0].code, 'RATE_LIMITED')
  })

  test('lets every page ask, without its cookies', async () => {
    const preflight = await api.app.inject({
      method: 'OPTIONS',
      url: '/workspaces',
      headers: { origin: 'https://page.example', 'access-control-request-method': 'POST' },
    })
    assert.equal(preflight.statusCode, 204)
    assert.equal(preflight.headers['access-control-allow-origin'], '*')
    assert.equal(preflight.headers['access-control-allow-credentials'], undefined)
    assert.ok(Number(preflight.headers['x-rate-limit-reset']) * 1000 > Date.now())
    assert.match(String(preflight.headers['access-control-allow-headers']), /Authorization/)
  })

  test('promises no https that it does not have', async () => {
    const { headers } = await api.ask('GET', '/')
    assert.equal(headers['strict-transport-security'], undefined)
    assert.equal(String(headers['content-security-policy']).includes('upgrade-insecure-requests'), false)
    assert.equal(headers['x-content-type-options'], 'nosniff')
  })

  test('makes its links of no Host header but its own', async () => {
    const { body } = await api.ask('GET', '/workspaces', undefined, { host: 'evil.example' })
    assert.equal(body.url, 'http://127.0.0.1:7070/workspaces')
  })

  test('is healthy and ready while the database answers', async () => {
    for (const path of ['/health', '/ready'])
      assert.equal((await api.ask('GET', path, undefined, { authorization: '' })).status, 200)
  })

  test('finishes what was asked before it was stopped, and answers 503 to what comes after', async () => {
    const asked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    await using stopping = await startApi({
      ready() {
        asked.resolve()
        return release.promise
      },
    })
    const url = new URL(await stopping.app.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(url.port), '127.0.0.1')
    let answers = ''
    socket.setEncoding('utf8').on('data', (text) => {
      answers += text
    })
    const closed = once(socket, 'close')
    socket.write('GET /ready HTTP/1.1\r\nHost: a\r\n\r\n')
    await asked.promise
    const arrived = once(stopping.app.server, 'request')
    const stopped = stopping.app.close()
    socket.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n')
    await arrived
    release.resolve()
    await Promise.all([stopped, closed])
    assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 503'])
    assert.match(answers, /\{"errors":\[\{"code":"CLOSING","message":"[^"]+"\}\]\}$/)
    assert.match(answers, /\r\nretry-after: \d+\r\n/i)
  })

  test('describes every operation, and what it answers', async () => {
    const { body } = await api.ask('GET', '/openapi.json', undefined, { authorization: '' })
    assert.equal(body.openapi, '3.1.0')
    const operations = Object.values<
      Record<string, { operationId: string; summary: string; responses: object }>
    >(body.paths).flatMap((path) => Object.values(path))
    assert.ok(operations.length >= 38, `${operations.length}`)
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    for (const { summary, responses } of operations) assert.ok(summary && Object.keys(responses).length >= 2)
    const add = body.paths['/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions'].post
    assert.deepEqual(add.requestBody.content['application/json'].schema.required.toSorted(), ['name', 'type'])
    assert.ok('200' in add.responses)
  })
})
