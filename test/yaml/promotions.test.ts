import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatProblem, parsePromotions, YamlError } from '#yaml'

const entries = (text: string) =>
  parsePromotions(text).map(({ source, target, tags, line }) => ({ source, target, tags, line }))

function problems(text: string): readonly string[] {
  try {
    parsePromotions(text)
  } catch (error) {
    if (error instanceof YamlError) return error.problems.map(formatProblem)
    throw error
  }
  assert.fail('it was read')
}

describe('a list of promotions', () => {
  test('is read as it is written, tags that look like numbers too', () => {
    const text = `
- source: a/b:1.10
  target: c/d
- { source: a/b, target: c/d, tags: v* }
- { source: a/b, target: c/d, tags: [1.10, latest] }
`
    assert.deepEqual(entries(text), [
      { source: 'a/b:1.10', target: 'c/d', tags: [], line: 2 },
      { source: 'a/b', target: 'c/d', tags: ['v*'], line: 4 },
      { source: 'a/b', target: 'c/d', tags: ['1.10', 'latest'], line: 5 },
    ])
    assert.deepEqual(entries('[]'), [])
  })

  test('is read as Windows writes it, with a mark before it and its own ends of lines', () => {
    const text = '\ufeff- source: a/b:1\r\n  target: c/d\r\n- source: a/b:2\r\n  target: c/e\r\n'
    assert.deepEqual(entries(text), [
      { source: 'a/b:1', target: 'c/d', tags: [], line: 1 },
      { source: 'a/b:2', target: 'c/e', tags: [], line: 3 },
    ])
    assert.match(problems('\ufeff- sorce: a/b:1\r\n  target: c/d\r\n')[0] ?? '', /^line 1, column 3/)
  })

  test('tells all that is wrong with it at once, each where it stands', () => {
    const text = `
- source: a/b
- source: [a]
  target: ''
  tags: [v1, {}]
  platform: linux/amd64
- x
`
    assert.deepEqual(problems(text), [
      'line 2, column 3: 0.target: is missing',
      'line 3, column 11: 1.source: is to be a text',
      'line 4, column 11: 1.target: is to be a text',
      'line 5, column 14: 1.tags.1: is to be a text',
      'line 6, column 13: 1.platform: is not known: there are source, target and tags',
      'line 7, column 3: 2: is to be a map with source and target',
    ])
    assert.match(problems('source: a')[0] ?? '', /^line 1, column 1: is to be a list of promotions/)
    assert.match(problems('')[0] ?? '', /is to be a list of promotions/)
  })

  test('says where a problem is that others find', () => {
    const [entry] = parsePromotions('- source: a/b\n  target: c/d\n')
    assert.equal(
      entry && formatProblem(entry.problem('target', 'is odd')),
      'line 2, column 11: 0.target: is odd',
    )
  })
})
