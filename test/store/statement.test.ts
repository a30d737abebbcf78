import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { startStore } from '#support/store'
import { openDatabase } from '../../src/store/database.ts'
import { type Slots, statement } from '../../src/store/statement.ts'

test('a statement is written once, and each time has the values that it is asked with, in a transaction too', async () => {
  await using open = await startStore()
  const { db, close } = openDatabase({ connectionString: open.url }, () => {})
  let written = 0
  const add = statement(({ one, other }: Slots<{ one: number; other: number | null }>) => {
    written += 1
    return sql<{ sumOfBoth: number; first: number }>`
      select ${one}::int + ${other}::int as sum_of_both, ${one}::int as first`
  })
  try {
    const asked = await Promise.all([1, 2, 3].map((one) => add(db, { one, other: 10 * one })))
    assert.deepEqual(asked.flat(), [
      { sumOfBoth: 11, first: 1 },
      { sumOfBoth: 22, first: 2 },
      { sumOfBoth: 33, first: 3 },
    ])
    const inside = await db.transaction().execute((trx) => add(trx, { one: 4, other: null }))
    assert.deepEqual(inside, [{ sumOfBoth: null, first: 4 }])
    assert.equal(written, 1)
  } finally {
    await close()
  }
})
