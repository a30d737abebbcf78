import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { startStore, type TestStore } from '#support/store'
import { type OpenDatabase, openDatabase } from '../../src/store/database.ts'
import { Listener } from '../../src/store/listener.ts'
import { type KeptPeers, keepPeers } from '../../src/store/peers.ts'

let open: TestStore
let database: OpenDatabase
let listener: Listener
let one: KeptPeers
let two: KeptPeers
before(async () => {
  open = await startStore()
  const connection = { connectionString: open.url }
  database = openDatabase(connection, () => {})
  listener = new Listener(
    connection,
    async () => {},
    () => {},
  )
  await listener.start()
  ;[one, two] = [0, 1].map(() => keepPeers(database.db, listener, () => {}, 400)) as [KeptPeers, KeptPeers]
})
after(async () => {
  one.close()
  two.close()
  await listener.close()
  await database.close()
  await open.close()
})

describe('processes on one database', { timeout: 30_000 }, () => {
  test('are at one thing one after the other, however long it takes', async () => {
    const leave = await one.alone('a blob')
    let entered = false
    const waiting = two.alone('a blob').then((left) => {
      entered = true
      return left
    })
    ;(await two.alone('another blob'))()
    // Longer than one that is silent is waited for.
    await sleep(1000)
    assert.equal(entered, false)
    leave()
    ;(await waiting)()
    ;(await one.alone('a blob'))()
  })

  test('do not wait for one that is not heard of any more', async () => {
    await sql`insert into flights values ('of a dead one', 'dead', now() + interval '300 milliseconds')`.execute(
      database.db,
    )
    ;(await one.alone('of a dead one'))()
  })

  test('wait no longer when they are called off', async () => {
    const leave = await one.alone('a third')
    await assert.rejects(two.alone('a third', AbortSignal.timeout(50)), { name: 'AbortError' })
    leave()
  })

  test('hear from the others, and not from themselves, that a registry asked for a pause', async () => {
    const heard: [string, string, number][] = []
    const told = Promise.withResolvers<void>()
    await one.onPause((origin, ms) => heard.push(['one', origin, ms]))
    await two.onPause((origin, ms) => {
      heard.push(['two', origin, ms])
      told.resolve()
    })
    one.tellPause('https://registry.test', 2000)
    await told.promise
    assert.deepEqual(heard, [['two', 'https://registry.test', 2000]])
  })
})
