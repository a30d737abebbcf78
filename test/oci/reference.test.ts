import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  formatReference,
  isLoopback,
  parseReference,
  parseRegistry,
  parseRepository,
  RegistryError,
  sameRepository,
} from '#oci'
import { cpuMs } from '#support/cpu'

const HEX = 'a'.repeat(64)

describe('a reference', () => {
  const cases: [string, string][] = [
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:7', 'docker.io/library/redis:7'],
    ['acme/app', 'docker.io/acme/app:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['index.docker.io/acme/app:1', 'docker.io/acme/app:1'],
    ['registry-1.docker.io/library/redis', 'docker.io/library/redis:latest'],
    ['https://index.docker.io:443/acme/app', 'docker.io/acme/app:latest'],
    ['ghcr.io/acme/app:1', 'ghcr.io/acme/app:1'],
    ['GHCR.IO/acme/app:1', 'ghcr.io/acme/app:1'],
    // Capitals make a host, as in Docker; a scheme keeps it one.
    ['Acme/app', 'https://acme/app:latest'],
    ['https://registry/app', 'https://registry/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['127.0.0.1:5000/a/b/c:x', '127.0.0.1:5000/a/b/c:x'],
    ['[::1]:5000/app:x', '[::1]:5000/app:x'],
    ['registry:5000/app', 'registry:5000/app:latest'],
    ['http://registry/app', 'http://registry/app:latest'],
    ['http://ghcr.io/acme/app', 'http://ghcr.io/acme/app:latest'],
    ['https://localhost:5000/app', 'https://localhost:5000/app:latest'],
    [`acme/app@sha256:${HEX}`, `docker.io/acme/app@sha256:${HEX}`],
    [`ghcr.io/acme/app:1@sha256:${HEX}`, `ghcr.io/acme/app:1@sha256:${HEX}`],
    ['a/b__c.d-e---f', 'docker.io/a/b__c.d-e---f:latest'],
    ['my_app:V1.0_x-y', 'docker.io/library/my_app:V1.0_x-y'],
  ]
  for (const [text, full] of cases) {
    test(`${text.slice(0, 40)} is ${full.slice(0, 60)}`, () => {
      assert.equal(formatReference(parseReference(text)), full)
    })
  }

  const refused: [string, string][] = [
    ['', 'NAME_INVALID'],
    ['acme/App', 'NAME_INVALID'],
    ['acme//app', 'NAME_INVALID'],
    ['/app', 'NAME_INVALID'],
    ['acme/app/', 'NAME_INVALID'],
    ['acme/a pp', 'NAME_INVALID'],
    ['a..b/c', 'NAME_INVALID'],
    ['-host.io/app', 'NAME_INVALID'],
    ['host.io:99999/app', 'NAME_INVALID'],
    ['host.io:0/app', 'NAME_INVALID'],
    ['10.0.0.256:5000/app', 'NAME_INVALID'],
    ['registry.1/app', 'NAME_INVALID'],
    ['[::::]:5000/app', 'NAME_INVALID'],
    ['host.io/../app', 'NAME_INVALID'],
    ['host.io/app%2e', 'NAME_INVALID'],
    ['http://app', 'NAME_INVALID'],
    ['ftp://host.io/app', 'NAME_INVALID'],
    ['host.io/app?x=1', 'NAME_INVALID'],
    ['host.io/app#x', 'NAME_INVALID'],
    ['host.io/app\r\nX: y', 'NAME_INVALID'],
    [`host.io/${'a'.repeat(256)}`, 'NAME_INVALID'],
    ['app:', 'TAG_INVALID'],
    ['app:.x', 'TAG_INVALID'],
    ['app:a/b', 'NAME_INVALID'],
    [`app:${'x'.repeat(129)}`, 'TAG_INVALID'],
    ['app@sha256:abc', 'DIGEST_INVALID'],
    [`app@sha256:${HEX.toUpperCase()}`, 'DIGEST_INVALID'],
    [`app@md5:${HEX}`, 'DIGEST_INVALID'],
    [`app@sha256:${HEX}@sha256:${HEX}`, 'DIGEST_INVALID'],
    ['app@', 'DIGEST_INVALID'],
  ]
  for (const [text, code] of refused) {
    test(`is not ${JSON.stringify(text.slice(0, 40))}: ${code}`, () => {
      assert.throws(
        () => parseReference(text),
        (error: unknown) => error instanceof RegistryError && error.code === code,
      )
    })
  }

  test('that is pasted with a password is refused without saying it', () => {
    for (const text of [
      'https://ada:canary@host.io/app',
      'ada:canary@host.io/app',
      'http://ada:canary@host.io/Bad Name',
    ]) {
      assert.throws(
        () => parseReference(text),
        (error: Error) => !error.message.includes('canary'),
      )
    }
  })

  test('is spoken to over http on this machine, and over https elsewhere, unless it says otherwise', () => {
    const schemes = [
      'localhost:1/a',
      '127.9.9.9/a',
      '[::1]/a',
      'x.localhost/a',
      'host.io/a',
      '10.0.0.1/a',
      'http://host.io/a',
      'https://localhost/a',
    ]
    const said = schemes.map((text) => parseReference(text).scheme)
    assert.deepEqual(said, ['http', 'http', 'http', 'http', 'https', 'https', 'http', 'https'])
    assert.equal(isLoopback('localhost.evil.example'), false)
    assert.equal(isLoopback('127.0.0.1.evil.example'), false)
  })

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const host = fc.constantFrom(
    'ghcr.io',
    'localhost:5000',
    '127.0.0.1:1',
    'x.example:8443',
    '[::1]:5000',
    'docker.io',
  )
  const tail = fc.constantFrom('', ':v1', `@sha256:${HEX}`, `:v1@sha256:${HEX}`, `@sha512:${HEX}${HEX}`)
  const scheme = fc.constantFrom('', 'http://', 'https://')

  test('is the same again when it is written and read', () => {
    fc.assert(
      fc.property(scheme, host, path, tail, (before, at, name, behind) => {
        const reference = parseReference(`${before}${at}/${name}${behind}`)
        assert.deepEqual(parseReference(formatReference(reference)), reference)
        assert.ok(sameRepository(reference, parseRepository(`${before}${at}/${name}`)))
      }),
    )
  })

  test('is made of any text, or none is: nothing else is thrown', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.stringMatching(/^[a-zA-Z0-9:/@._[\]-]{0,60}$/),
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const reference = parseReference(text)
          assert.deepEqual(parseReference(formatReference(reference)), reference)
        } catch (error) {
          assert.ok(error instanceof RegistryError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('is refused in no time, however it is made', () => {
    const hard = [
      `a${'-'.repeat(100_000)}`,
      `${'a/'.repeat(50_000)}B`,
      `${'a.'.repeat(50_000)}/x`,
      `${'_'.repeat(100_000)}/x`,
    ]
    const ms = cpuMs(() => {
      for (const text of hard) assert.throws(() => parseReference(text), RegistryError)
    })
    assert.ok(ms < 1_000, `${ms} ms`)
  })
})

describe('a registry and a repository', () => {
  test('are parts of references, and nothing more', () => {
    assert.equal(parseRegistry('Docker.IO'), 'docker.io')
    for (const text of ['host.io/app', 'ho st', 'host.io:', 'ada@host.io', ''])
      assert.throws(() => parseRegistry(text), RegistryError)
    for (const text of ['host.io/app:1', `host.io/app@sha256:${HEX}`])
      assert.throws(() => parseRepository(text), RegistryError)
  })
})
