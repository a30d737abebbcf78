import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { LISTEN, startApi, type TestApi } from './api.ts'

let api: TestApi
before(async () => {
  api = await startApi()
})
after(() => api[Symbol.asyncDispose]())

const get = (url: string, accept = 'text/html,*/*;q=0.8') =>
  api.app.inject({ url, headers: { host: LISTEN, accept } })

describe('the pages', () => {
  test('are one page at every address, with a policy and a nonce of the answer alone', async () => {
    const nonces = new Set<string>()
    for (const url of ['/ui', '/ui/', '/ui/acme/shop/pipelines/pipeline/1/execution/2', '/ui/a%2Fb']) {
      const { statusCode, headers, body } = await get(url)
      assert.equal(statusCode, 200, url)
      assert.equal(headers['content-type'], 'text/html; charset=utf-8')
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['strict-transport-security'], undefined)
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /default-src 'none'; script-src 'self'; /)
      assert.doesNotMatch(policy, /unsafe|upgrade-insecure-requests|https?:/)
      const [, nonce = ''] = /style-src 'self' 'nonce-([^']+)'/.exec(policy) ?? []
      assert.ok(body.includes(`nonce="${nonce}"`) && !body.includes('__NONCE__'))
      nonces.add(nonce)
    }
    assert.equal(nonces.size, 4)
  })

  test('have scripts that browsers keep for ever, and only those that are there', async () => {
    const script = await get('/ui/assets/page-0123abcd.js', '*/*')
    assert.equal(script.statusCode, 200)
    assert.match(String(script.headers['content-type']), /^(?:text|application)\/javascript/)
    assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(script.headers['access-control-allow-origin'], undefined)
    assert.equal(script.headers['cross-origin-resource-policy'], 'same-origin')
    for (const url of ['/ui/assets/page-4567.js', '/ui/assets/../index.html', '/ui/assets/..%2f..%2fapi.ts'])
      assert.doesNotMatch((await get(url, '*/*')).body, /startApi|A page/, url)
    assert.equal((await get('/ui/assets/page-4567.js', '*/*')).statusCode, 404)
  })

  test('are where browsers are led to, and clients are not', async () => {
    const browser = await get('/')
    assert.equal(browser.statusCode, 302)
    assert.equal(browser.headers.location, '/ui/')
    const client = await get('/', 'application/json')
    assert.equal(client.statusCode, 200)
    assert.equal(client.json().name, 'Tagboat')
  })

  test('that were not built say so', async () => {
    await using bare = await startApi({ ui: '/nowhere' })
    const { statusCode, body } = await bare.app.inject({ url: '/ui/' })
    assert.equal(statusCode, 404)
    assert.match(body, /npm run web/)
  })
})
