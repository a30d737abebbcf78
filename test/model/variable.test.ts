import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Binding, bindingOf, fillIn, hasVariables, ModelError, Secret, wholeVariable } from '#model'

const values: Readonly<Record<string, string>> = { V: '1', NAME: 'app', _x9: '$V', LONG_NAME: 'y' }
const filled = (text: string): string =>
  fillIn(text, (key) => {
    const value = values[key]
    if (value === undefined) throw new Error(`no ${key}`)
    return value
  })

describe('a text', () => {
  test('has its variables filled in, braced or not, and two dollars for one', () => {
    const cases: [string, string][] = [
      ['team/app:$V', 'team/app:1'],
      ['$NAME/$LONG_NAME-$V', 'app/y-1'],
      [`\${NAME}_x:\${V}`, 'app_x:1'],
      ['$$V', '$V'],
      ['$$$V', '$1'],
      ['a$', 'a$'],
      ['$1 $-', '$1 $-'],
      // A value is taken as it is.
      ['$_x9', '$V'],
      ['nothing', 'nothing'],
    ]
    for (const [text, expected] of cases) assert.equal(filled(text), expected, text)
  })

  test('asks for the longest name', () => {
    assert.throws(() => filled('$Vx'), /no Vx/)
    assert.throws(() => filled('$NAME_'), /no NAME_/)
  })

  test('names something in braces', () => {
    for (const text of [`\${}`, `\${a b}`, `\${1}`, `\${V-x}`])
      assert.throws(() => filled(text), ModelError, text)
  })

  test('is one variable as a whole, or something else', () => {
    assert.equal(wholeVariable('$PASSWORD'), 'PASSWORD')
    assert.equal(wholeVariable(`\${PASSWORD}`), 'PASSWORD')
    for (const text of ['', '$', 'robot$ci', '$A$B', '$A ', 'x$A', '$$A', '$1'])
      assert.equal(wholeVariable(text), undefined, text)
  })

  test('without a dollar is what it was, and with none left of it no lookup is made', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const calm = text.replaceAll('$', '')
        assert.equal(
          fillIn(calm, () => assert.fail('nothing is asked')),
          calm,
        )
        assert.equal(hasVariables(calm), false)
        // Escaped it stands for itself.
        const escaped = text.replaceAll('$', '$$$$')
        assert.equal(
          fillIn(escaped, () => assert.fail('nothing is asked')),
          text,
        )
      }),
    )
  })
})

describe('of variables of one name', () => {
  const binding = (scope: Binding['scope'], value: string, actionId?: number): Binding => ({
    ...{ scope, key: 'K', encrypted: false, settable: false },
    actionId: actionId as never,
    value: new Secret(value),
  })
  const value = (bindings: Binding[], actionId?: number): string | undefined =>
    bindingOf(bindings, 'K', actionId as never)?.value.reveal()

  test('the innermost counts, and what was passed before all of them', () => {
    const all = [
      binding('workspace', 'w'),
      binding('action', 'a', 1),
      binding('project', 'pr'),
      binding('pipeline', 'pi'),
    ]
    assert.equal(value(all, 1), 'a')
    assert.equal(value(all, 2), 'pi')
    assert.equal(value(all), 'pi')
    assert.equal(value([...all, binding('run', 'r')], 1), 'r')
    assert.equal(value([...all, binding('run', 'r'), binding('loop', 'l', 1)], 1), 'l')
    assert.equal(value([...all, binding('run', 'r'), binding('loop', 'l', 1)], 2), 'r')
  })

  test('of those that were passed the last one counts', () => {
    assert.equal(value([binding('run', 'first'), binding('run', 'second')]), 'second')
    assert.equal(value([]), undefined)
  })
})
