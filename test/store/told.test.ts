import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { ModelError, Secret } from '#model'
import { makePipeline, startStore, type TestStore } from '#support/store'

let open: TestStore
let client: pg.Client
let place: Awaited<ReturnType<typeof makePipeline>>
before(async () => {
  open = await startStore()
  place = await makePipeline(open, 'told')
  client = new pg.Client({ connectionString: open.url })
  await client.connect()
})
after(async () => {
  await client.end()
  await open.close()
})

const unreadable = (error: unknown) => error instanceof ModelError && error.code === 'SECRET_UNREADABLE'

function makeWebhook(name: string) {
  return open.store.webhooks.create({
    workspaceId: place.workspace.id,
    targetUrl: 'https://hook.example',
    events: ['push'],
    projects: [],
    secrets: {
      secretKey: new Secret(`${name}-key-canary`),
      signing: new Secret(`${name}-signing-canary`),
      before: { signing: new Secret(`${name}-before-canary`), until: new Date(0) },
    },
  })
}

describe('what webhooks and triggers are protected by', () => {
  test('rests sealed, each in its own row, and the token as a hash alone', async () => {
    const [one, other] = [await makeWebhook('one'), await makeWebhook('other')]
    const { id } = place.pipeline
    const key = {
      token: new Secret('token-canary'),
      totp: new Secret('TOTPCANARY'),
      secret: new Secret('secret-canary'),
    }
    await open.store.triggerKeys.save(id, key)
    for (const table of ['webhooks', 'trigger_keys']) {
      const { rows } = await client.query(`select t::text as text from ${table} t`)
      for (const { text } of rows) assert.equal(/canary/i.test(text), false)
    }
    const found = await open.store.triggerKeys.find(id, key.token)
    assert.deepEqual([found?.totp.reveal(), found?.secret.reveal()], ['TOTPCANARY', 'secret-canary'])
    assert.equal(await open.store.triggerKeys.find(id, new Secret('token')), undefined)

    await client.query(
      'update webhooks set secrets = (select secrets from webhooks where id = $1) where id = $2',
      [one.id, other.id],
    )
    const moved = await open.store.webhooks.find(place.workspace.id, other.id)
    assert.throws(() => moved?.secrets.signing.reveal(), unreadable)
    assert.throws(() => moved?.secrets.before?.signing.reveal(), unreadable)
    const kept = await open.store.webhooks.find(place.workspace.id, one.id)
    assert.equal(kept?.secrets.secretKey?.reveal(), 'one-key-canary')
    assert.deepEqual(kept?.secrets.before?.until, new Date(0))
  })

  test('is used up once: a step of one-time passwords and all before it, and a notice within a week', async () => {
    const { id } = place.pipeline
    const { triggerKeys } = open.store
    assert.deepEqual(
      await Promise.all([7, 7, 7].map((step) => triggerKeys.spend(id, step))).then((all) => all.sort()),
      [...[false, false, true]],
    )
    assert.equal(await triggerKeys.spend(id, 6), false)
    assert.equal(await triggerKeys.spend(id, 8), true)
    assert.deepEqual([await triggerKeys.countTry(id, 8), await triggerKeys.countTry(id, 8)], [1, 2])
    assert.equal(await triggerKeys.countTry(id, 9), 1)
    assert.deepEqual(
      [await triggerKeys.hear(id, 'a'), await triggerKeys.hear(id, 'a'), await triggerKeys.hear(id, 'b')],
      [...[true, false, true]],
    )
    await client.query("update notices set heard_at = now() - interval '8 days' where notice = 'a'")
    assert.equal(await triggerKeys.hear(id, 'a'), true)
    await triggerKeys.remove(id)
    assert.equal(await triggerKeys.spend(id, 100), false)
  })
})
