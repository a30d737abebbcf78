import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStore } from '#support/store'
import { PreparingClient } from '../../src/store/prepare.ts'

test('what is asked often is planned once a connection, and goes on being answered when its table changes', async () => {
  await using open = await startStore()
  const client = new PreparingClient(open.url)
  await client.connect()
  const plans = async () =>
    (await client.query('select statement from pg_prepared_statements')).rows.map(
      ({ statement }: { statement: string }) => statement,
    )
  const text = 'select * from changing where id = $1'
  try {
    await client.query('create table changing as select 1 as id')
    await client.query('select id from changing where id = $1', [1])
    for (let count = 0; count < 25; count += 1)
      assert.deepEqual((await client.query(text, [1])).rows, [{ id: 1 }])
    assert.deepEqual(await plans(), [text])
    await client.query('alter table changing add column name text')
    assert.deepEqual((await client.query(text, [1])).rows, [{ id: 1, name: null }])
    await assert.rejects(client.query(text, ['x']), { code: '22P02' })
  } finally {
    await client.end()
  }
})
