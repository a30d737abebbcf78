import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { hello, push } from '#support/images'
import { runProcess, startProcess } from '#support/process'
import { faults, type Registry, startRegistry } from '#support/registry'
import { TAGBOAT, TestService } from '#support/service'
import { findEmbedded } from '../../src/store/embedded.ts'
import { type Execution, isOver } from './page.ts'

// Each with characters that base64 and URLs write otherwise.
const canary = (kind: string): string => `canary+${kind}/Ä&=`
const USER = { username: 'ada', password: canary('integration') }
const WORKSPACE = '/workspaces/acme'
const PIPELINES = `${WORKSPACE}/projects/shop/pipelines`

let source: Registry
let target: Registry
let service: TestService
before(async () => {
  ;[source, target] = await Promise.all([
    startRegistry({ auth: { kind: 'basic', ...USER } }),
    startRegistry({ auth: { kind: 'basic', username: 'ada', password: canary('action') } }),
  ])
  await push(source.url, 'team/app', 'v1', hello(), USER)
  service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${source.url}`,
    TAGBOAT_ALLOW_ADDRESSES: target.host,
  })
  await make(WORKSPACE.slice(0, -5), { domain: 'acme' })
  await make(`${WORKSPACE}/projects`, { name: 'shop', display_name: 'Shop marked-and-plain' })
  await make(`${WORKSPACE}/integrations`, {
    ...{ name: 'Source', identifier: 'source', type: 'DOCKER_HUB', ...USER },
  })
  await make(`${WORKSPACE}/integrations`, {
    ...{ name: 'Other', identifier: 'other', type: 'DOCKER_HUB', ...USER },
  })
})
after(async () => {
  target.clearFaults()
  await service[Symbol.asyncDispose]()
  await Promise.all([source.close(), target.close()])
})

async function make<T = { id: number }>(path: string, body: unknown): Promise<T> {
  const answer = await service.call<T>('POST', path, body)
  assert.ok(answer.status < 300, `POST ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** A pipeline that promotes to this tag; where it is. */
async function makePipeline(tag: string): Promise<string> {
  const { id } = await make(PIPELINES, { name: `To ${tag}` })
  await make(`${PIPELINES}/${id}/actions`, {
    ...{ name: 'Promote', type: 'PROMOTE_IMAGE' },
    src: { docker_registry: 'DOCKER_HUB', image: 'team/app:v1', integration: 'source' },
    dest: {
      ...{ docker_registry: 'OTHER', registry: target.url, image: `team/app:${tag}` },
      ...{ login: 'ada', password: canary('action') },
    },
  })
  return `${PIPELINES}/${id}`
}

async function start(pipeline: string, body: unknown = {}): Promise<string> {
  return `${pipeline}/executions/${(await make(`${pipeline}/executions`, body)).id}`
}

async function query(text: string): Promise<readonly Record<string, string>[]> {
  const client = new pg.Client(await findEmbedded(service.dataDir))
  await client.connect()
  return (await client.query(text).finally(() => client.end())).rows
}

/** Files of the database, its log of changes among them, that hold any of these texts as it is, in base64 or in a URL. */
async function findIn(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const forms = texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    // Wherever it begins within three bytes.
    ...[0, 1, 2].map((skip) => Buffer.from(text).subarray(skip).toString('base64').slice(0, 12)),
  ])
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    for (const form of forms) if (bytes.includes(form)) found.push(`${path}: ${form}`)
  }
  return found
}

