import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { matchesGlob } from '#model'
import { cpuMs } from '#support/cpu'

test('a star stands for any text up to a slash, two for any text, a question mark for one character', () => {
  const cases: [string, string, boolean][] = [
    ['ghcr.io/acme/app', 'ghcr.io/acme/app', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/app', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/app/sub', false],
    ['ghcr.io/acme/**', 'ghcr.io/acme/app/sub', true],
    ['ghcr.io/**/app', 'ghcr.io/acme/team/app', true],
    ['v*', 'v1.2', true],
    ['v*', '1.2', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['v?.?', 'v1.2', true],
    ['v?.?', 'v1./', false],
    ['*-rc*', '1.0-rc1', true],
    ['v1.2', 'v1x2', false],
    ['[a-z]+', 'a', false],
    ['[a-z]+', '[a-z]+', true],
  ]
  for (const [glob, text, matches] of cases) assert.equal(matchesGlob(glob, text), matches, `${glob} ${text}`)
})

test('is what the regular expression says, and takes no longer for a wicked pattern', () => {
  const alphabet = fc.constantFrom('a', 'b', '/', '*', '**', '?', '.')
  const texts = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 8 }).map((parts) => parts.join(''))
  const globs = fc.array(alphabet, { maxLength: 6 }).map((parts) => parts.join(''))
  const expression = (glob: string): RegExp => {
    const source = (glob.match(/\*\*+|./g) ?? []).map((part) =>
      part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : RegExp.escape(part),
    )
    return new RegExp(`^${source.join('')}$`)
  }
  fc.assert(
    fc.property(globs, texts, (glob, text) => matchesGlob(glob, text) === expression(glob).test(text)),
  )
  const hard = () => assert.equal(matchesGlob('*a'.repeat(500), `${'a'.repeat(4000)}b`), false)
  assert.ok(cpuMs(hard) < 5000)
})
