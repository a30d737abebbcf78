import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createProxies } from '#oci'

const HTTP = new URL('http://proxy.example:3128')
const HTTPS = new URL('http://proxy.example:3129')
const through = (url: string, except?: string) =>
  createProxies({ http: HTTP, https: HTTPS, except })?.(new URL(url))

describe('a proxy', () => {
  test('is for http or for https', () => {
    assert.equal(through('http://registry.example/'), HTTP)
    assert.equal(through('https://registry.example/'), HTTPS)
    const only = createProxies({ http: undefined, https: HTTPS, except: undefined })
    assert.equal(only?.(new URL('http://registry.example/')), undefined)
    assert.equal(createProxies({ http: undefined, https: undefined, except: '*' }), undefined)
  })

  const excepted: [string, string, boolean][] = [
    ['registry.example', 'https://registry.example/', true],
    ['registry.example', 'https://a.registry.example/', true],
    ['registry.example', 'https://notregistry.example/', false],
    ['registry.example', 'https://registry.example.evil.example/', false],
    ['.registry.example', 'https://a.registry.example/', true],
    ['*.registry.example', 'https://a.registry.example/', true],
    ['REGISTRY.example', 'https://registry.EXAMPLE/', true],
    ['registry.example.', 'https://registry.example/', true],
    ['registry.example', 'https://registry.example./', true],
    ['registry.example:5000', 'https://registry.example:5000/', true],
    ['registry.example:5000', 'https://registry.example/', false],
    ['registry.example:443', 'https://registry.example/', true],
    ['registry.example:80', 'http://registry.example/', true],
    ['*', 'https://anything.example/', true],
    ['a.example, b.example  c.example', 'https://b.example/', true],
    ['a.example, b.example  c.example', 'https://c.example/', true],
    ['127.0.0.1', 'http://127.0.0.1:5000/', true],
    ['127.0.0.1', 'http://127.0.0.2:5000/', false],
    ['127.0.0.1:5001', 'http://127.0.0.1:5000/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['::1', 'http://[::1]:5000/', true],
    ['[::1]:5000', 'http://[::1]:5000/', true],
    ['[::1]:5001', 'http://[::1]:5000/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['', 'http://registry.example/', false],
    [',. ,', 'http://registry.example/', false],
    ['0.0.1', 'http://127.0.0.1/', false],
  ]
  for (const [except, url, direct] of excepted) {
    test(`is ${direct ? 'not ' : ''}for ${url} with NO_PROXY=${JSON.stringify(except)}`, () =>
      assert.equal(through(url, except) === undefined, direct))
  }

  test('takes any list of exceptions', () => {
    fc.assert(
      fc.property(fc.string(), (except) => {
        const found = through('https://registry.example/', except)
        assert.ok(found === undefined || found === HTTPS)
      }),
    )
  })
})