describe('secrets at rest', { timeout: 120_000 }, () => {
  test('are in no file of the database and no line of the log, in whatever way they came in', async () => {
    const pipeline = await makePipeline('kept')
    const variable = { key: 'SECRET', value: canary('variable'), encrypted: true, settable: true }
    await make(`${WORKSPACE}/variables`, variable)
    await make(`${WORKSPACE}/webhooks`, {
      ...{
        target_url: 'https://hook.example',
        events: ['EXECUTION_FINISHED'],
        secret_key: canary('webhook'),
      },
    })
    const key = await make<{ token: string; secret: string; totp_secret: string }>(
      `${pipeline}/trigger-key`,
      {},
    )
    const passed = [{ key: 'SECRET', value: canary('run'), encrypted: true }]
    const path = await start(pipeline, { variables: passed })
    const { status, action_executions } = await service.until<Execution>(path, isOver)
    assert.equal(status, 'SUCCESSFUL', String(action_executions[0]?.error_message))

    const kinds = ['integration', 'action', 'variable', 'webhook', 'run']
    const secrets = [...kinds.map(canary), key.token, key.secret, key.totp_secret, service.token]
    const folder = join(service.dataDir, 'postgres')
    assert.deepEqual(await findIn(folder, secrets), [])
    assert.notDeepEqual(await findIn(folder, ['marked-and-plain']), [], 'what is no secret is found')
    const printed = service.process.stdout() + service.process.stderr()
    for (const secret of secrets)
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
        assert.equal(printed.includes(form), false, form)
  })

  test('that were exchanged in the database are not sent anywhere: the execution fails and says why', async () => {
    const pipeline = await makePipeline('exchanged')
    const exchange = `update integrations one set secrets = other.secrets from integrations other
      where one.hash <> other.hash`
    await query(exchange)
    const [before, there] = [source.requests.length, target.requests.length]
    const { status, action_executions } = await service.until<Execution>(await start(pipeline), isOver)
    await query(exchange)
    assert.equal(status, 'FAILED')
    assert.match(String(action_executions[0]?.error_message), /^SECRET_UNREADABLE /)
    assert.deepEqual([source.requests.length, target.requests.length], [before, there])
    const { status: after } = await service.until<Execution>(await start(pipeline), isOver)
    assert.equal(after, 'SUCCESSFUL', 'exchanged back they are what they were')
  })

  test('get a new key, at the second try after a kill -9, while promotions run and begin: all are SUCCESSFUL, and the old key opens nothing', async () => {
    const old = await readFile(join(service.dataDir, 'master.key'), 'utf8')
    const pipelines = await Promise.all(Array.from({ length: 10 }, (_, n) => makePipeline(`run-${n}`)))
    const gate = target.fault({ method: 'PUT', path: /\/manifests\/run-/ }, faults.gate('answer'))
    const paths = await Promise.all(pipelines.map((pipeline) => start(pipeline)))
    await gate.reached
    const rotate = () => startProcess(TAGBOAT, ['keys', 'rotate'], { env: service.env, timeoutMs: 90_000 })
    const killed = rotate()
    await killed.printed(/waiting for all processes to seal with it/)
    killed.kill('SIGKILL')
    await killed.finished
    const rotating = rotate()
    await rotating.printed(/waiting for all processes to have the key/)
    let done = false
    const rotated = rotating.finished.finally(() => {
      done = true
    })
    while (!done && paths.length < 40) paths.push(await start(pipelines[paths.length % 10] ?? ''))
    const { code, stdout, stderr } = await rotated
    assert.equal(code, 0, stderr)
    assert.match(stdout, /The old key opens nothing any more/)
    assert.ok(paths.length > 10)
    gate.release()
    for (const path of paths) {
      const { status, action_executions } = await service.until<Execution>(path, isOver)
      assert.equal(status, 'SUCCESSFUL', String(action_executions[0]?.error_message))
    }
    const tables = ['integrations', 'actions', 'variables', 'webhooks', 'trigger_keys', 'executions']
    const texts = [...tables, 'action_executions', 'settings'].map(
      (table) => `select t::text as row from ${table} t`,
    )
    const keys = (await query(texts.join(' union all '))).flatMap(({ row = '' }) =>
      [...row.matchAll(/v1\.([0-9a-f]{8})\./g)].map(([, id]) => id),
    )
    assert.ok(keys.length > 40)
    assert.equal(new Set(keys).size, 1)
    assert.notEqual(await readFile(join(service.dataDir, 'master.key'), 'utf8'), old)
    const kept = (await readdir(service.dataDir)).filter((name) => name.startsWith('master.key.'))
    assert.equal(kept.length, 1)
    await service.end()
    const masterKeyFile = join(service.dataDir, String(kept[0]))
    assert.equal(await readFile(masterKeyFile, 'utf8'), old)
    const env = { ...service.env, TAGBOAT_MASTER_KEY_FILE: masterKeyFile, TAGBOAT_LISTEN: '127.0.0.1:0' }
    const refused = await runProcess(TAGBOAT, ['serve'], { env })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /not the one that this database's secrets were sealed with/)
    await service.begin()
  })
})
