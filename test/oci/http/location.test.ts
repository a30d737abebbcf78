import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseLocation, withParameter } from '../../../src/oci/http/location.ts'

const FROM = new URL('https://registry.example:5000/v2/acme/app/blobs/uploads/')
const read = (text: string): string | undefined => {
  const found = parseLocation(text, FROM)
  return found && `${found.url.origin} ${found.path}`
}

describe('a location', () => {
  const cases: [string, string | undefined][] = [
    ['/v2/a?_state=x%2Fy', 'https://registry.example:5000 /v2/a?_state=x%2Fy'],
    ["/v2/a?q='|b", "https://registry.example:5000 /v2/a?q='|b"],
    ['uuid?x=1', 'https://registry.example:5000 /v2/acme/app/blobs/uploads/uuid?x=1'],
    ['?x=1', 'https://registry.example:5000 /v2/acme/app/blobs/uploads/?x=1'],
    ['https://cdn.example/b?Sig=a%2f+b#frag', 'https://cdn.example /b?Sig=a%2f+b'],
    ['https://cdn.example?x=1', 'https://cdn.example /?x=1'],
    ['https://cdn.example', 'https://cdn.example /'],
    ['//cdn.example:8443//a//b', 'https://cdn.example:8443 //a//b'],
    ['../../manifests/x', 'https://registry.example:5000 /v2/acme/app/manifests/x'],
    ['/a/./b/%2e%2e/c', 'https://registry.example:5000 /a/c'],
    ['/\\evil.example/x', 'https://evil.example /x'],
    ['/a b', 'https://registry.example:5000 /a%20b'],
    ['/a\r\nb', 'https://registry.example:5000 /ab'],
    ['https://user:secret@registry.example:5000/x', 'https://registry.example:5000 /x'],
    ['https://', undefined],
    ['http://a b/', undefined],
  ]
  for (const [text, expected] of cases)
    test(`${JSON.stringify(text)} is ${expected}`, () => assert.equal(read(text), expected))

  test('that is absent leads nowhere', () => assert.equal(parseLocation(undefined, FROM), undefined))

  test('never means anything else on the wire than it does as a URL', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('/', '\\', '//', '?', '#', '%2e', '..', "'", 'https:', 'x.example', ':80'),
    )
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const found = parseLocation(text, FROM)
          if (found === undefined || found.url.origin === 'null') return
          assert.match(found.path, /^\/[\x21-\x7e]*$/)
          const sent = new URL(found.url.origin + found.path)
          assert.equal(sent.pathname + sent.search, found.url.pathname + found.url.search)
        },
      ),
    )
  })

  test('takes a parameter more, and keeps what it has', () => {
    assert.equal(withParameter('/a', 'digest', 'sha256:b'), '/a?digest=sha256%3Ab')
    assert.equal(withParameter('/a?', 'digest', 'x'), '/a?digest=x')
    assert.equal(withParameter('/a?b=%2F&', 'digest', 'x'), '/a?b=%2F&digest=x')
    assert.equal(withParameter("/a?b='c", 'digest', 'x'), "/a?b='c&digest=x")
  })
})
