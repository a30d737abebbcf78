import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, LISTEN, startApi, type TestApi } from './api.ts'

let api: TestApi
before(async () => {
  api = await startApi()
})
after(() => api[Symbol.asyncDispose]())

const SAME = { 'sec-fetch-site': 'same-origin' }

/** As a browser asks: without a token, but with what it was given before. */
async function browse(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
  headers: Record<string, string> = SAME,
  { app }: TestApi = api,
): Promise<Answer> {
  const payload = body === undefined ? {} : { payload: body }
  const answer = await app.inject({ method, url: path, headers: { host: LISTEN, ...headers }, ...payload })
  const { statusCode: status, body: text } = answer
  return { status, headers: answer.headers, text, body: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(token: string): Promise<{ answer: Answer; cookie: string }> {
  const answer = await browse('POST', '/session', { token })
  assert.equal(answer.status, 201, answer.text)
  return { answer, cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' }
}

describe('a session', () => {
  test('begins with a token and is kept in a cookie that no script reads and that holds no token', async () => {
    const { answer, cookie } = await signIn(api.token)
    assert.match(
      String(answer.headers['set-cookie']),
      /^tagboat_7070=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    )
    assert.ok(!answer.text.includes(api.token) && !cookie.includes(api.token))
    const who = await browse('GET', '/session', undefined, { ...SAME, cookie })
    assert.equal(who.body.token.name, 'Owner')
    assert.equal((await browse('POST', '/workspaces', { domain: 'mine' }, { ...SAME, cookie })).status, 201)
  })

  test('does not begin with a token that nobody has', async () => {
    const answer = await browse('POST', '/session', { token: 'x'.repeat(40) })
    assert.equal(answer.status, 401)
    assert.equal(answer.body.errors[0].field, 'token')
    assert.equal(answer.headers['set-cookie'], undefined)
  })

  test('is only for where its token is for', async () => {
    const { body } = await api.ask('POST', '/user/tokens', { name: 'far', ip_restrictions: ['192.0.2.0/24'] })
    const from = async (remoteAddress: string, cookie?: string) =>
      api.app.inject({
        ...(cookie === undefined ? { method: 'POST', payload: { token: body.token } } : { method: 'GET' }),
        ...{ url: '/session', remoteAddress, headers: { host: LISTEN, ...SAME, cookie: cookie ?? '' } },
      })
    const refused = await from('203.0.113.1')
    assert.deepEqual([refused.statusCode, refused.headers['set-cookie']], [403, undefined])
    const begun = await from('192.0.2.7')
    assert.equal(begun.statusCode, 201)
    const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? ''
    assert.equal((await from('192.0.2.7', cookie)).statusCode, 200)
    assert.equal((await from('203.0.113.1', cookie)).statusCode, 403)
  })

  test("counts for the service's own pages alone", async () => {
    const { cookie } = await signIn(api.token)
    const own = `http://${LISTEN}`
    const tries: ['GET' | 'POST', Record<string, string>, boolean][] = [
      ['GET', SAME, true],
      ['GET', {}, true],
      ['POST', SAME, true],
      ['POST', { origin: own }, true],
      ['POST', {}, false],
      ['POST', { origin: 'null' }, false],
      ['POST', { origin: 'http://127.0.0.1:8080' }, false],
      ['POST', { ...SAME, 'sec-fetch-site': 'same-site' }, false],
      ['POST', { origin: own, 'sec-fetch-site': 'cross-site' }, false],
      ['GET', { 'sec-fetch-site': 'cross-site' }, false],
      ['GET', { 'sec-fetch-site': 'none' }, false],
      ['GET', { origin: 'https://evil.example' }, false],
    ]
    for (const [method, headers, counts] of tries) {
      const path = method === 'GET' ? '/workspaces' : '/user/tokens'
      const body = method === 'GET' ? undefined : { name: 'made by a page' }
      const { status } = await browse(method, path, body, { ...headers, cookie })
      assert.equal(status === 401, !counts, `${method} ${JSON.stringify(headers)}: ${status}`)
    }
    const foreign = await browse('POST', '/session', { token: api.token }, { origin: 'https://evil.example' })
    assert.equal(foreign.status, 403)
  })

  test('may what its token may', async () => {
    const { cookie } = await signIn(await api.tokenFor(['EXECUTION_INFO']))
    const refused = await browse('POST', '/workspaces', { domain: 'other' }, { ...SAME, cookie })
    assert.equal(refused.status, 403)
  })

  test('ends when its token is revoked', async () => {
    const { body: token } = await api.ask('POST', '/user/tokens', { name: 'short' })
    const { cookie } = await signIn(token.token)
    assert.equal((await browse('GET', '/session', undefined, { ...SAME, cookie })).status, 200)
    await api.ask('DELETE', `/user/tokens/${token.id}`)
    assert.equal((await browse('GET', '/session', undefined, { ...SAME, cookie })).status, 401)
  })

  test('ends when somebody signs out, or signs in anew, and not only in the browser', async () => {
    const first = await signIn(api.token)
    const second = await browse('POST', '/session', { token: api.token }, { ...SAME, cookie: first.cookie })
    const cookie = String(second.headers['set-cookie']).split(';')[0] ?? ''
    assert.equal((await browse('GET', '/session', undefined, { ...SAME, cookie: first.cookie })).status, 401)
    const out = await browse('DELETE', '/session', undefined, { ...SAME, cookie })
    assert.equal(out.status, 204)
    assert.match(String(out.headers['set-cookie']), /^tagboat_7070=; Path=\/; Max-Age=0;/)
    assert.equal((await browse('GET', '/session', undefined, { ...SAME, cookie })).status, 401)
  })
})

describe('behind a public URL', () => {
  test('cookies go by https to the path of the service, and the host that browsers know is our own', async () => {
    await using there = await startApi({ publicUrl: 'https://example.com/boat/' })
    const origin = { origin: 'https://example.com' }
    const answer = await browse('POST', '/session', { token: there.token }, origin, there)
    const set = String(answer.headers['set-cookie'])
    assert.match(set, /; Path=\/boat\/; .*; Secure$/)
    const signedIn = { ...origin, cookie: set.split(';')[0] ?? '' }
    const made = await browse('POST', '/workspaces', { domain: 'mine' }, signedIn, there)
    assert.equal(made.status, 201)
    const page = await there.app.inject({ url: '/ui/mine', headers: { accept: 'text/html' } })
    assert.match(page.body, /<base href="\/boat\/ui\/" \/>/)
    const root = await there.app.inject({ url: '/', headers: { accept: 'text/html' } })
    assert.equal(root.headers.location, '/boat/ui/')
  })
})
