import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import type { Exchange } from '#api'
import { totp, totpStep } from '../../src/engine/totp.ts'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipelines: string
const lines: string[] = []
const told: Exchange[] = []
before(async () => {
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  api = await startApi({ log, observe: (exchange) => told.push(exchange) })
  const pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

interface Key {
  readonly token: string
  readonly webhook_url: string
  readonly registry_webhook_url: string
  readonly totp_secret: string
  readonly totp_url: string
  readonly secret: string
}

let made = 0
/** A pipeline that can run, and the key of its URLs. */
async function furnished(...events: readonly object[]): Promise<{ path: string; key: Key }> {
  made += 1
  const { body } = await api.ask('POST', pipelines, { name: `Triggered ${made}`, events })
  const path = `${pipelines}/${body.id}`
  await api.ask('POST', `${path}/actions`, ACTION)
  const answer = await api.ask('POST', `${path}/trigger-key`)
  assert.equal(answer.status, 201)
  return { path, key: answer.body }
}

/** As somebody who has nothing but a URL. */
async function call(url: string, body?: string, headers: Readonly<Record<string, string>> = {}) {
  const method = body === undefined && !headers['x-method'] ? 'GET' : 'POST'
  const { pathname, search } = new URL(url)
  const answer = await api.app.inject({
    method,
    url: pathname + search,
    headers: { host: '127.0.0.1:7070', ...headers },
    ...(body !== undefined && { payload: body }),
  })
  return { status: answer.statusCode, text: answer.body, body: JSON.parse(answer.body) }
}

async function runsOf(path: string): Promise<number> {
  return (await api.ask('GET', `${path}/executions`)).body.total_element_count
}

/** The variables that were passed to the newest run. */
async function passedTo(path: string): Promise<Readonly<Record<string, string>>> {
  const { executions } = api.open.store
  const { items } = await executions.list(Number(path.split('/').at(-1)) as never, { page: 1, perPage: 1 })
  const newest = items[0] && (await executions.findById(items[0].id))
  const passed = newest?.variables.filter(({ scope }) => scope === 'run') ?? []
  return Object.fromEntries(passed.map(({ key, value }) => [key, value.reveal()]))
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const nobody = { errors: [{ message: 'Not found', code: 'NOT_FOUND' }] }

describe('the webhook URL of a pipeline', () => {
  test('runs it, with parameters in the query, a form or JSON, and whatever else as variables', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK' })
    const url = `${key.webhook_url}&tag=v1&comment=from%20afar&priority=high&fromScratch=1&clear_cache=0&VERSION=1.2`
    const { status, body } = await call(url)
    assert.deepEqual(
      [status, body.status, body.triggered_on, body.comment, body.priority, body.id],
      [200, 'ENQUEUED', 'WEBHOOK', 'from afar', 'HIGH', 1],
    )
    assert.deepEqual(await passedTo(path), { BUDDY_RUN_TAG: 'v1', VERSION: '1.2' })
    assert.deepEqual([body.tag.name, body.refresh, body.clear_cache, body.branch], ['v1', true, false, null])
    const form = await call(key.webhook_url, 'comment=a+form&revision=abc&VERSION=2', FORM)
    assert.deepEqual([form.status, form.body.comment], [200, 'a form'])
    assert.deepEqual(await passedTo(path), { BUDDY_RUN_COMMIT: 'abc', VERSION: '2' })
    const json = JSON.stringify({ token: key.token, branch: 'main', VERSION: 3, DRY: false, NONE: null })
    assert.equal((await call(key.webhook_url.replace(/\?.*/, ''), json, JSON_TYPE)).status, 200)
    assert.deepEqual(await passedTo(path), { BUDDY_RUN_BRANCH: 'main', VERSION: '3', DRY: 'false' })
    const [, , workspace, , project, , id] = path.split('/')
    const old = `http://a/${workspace}/${project}/pipelines/pipeline/${id}/trigger-webhook?token=${key.token}`
    assert.equal((await call(old)).status, 200)
    assert.equal((await call(old, '')).status, 200)
    assert.equal(await runsOf(path), 5)
  })

  test('says of a wrong token, a wrong pipeline and a missing event what it says of nothing at all', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK' })
    const other = await furnished({ type: 'WEBHOOK' })
    const eventless = await furnished()
    const bare = key.webhook_url.replace(/\?.*/, '')
    const urls = [
      bare,
      `${bare}?token=`,
      `${bare}?token=${key.token.slice(0, -1)}`,
      `${bare}?token=${other.key.token}`,
      eventless.key.webhook_url,
      key.webhook_url.replace('/acme/', '/nobody/'),
      key.webhook_url.replace(/pipelines\/\d+/, 'pipelines/999999'),
      key.webhook_url.replace(/pipelines\/\d+/, 'pipelines/x'),
      key.registry_webhook_url,
    ]
    for (const url of urls) {
      const { status, body } = await call(url, '{}', JSON_TYPE)
      assert.deepEqual([status, body], [404, nobody], url)
    }
    const authorization = { authorization: `Bearer ${api.token}`, ...JSON_TYPE }
    assert.equal((await call(bare, '{}', authorization)).status, 404, 'an API token is none of its keys')
    assert.equal(await runsOf(path), 0)

    const { body: renewed } = await api.ask('POST', `${path}/trigger-key`)
    assert.equal((await call(key.webhook_url)).status, 404)
    assert.equal((await call(renewed.webhook_url)).status, 200)
    assert.equal((await api.ask('DELETE', `${path}/trigger-key`)).status, 204)
    assert.equal((await call(renewed.webhook_url)).status, 404)
  })

  test('asks for a one-time password where it is to, takes each once, and a guesser no more than five times', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK', totp: true })
    assert.ok(key.totp_url.startsWith('otpauth://totp/Tagboat%3Aacme%2Fshop%2F'))
    assert.ok(key.totp_url.includes(`secret=${key.totp_secret}`))
    assert.equal((await call(key.webhook_url)).status, 404)
    const code = totp(key.totp_secret, totpStep(new Date()))
    const at = `${key.webhook_url}&totp=`
    assert.equal((await call(at + code)).status, 200)
    assert.deepEqual(await passedTo(path), {})
    const again = await call(at + code)
    assert.deepEqual([again.status, again.body], [404, nobody])
    const both = await furnished({ type: 'WEBHOOK', totp: true })
    const wrong = String((Number(totp(both.key.totp_secret, totpStep(new Date()))) + 1) % 1e6).padStart(
      6,
      '0',
    )
    const step = totpStep(new Date())
    for (let tries = 0; tries < 5; tries++)
      assert.equal((await call(`${both.key.webhook_url}&totp=${wrong}`)).status, 404)
    const late = await call(`${both.key.webhook_url}&totp=${totp(both.key.totp_secret, step)}`)
    // A step may have ended meanwhile, and with it the count.
    if (totpStep(new Date()) === step) assert.equal(late.status, 404)
    assert.equal(await runsOf(path), 1)
  })

  test('takes two who come with one password at the same moment for one', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK', totp: true })
    const url = `${key.webhook_url}&totp=${totp(key.totp_secret, totpStep(new Date()))}`
    const answers = await Promise.all([call(url), call(url), call(url)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    assert.equal(await runsOf(path), 1)
  })

  test('names what it cannot take, whether the pipeline exists or not', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK' })
    for (const base of [key.webhook_url, key.webhook_url.replace('/acme/', '/nobody/')]) {
      const cases: [string, string | undefined, Record<string, string>, number, string | undefined][] = [
        ['&priority=urgent', undefined, {}, 400, 'priority'],
        ['&not-a-name=1', undefined, {}, 400, 'not-a-name'],
        ['', '{"A":{"b":1}}', JSON_TYPE, 400, 'A'],
        ['', '[1]', JSON_TYPE, 400, 'body'],
        ['', '{"A":', JSON_TYPE, 400, 'body'],
        ['', 'text', { 'content-type': 'text/plain' }, 415, undefined],
        ['', `{"A":"${'x'.repeat(1024 * 1024)}"}`, JSON_TYPE, 413, undefined],
      ]
      for (const [query, body, headers, status, field] of cases) {
        const answer = await call(base + query, body, headers)
        assert.deepEqual([answer.status, answer.body.errors[0].field], [status, field], answer.text)
      }
    }
    assert.equal(await runsOf(path), 0)
    await api.ask('PATCH', path, { disabled: true })
    assert.equal((await call(key.webhook_url)).status, 409)
  })

  test('shows its key once, and leaves it in no log and no table', async () => {
    const { path, key } = await furnished({ type: 'WEBHOOK' })
    await call(key.webhook_url)
    await call(key.webhook_url.replace('/acme/', '/%zz/'))
    await call(`${key.webhook_url}x`)
    const seen = (await api.ask('GET', path)).text + lines.join('') + JSON.stringify(told)
    for (const secret of [key.token, key.totp_secret, key.secret]) assert.equal(seen.includes(secret), false)
    assert.ok(told.some(({ route }) => route.endsWith('/trigger-webhook')))
  })
})

