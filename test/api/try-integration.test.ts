import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createAddressGuard } from '#oci'
import { AMAZON_KEYS, Amazon } from '#support/amazon'
import { hello } from '#support/images'
import { faults, type Registry, startRegistry } from '#support/registry'
import { type Answer, startApi, type TestApi } from './api.ts'

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const image = hello()
let hub: Registry
let ecr: Registry
let amazon: Amazon
let api: TestApi
let reached = 0
const sentinel = createServer((socket) => {
  reached += 1
  socket.destroy()
})

before(async () => {
  await new Promise<void>((resolve) => sentinel.listen(0, '0.0.0.0', resolve))
  hub = await startRegistry({ auth: { kind: 'bearer', username: 'ada', password: 'hub-canary' } })
  ecr = await startRegistry({ auth: { kind: 'basic', username: 'AWS', password: 'password-1' } })
  amazon = await Amazon.start()
  for (const registry of [hub, ecr]) {
    for (const { bytes } of image.blobs) registry.putBlob('acme/app', bytes)
    registry.putManifest('acme/app', '1', image.top.bytes, image.top.mediaType)
  }
  const endpoints = new Map([
    ...amazon.endpoints('eu-west-1'),
    ['docker.io', new URL(hub.url)] as const,
    ['ghcr.io', new URL(hub.url)] as const,
    [ECR, new URL(ecr.url)] as const,
  ])
  const guard = createAddressGuard({ allow: [`127.0.0.1:${new URL(hub.url).port}`] })
  api = await startApi({}, { endpoints, guard })
  await api.ask('POST', '/workspaces', { domain: 'acme' })
})
after(async () => {
  await api[Symbol.asyncDispose]()
  await Promise.all([hub.close(), ecr.close(), amazon[Symbol.asyncDispose]()])
  sentinel.close()
})

let made = 0

async function integration(type: string, secrets: object): Promise<(body?: object) => Promise<Answer>> {
  made += 1
  const { status, text, body } = await api.ask('POST', '/workspaces/acme/integrations', {
    name: `One ${made}`,
    type,
    ...secrets,
  })
  assert.equal(status, 201, text)
  return (asked = {}) => api.ask('POST', `/workspaces/acme/integrations/${body.hash_id}/test`, asked)
}

/** `step:status` or `step:CODE` of what is not ok. */
function told({ status, body, text }: Answer): string {
  assert.equal(status, 200, text)
  assert.doesNotMatch(text, /canary|EXAMPLEKEY/)
  const steps = body.steps as { step: string; status: string; code: string | null; advice: string | null }[]
  assert.equal(steps.length, 8)
  assert.equal(body.status, steps.some((step) => step.status === 'failed') ? 'failed' : 'ok')
  for (const { status, code, advice } of steps)
    assert.equal(status === 'failed', code !== null && advice !== null)
  return steps
    .filter((step) => step.status !== 'ok')
    .map(({ step, status, code }) => `${step}:${code ?? status}`)
    .join(' ')
}

const ADA = { username: 'ada', password: 'hub-canary' }
const KEYS = { access_key: AMAZON_KEYS.accessKey, secret_key: AMAZON_KEYS.secretKey }
const NO_IMAGE = 'pull:skipped push:skipped repository:skipped quota:skipped'

describe('an integration that is tried', { timeout: 60_000 }, () => {
  test('is tried on the registry that it is for, as a whole, where no image is named', async () => {
    const answer = await (await integration('DOCKER_HUB', ADA))()
    assert.equal(told(answer), `name:skipped tls:skipped ${NO_IMAGE}`)
    assert.deepEqual(
      [answer.body.status, answer.body.registry, answer.body.repository],
      ['ok', 'docker.io', null],
    )
  })

  test('is tried on an image, pulling and pushing, and nothing is left behind', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    const answer = await trial({ image: 'acme/app:1' })
    assert.equal(told(answer), 'name:skipped tls:skipped quota:skipped')
    assert.equal(answer.body.repository, 'acme/app')
    assert.match(answer.text, /an upload that was begun and given up/)
    assert.equal(hub.uploads().length, 0)
    const posts = hub.count({ method: 'POST' })
    assert.match(told(await trial({ image: 'acme/app:1', push: false })), /push:skipped/)
    assert.equal(hub.count({ method: 'POST' }), posts)
  })

  test('is told what its credentials lack, and shown none of them', async () => {
    const wrong = await integration('DOCKER_HUB', { ...ADA, password: 'wrong-canary' })
    assert.match(told(await wrong({ image: 'acme/app:1' })), /credentials:UNAUTHORIZED pull:skipped/)
    const keys = await integration('AMAZON', { ...KEYS, secret_key: 'wrong-canary', region: 'eu-west-1' })
    const answer = await keys()
    assert.match(told(answer), /name:skipped connection:skipped tls:skipped credentials:UNAUTHORIZED/)
    assert.match(answer.text, /api\.ecr\.eu-west-1\.amazonaws\.com: .*InvalidSignatureException/)
    assert.equal(answer.body.registry, null)
  })

  test('of Amazon finds its registry by the region, of the request or its own', async () => {
    const trial = await integration('AMAZON', KEYS)
    assert.match(told(await trial()), /credentials:INTEGRATION_INCOMPLETE/)
    const answer = await trial({ region: 'eu-west-1', image: 'acme/app:1' })
    assert.equal(told(answer), 'name:skipped tls:skipped quota:skipped')
    assert.equal(answer.body.registry, ECR)
    assert.deepEqual((await trial({ region: 'eu' })).body.errors[0].field, 'region')
  })

  test('is not shown to a registry that it is not for, and that is said', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    const before = hub.requests.length
    const answer = await trial({ image: 'ghcr.io/acme/app:1' })
    assert.match(told(answer), /credentials:INTEGRATION_MISMATCH pull:skipped/)
    assert.ok(hub.requests.slice(before).every(({ headers }) => headers.authorization === undefined))
    const slack = await integration('SLACK', {})
    assert.match(told(await slack()), /credentials:INTEGRATION_UNSUITABLE/)
  })

  test('needs to be told the registry where there are many', async () => {
    for (const [type, secrets] of [
      ['AZURE_CLOUD', { app_id: 'a', password: 'b' }],
      ['GOOGLE_SERVICE_ACCOUNT', { api_key: '{}' }],
    ] as const) {
      const { status, body } = await (await integration(type, secrets))({ image: 'p/r/app:1' })
      assert.deepEqual([status, body.errors[0].field], [400, 'registry'])
    }
  })

  test('names the field that is wrong', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    for (const [body, field] of [
      [{ image: 'not valid:1' }, 'image'],
      [{ image: 5 }, 'image'],
      [{ registry: 'a/b' }, 'registry'],
      [{ registry: 'a.example', image: 'b.example/app' }, 'registry'],
      [{ push: 'no' }, 'push'],
    ] as const) {
      const answer = await trial(body)
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.field], [400, field], answer.text)
    }
  })

  test('says that a registry does not take the push, or limits pulls', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    const denied = hub.fault({ method: 'POST' }, faults.respondError(403, 'DENIED', 'read only'))
    assert.match(told(await trial({ image: 'acme/app:1' })), /push:DENIED/)
    denied.remove()
    const quota = faults.headers({ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' })
    const limited = hub.fault({ method: 'HEAD' }, quota)
    assert.match((await trial({ image: 'acme/app:1' })).text, /76 of 100 pulls left in 6 h/)
    limited.remove()
  })
})

