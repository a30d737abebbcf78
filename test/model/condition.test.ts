import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Comparison, type Condition, type Facts, holds } from '#model'

// A Wednesday, eight in the evening in Auckland, seven in the morning in London.
const NOW = new Date('2026-11-25T07:00:00Z')
const FACTS: Facts = {
  now: NOW,
  user: { email: 'ada@example.com', groups: ['ops'] },
  variable: (key) => ({ STAGE: 'production', COUNT: '10' })[key],
  pipelineSucceeded: (project, pipeline) => project === undefined && pipeline === 'build',
  ending: (action) => (action === 'Scan' ? 'suppressed' : undefined),
}
const so = (...conditions: Condition[]): boolean => holds(conditions, FACTS)
const variable = (is: Comparison, key: string, value: string): Condition => ({
  kind: 'variable',
  is,
  key,
  value,
})
const at = (kind: 'time' | 'day' | 'hour', days: number[], hours: number[], zone?: string): Condition => ({
  ...{ kind, days, hours },
  zone,
})
const yes = variable('is', 'STAGE', 'production')
const no = variable('is', 'STAGE', 'test')

describe('conditions', () => {
  test('hold where there are none, and where all of one group do', () => {
    const or: Condition = { kind: 'or' }
    assert.equal(so(), true)
    assert.equal(so(yes, yes), true)
    assert.equal(so(yes, no), false)
    assert.equal(so(yes, no, or, yes), true)
    assert.equal(so(no, or, no), false)
    assert.equal(so(or, no, or), false, 'a group of nothing is no group')
  })

  test('compare texts as texts and numbers as numbers', () => {
    const cases: [Comparison, string, string, boolean][] = [
      ['is', 'STAGE', 'production', true],
      ['is-not', 'STAGE', 'production', false],
      ['contains', 'STAGE', 'prod', true],
      ['not-contains', 'STAGE', 'prod', false],
      ['less', 'COUNT', '9', false],
      ['less', 'COUNT', '10.5', true],
      ['less-or-equal', 'COUNT', '10', true],
      ['greater', 'COUNT', '9', true],
      ['greater-or-equal', 'COUNT', '11', false],
      // What is no number is neither more nor less.
      ['less', 'STAGE', '5', false],
      ['greater', 'STAGE', '5', false],
      ['greater', 'COUNT', '', false],
      ['is', 'NOBODY', '', true],
    ]
    for (const [is, key, value, expected] of cases)
      assert.equal(so(variable(is, key, value)), expected, `${key} ${is} ${value}`)
  })

  test('know days and hours in their zone', () => {
    assert.equal(so(at('time', [3], [7])), true)
    assert.equal(so(at('time', [3], [7], 'Europe/London')), true)
    assert.equal(so(at('time', [3], [7], 'Pacific/Auckland')), false)
    assert.equal(so(at('time', [3], [20], 'Pacific/Auckland')), true)
    assert.equal(so(at('day', [1, 2], [])), false)
    assert.equal(so(at('hour', [], [6, 7])), true)
    assert.equal(so(at('hour', [], [24], 'Pacific/Pago_Pago')), false)
    // The hour that begins at midnight is the 24th, and the day is the one that begins.
    assert.equal(so(at('time', [3], [24], 'America/Los_Angeles')), false)
    const midnight = { ...FACTS, now: new Date('2026-11-26T00:30:00Z') }
    assert.equal(holds([at('time', [4], [24])], midnight), true)
  })

  test('ask who, what succeeded, and how actions ended', () => {
    assert.equal(so({ kind: 'user', is: true, email: 'Ada@Example.com' }), true)
    assert.equal(so({ kind: 'user', is: false, email: 'ada@example.com' }), false)
    assert.equal(so({ kind: 'group', is: true, group: 'ops' }), true)
    assert.equal(so({ kind: 'group', is: false, group: 'dev' }), true)
    assert.equal(so({ kind: 'pipeline', project: undefined, pipeline: 'build' }), true)
    assert.equal(so({ kind: 'pipeline', project: 'other', pipeline: 'build' }), false)
    assert.equal(so({ kind: 'action', is: true, action: 'Scan', ending: 'suppressed' }), true)
    assert.equal(so({ kind: 'action', is: false, action: 'Scan', ending: 'failed' }), true)
    assert.equal(so({ kind: 'action', is: true, action: 'Later', ending: 'succeeded' }), false)
  })

  test('that only a repository could answer are met', () => {
    assert.equal(so({ kind: 'change', paths: [] }, { kind: 'change-at-path', paths: ['/src'] }), true)
    assert.equal(so({ kind: 'change', paths: [] }, no), false)
  })
})
