import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Approvers, mayAnswer } from '#model'

const ada = { id: 1, groups: [10, 11] } as never as Parameters<typeof mayAnswer>[1]
const bob = { id: 2, groups: [] } as never as Parameters<typeof mayAnswer>[1]
const may = (approvers: Partial<Record<keyof Approvers, unknown>>, who = ada, byAnother = false): boolean => {
  const given = { others: true, users: [], groups: [], ...approvers } as Approvers
  return mayAnswer({ comment: undefined, approvers: given, byAnother }, who, 2 as never)
}

describe('a question', () => {
  test('may be answered by all unless others are denied', () => {
    assert.equal(may({}), true)
    assert.equal(may({ others: false }), false)
  })

  test("asks for a person's own rule first, then for their groups'", () => {
    const users = [{ id: 1, allowed: true }]
    assert.equal(may({ others: false, users }), true)
    assert.equal(may({ others: false, users }, bob), false)
    assert.equal(may({ others: false, groups: [{ id: 10, allowed: true }] }), true)
    assert.equal(may({ groups: [{ id: 10, allowed: false }] }), false)
    assert.equal(may({ users, groups: [{ id: 10, allowed: false }] }), true)
  })

  test('is not for somebody of whose groups one is denied', () => {
    const groups = [
      { id: 10, allowed: true },
      { id: 11, allowed: false },
    ]
    assert.equal(may({ groups }), false)
  })

  test('that is for another is not for whoever started the run', () => {
    assert.equal(may({}, bob, true), false)
    assert.equal(may({ users: [{ id: 2, allowed: true }] }, bob, true), false)
    assert.equal(may({}, ada, true), true)
  })
})
