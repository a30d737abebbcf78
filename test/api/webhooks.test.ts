import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { DeliveryId } from '#model'
import { furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
before(async () => {
  api = await startApi()
  await furnish(api, 'acme')
})
after(() => api[Symbol.asyncDispose]())

const PATH = '/workspaces/acme/webhooks'
const HOOK = { target_url: 'https://hook.example/a?b=c', events: ['EXECUTION_STARTED', 'EXECUTION_FINISHED'] }
const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

describe('webhooks', () => {
  test('are made, seen, changed and removed', async () => {
    const made = await api.ask('POST', PATH, { ...HOOK, projects: ['shop'], secret_key: 'compare me' })
    assert.equal(made.status, 201)
    const { signing_secret, ...shown } = made.body
    assert.match(signing_secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    assert.deepEqual(shown, {
      url: `http://127.0.0.1:7070${PATH}/${shown.id}`,
      html_url: `http://127.0.0.1:7070/ui/acme/-/webhooks/${shown.id}`,
      id: shown.id,
      ...HOOK,
      secret_key: 'compare me',
      projects: ['shop'],
      requests: [],
    })
    const path = `${PATH}/${shown.id}`
    assert.deepEqual((await api.ask('GET', path)).body, shown)
    assert.deepEqual((await api.ask('GET', PATH)).body.webhooks, [shown])
    const changed = await api.ask('PATCH', path, { events: ['EXECUTION_FAILED'], projects: [] })
    assert.deepEqual(changed.body, { ...shown, events: ['EXECUTION_FAILED'], projects: [] })
    assert.equal((await api.ask('PATCH', path, { secret_key: '' })).body.secret_key, null)
    assert.equal((await api.ask('DELETE', path)).status, 204)
    assert.equal((await api.ask('GET', path)).status, 404)
  })

  test('show their signing secret to who sets it, and the secret key to who may manage them', async () => {
    const made = await api.ask('POST', PATH, { ...HOOK, secret_key: 'key-canary', signing_secret: SIGNING })
    assert.equal(made.body.signing_secret, SIGNING)
    const path = `${PATH}/${made.body.id}`
    const other = SIGNING.replace('Bw', 'CA')
    assert.equal((await api.ask('PATCH', path, { signing_secret: other })).body.signing_secret, other)
    const workspace = await api.open.store.workspaces.find('acme')
    assert.ok(workspace)
    const kept = await api.open.store.webhooks.find(workspace.id, made.body.id)
    assert.equal(kept?.secrets.signing.reveal(), other)
    assert.equal(kept?.secrets.before?.signing.reveal(), SIGNING)
    assert.ok(Number(kept?.secrets.before?.until) > Date.now() + 23 * 3_600_000)
    assert.equal('signing_secret' in (await api.ask('GET', path)).body, false)
    for (const scope of ['WEBHOOK_INFO', 'WEBHOOK_ADD']) {
      const authorization = `Bearer ${await api.tokenFor([scope])}`
      for (const at of [path, PATH]) {
        const { status, text } = await api.ask('GET', at, undefined, { authorization })
        assert.deepEqual([status, /canary|whsec_/.test(text)], [200, false])
      }
    }
    assert.equal((await api.ask('DELETE', path)).status, 204)
  })

  test('take what can be told, and name the field of what cannot', async () => {
    const cases = [
      [{ events: [] }, 'events'],
      [{ events: ['EXPLODED'] }, 'events.0'],
      [{ events: undefined }, 'events'],
      [{ target_url: undefined }, 'target_url'],
      [{ target_url: 'ftp://hook.example' }, 'target_url'],
      [{ target_url: 'hook.example' }, 'target_url'],
      [{ target_url: 'https://user:word@hook.example' }, 'target_url'],
      [{ projects: ['nobodys'] }, 'projects.0'],
      [{ projects: [1] }, 'projects.0'],
      [{ secret_key: 5 }, 'secret_key'],
      [{ signing_secret: 'short' }, 'signing_secret'],
      [{ signing_secret: 'whsec_c2hvcnQ=' }, 'signing_secret'],
    ] as const
    for (const [body, field] of cases) {
      const { status, body: answer } = await api.ask('POST', PATH, { ...HOOK, ...body })
      assert.deepEqual([status, answer.errors[0].field], [400, field], JSON.stringify(body))
    }
    assert.deepEqual((await api.ask('GET', PATH)).body.webhooks, [])
  })

  test('at private addresses are refused in the same words, however they are written and whatever is there', async () => {
    const hosts = ['127.0.0.1:22', '127.1', '0x7f000001:9', '[::1]', '[::ffff:10.0.0.1]', '169.254.169.254']
    const answers = await Promise.all(
      hosts.map((host) => api.ask('POST', PATH, { ...HOOK, target_url: `http://${host}/` })),
    )
    for (const { status, text } of answers) assert.deepEqual([status, text], [400, answers[0]?.text])
    const [{ code, field }] = answers[0]?.body.errors ?? []
    assert.deepEqual([code, field], ['BLOCKED_ADDRESS', 'target_url'])
  })

  test('show their last deliveries: what was sent, and the status alone of what was answered', async () => {
    const { body: hook } = await api.ask('POST', PATH, HOOK)
    const { body: pipeline } = await api.ask('POST', '/workspaces/acme/projects/shop/pipelines', {
      name: 'P',
    })
    const path = `/workspaces/acme/projects/shop/pipelines/${pipeline.id}`
    const image = { docker_registry: 'OTHER', image: 'one.example/app:1' }
    const dest = { ...image, image: 'two.example/app:1' }
    await api.ask('POST', `${path}/actions`, { name: 'A', type: 'PROMOTE_IMAGE', src: image, dest })
    const { body: run } = await api.ask('POST', `${path}/executions`)
    await api.ask('PATCH', `${path}/executions/${run.id}`, { operation: 'CANCEL' })
    const ids: DeliveryId[] = []
    const all = Promise.withResolvers<void>()
    await api.open.deliveries.start(
      async (id) => {
        ids.push(id)
        all.resolve()
      },
      { concurrency: 1 },
    )
    await all.promise
    const [id] = ids
    assert.ok(id)
    const at = new Date('2026-01-02T03:04:05Z')
    await api.open.store.webhooks.prepare(id, '{"sent":1}')
    await api.open.store.webhooks.tried(id, { at, status: 503 })
    const seen = async () => (await api.ask('GET', `${PATH}/${hook.id}`)).body.requests
    const shown = { post_date: at.toISOString(), response_status: '503', body: '{"sent":1}' }
    assert.deepEqual(await seen(), [shown])
    await api.open.store.webhooks.tried(id, { at, status: undefined })
    assert.deepEqual(await seen(), [{ ...shown, response_status: '0' }])
    await api.open.deliveries.stop(1000)
  })
})