describe('a test of an integration', { timeout: 60_000 }, () => {
  const forms = [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '１２７.0.0.1',
    '127。0。0。1',
    '0',
    '0.0.0.0',
    '[::]',
    '[::1]',
    '[::7f00:1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '169.254.169.254',
    '169.254.43518',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '10.1.2.3',
    'localhost',
    'localhost.',
    'user:secret@127.0.0.1',
  ]
  const port = (): number => (sentinel.address() as { port: number }).port

  test('dials no address that is not public, however it is written, and says the same of all', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    const told = new Set<string>()
    for (const form of forms) {
      for (const [name, body] of [
        ['registry', { registry: `${form}:${port()}` }],
        ['registry', { registry: `http://${form}:${port()}` }],
        ['image', { image: `http://${form}:${port()}/a/b:1` }],
      ] as const) {
        const { status, body: answer, text } = await trial(body)
        assert.equal(status, 400, `${form}: ${text}`)
        const [{ code, field, message }] = answer.errors
        assert.equal(field, name, form)
        assert.doesNotMatch(text, /secret/)
        // What cannot be the name of a registry is refused as that, unless it is seen where it leads.
        if (code === 'INVALID') assert.ok(['localhost.', 'user:secret@127.0.0.1'].includes(form), form)
        else {
          assert.equal(code, 'BLOCKED_ADDRESS', form)
          told.add(message.replace(name, ''))
        }
      }
    }
    assert.equal(told.size, 1, [...told].join())
    assert.equal(reached, 0)
  })

  test('tells an open port from a closed one neither by its words nor by its time', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    for (const host of ['127.0.0.1', 'localhost']) {
      const texts = new Set<string>()
      const times = { opened: [] as number[], closed: [] as number[] }
      // In turns, so that what else the machine does is in both.
      for (let n = 0; n < 9; n++) {
        for (const [what, number] of [
          ['opened', port()],
          ['closed', 1],
        ] as const) {
          const began = performance.now()
          texts.add((await trial({ registry: `${host}:${number}` })).text)
          times[what].push(performance.now() - began)
        }
      }
      assert.equal(texts.size, 1)
      // Of nine the quickest: what else the machine does adds time to some, and takes none away.
      const [opened, closed] = [Math.min(...times.opened), Math.min(...times.closed)]
      assert.ok(Math.abs(opened - closed) < 50, `${opened} and ${closed} ms`)
    }
    assert.equal(reached, 0)
  })

  test('reaches what the operator allows', async () => {
    const trial = await integration('DOCKER_HUB', ADA)
    const answer = await trial({ registry: `http://127.0.0.1:${new URL(hub.url).port}` })
    assert.match(told(answer), /credentials:INTEGRATION_MISMATCH/)
  })

  test('is for those alone who may manage integrations', async () => {
    const { body } = await api.ask('POST', '/workspaces/acme/integrations', {
      name: 'Mine',
      type: 'GIT_HUB',
      token: 'x',
    })
    const path = `/workspaces/acme/integrations/${body.hash_id}/test`
    for (const [scope, expected] of [
      ['INTEGRATION_INFO', 403],
      ['INTEGRATION_ADD', 403],
      ['INTEGRATION_MANAGE', 200],
    ] as const) {
      const authorization = `Bearer ${await api.tokenFor([scope])}`
      assert.equal((await api.ask('POST', path, {}, { authorization })).status, expected, scope)
    }
    assert.equal((await api.ask('POST', '/workspaces/acme/integrations/none/test', {})).status, 404)
  })
})