const DIGEST = `sha256:${'7f'.repeat(32)}`
const push = (tag: string, id = '1') =>
  JSON.stringify({
    events: [
      {
        id,
        action: 'push',
        target: {
          digest: DIGEST,
          repository: 'acme/app',
          tag,
          mediaType: 'application/vnd.oci.image.index.v1+json',
        },
        request: { host: 'registry.example.com', method: 'PUT' },
      },
    ],
  })
const IMAGES = ['registry.example.com/acme/*']

describe('the URL that a registry tells of pushes', () => {
  test('runs the pipeline for a tag that is meant, once however often it is told, and for no other', async () => {
    const { path, key } = await furnished({ type: 'PUSH_IMAGE', images: IMAGES, tags: ['v*', 'prod'] })
    const type = { 'content-type': 'application/vnd.docker.distribution.events.v2+json' }
    const url = key.registry_webhook_url
    const { status, body } = await call(url, push('v1'), type)
    assert.equal(status, 200)
    assert.deepEqual(
      body.executions.map((run: { triggered_on: string }) => run.triggered_on),
      ['EVENT'],
    )
    assert.deepEqual(await passedTo(path), {
      TRIGGER_IMAGE: 'registry.example.com/acme/app',
      TRIGGER_TAG: 'v1',
      TRIGGER_DIGEST: DIGEST,
    })
    const others = [
      push('v1'),
      push('latest', '2'),
      push('v1').replace('acme/app', 'other/app'),
      '{"events":[]}',
    ]
    for (const other of others) {
      const answer = await call(url, other, type)
      assert.deepEqual([answer.status, answer.body.executions], [200, []], other)
    }
    assert.equal((await call(url, push('v1', '3'), type)).body.executions.length, 1)
    assert.equal(await runsOf(path), 2)
    const strange = await call(url, '{"hello":1}', JSON_TYPE)
    assert.deepEqual([strange.status, strange.body.errors[0].field], [400, 'body'])
  })

  test('takes nothing that is not signed where it is to be: a signature of the body, or the header that was given', async () => {
    const { path, key } = await furnished({ type: 'PUSH_IMAGE', images: IMAGES, signed: true })
    const url = key.registry_webhook_url
    const sign = (body: string, secret = key.secret) => ({
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...JSON_TYPE,
    })
    const refused = [
      JSON_TYPE,
      sign(push('v2')),
      sign(push('v1'), 'another'),
      { ...JSON_TYPE, authorization: key.token },
      { ...JSON_TYPE, authorization: `Bearer ${api.token}` },
    ]
    for (const headers of refused) {
      const answer = await call(url, push('v1'), headers)
      assert.deepEqual([answer.status, answer.body], [404, nobody])
    }
    const taken = [
      sign(push('v1', 'a')),
      { ...JSON_TYPE, authorization: key.secret },
      { ...JSON_TYPE, authorization: `Bearer ${key.secret}` },
    ]
    for (const [index, headers] of taken.entries())
      assert.equal((await call(url, push('v1', 'abc'[index]), headers)).body.executions.length, 1)
    assert.equal(await runsOf(path), 3)
  })

  test("takes GitHub's form, and runs once for two who tell the same at the same moment", async () => {
    const { path, key } = await furnished({ type: 'PUSH_IMAGE', images: ['ghcr.io/acme/app'] })
    const payload = JSON.stringify({
      action: 'published',
      package: {
        name: 'app',
        namespace: 'acme',
        package_type: 'CONTAINER',
        package_version: { version: DIGEST, container_metadata: { tag: { name: 'v1', digest: DIGEST } } },
      },
    })
    const form = new URLSearchParams({ payload }).toString()
    const headers = { ...FORM, 'x-github-event': 'package', 'x-github-delivery': 'one' }
    const answers = await Promise.all([1, 2, 3].map(() => call(key.registry_webhook_url, form, headers)))
    assert.deepEqual(answers.map(({ body }) => body.executions.length).sort(), [0, 0, 1])
    const ping = { ...JSON_TYPE, 'x-github-event': 'ping' }
    assert.equal((await call(key.registry_webhook_url, '{"zen":"…"}', ping)).status, 200)
    assert.equal(await runsOf(path), 1)
  })

  test("understands a pattern without a registry as Docker Hub's", async () => {
    const told = (repo_name: string, pushed_at: number) =>
      JSON.stringify({ push_data: { pushed_at, pusher: 'p', tag: 'latest' }, repository: { repo_name } })
    const { path, key } = await furnished({ type: 'PUSH_IMAGE', images: ['acme/app', '*/other/*'] })
    for (const [name, runs] of [
      ['acme/app', 1],
      ['acme/app2', 0],
      ['other/thing', 1],
    ] as const) {
      const { body } = await call(key.registry_webhook_url, told(name, 1), JSON_TYPE)
      assert.equal(body.executions.length, runs, name)
    }
    assert.equal(await runsOf(path), 2)
  })
})
