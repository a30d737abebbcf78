import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { deliveryEncoder } from '#api'
import { startDeliveries } from '#engine'
import {
  type Attempt,
  advance,
  type Execution,
  type ExecutionEvent,
  Secret,
  type Webhook,
  type WebhookEvent,
  type WebhookSecrets,
} from '#model'
import { createAddressGuard, Network } from '#oci'
import { type Received, type Receiver, startReceiver } from '#support/receiver'
import { draftAction, draftExecution, makePipeline, startStore, type TestStore } from '#support/store'

const AT = new Date('2026-03-01T12:00:00Z')
const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

let open: TestStore
let hook: Receiver
let network: Network
let place: Awaited<ReturnType<typeof makePipeline>>
const lines: string[] = []
let messenger: { stop(): Promise<void> }
before(async () => {
  open = await startStore()
  hook = await startReceiver()
  place = await makePipeline(open, 'told')
  network = new Network({ guard: createAddressGuard({ allow: [hook.address] }) })
  const tell = (details: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(details)}`)
  messenger = await startDeliveries({
    store: open.store,
    work: open.deliveries,
    network,
    encode: deliveryEncoder('https://boat.example/', '127.0.0.1:7070'),
    now: () => AT,
    graceMs: 1000,
    log: { info: tell, warn: tell, error: tell },
  })
})
after(async () => {
  await messenger.stop()
  await network.close()
  await hook[Symbol.asyncDispose]()
  await open.close()
})

function listen(
  events: readonly WebhookEvent[],
  more: Partial<Omit<Webhook, 'secrets'>> & { secrets?: Partial<WebhookSecrets> } = {},
): Promise<Webhook> {
  return open.store.webhooks.create({
    workspaceId: place.workspace.id,
    targetUrl: `${hook.url}/hook`,
    projects: [],
    ...more,
    events,
    secrets: { secretKey: undefined, signing: new Secret(SIGNING), before: undefined, ...more.secrets },
  })
}

async function begin(): Promise<Execution> {
  const { id: creatorId } = await open.store.tokens.owner()
  const action = await open.store.actions.create(draftAction(place.pipeline.id))
  const draft = draftExecution(place.pipeline, [action], creatorId, { comment: 'why' })
  return open.store.executions.create(draft, AT)
}

async function happen({ id }: Execution, ...events: readonly ExecutionEvent[]): Promise<void> {
  for (const event of events) await open.store.executions.change(id, (now) => advance(now, event))
}

function run({ actions: [action] }: Execution): readonly ExecutionEvent[] {
  assert.ok(action)
  return [
    { kind: 'started', at: AT },
    { kind: 'action-started', id: action.id, at: AT },
  ]
}

function failed({ actions: [action] }: Execution): readonly ExecutionEvent[] {
  assert.ok(action)
  const failure = { code: 'DENIED', side: 'target', message: 'no', retryable: false } as const
  return [
    { kind: 'action-failed', id: action.id, at: AT, failure },
    { kind: 'finished', at: AT },
  ]
}

/** What this webhook was told, once it was told so often. */
async function told(webhook: Webhook, count: number): Promise<readonly Received[]> {
  const mine = (): Received[] =>
    hook.received.filter(({ path }) => path === new URL(webhook.targetUrl).pathname)
  for (let all = hook.received.length; mine().length < count; all = hook.received.length)
    await hook.until(all + 1)
  return mine()
}

/** What can be looked at, once it is as it should be. */
async function noted(webhook: Webhook, is: (attempts: readonly Attempt[]) => boolean) {
  for (;;) {
    const attempts = (await open.store.webhooks.attempts([webhook.id])).get(webhook.id) ?? []
    if (is(attempts)) return attempts
    await sleep(20)
  }
}

function signatures({ headers, text }: Received, ...keys: readonly (string | Buffer)[]): string {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
  return keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ')
}

suite('a webhook', { timeout: 60_000 }, () => {
  test('is told of the start as it was, in its own body, though it hears of it at the end', async () => {
    const webhook = await listen(['execution-started'], { targetUrl: `${hook.url}/start` })
    const execution = await begin()
    // All before the first of it can be sent.
    await open.store.transaction(async (within) => {
      const events = [...run(execution), ...failed(execution)]
      for (const event of events) await within.executions.change(execution.id, (now) => advance(now, event))
    })
    const [request] = await told(webhook, 1)
    assert.equal(request?.method, 'POST')
    const { body } = request
    assert.deepEqual(Object.keys(body).sort(), [
      ...['current_date', 'event', 'execution', 'invoker', 'project', 'secret_key', 'workspace'],
    ])
    assert.equal(body.execution.status, 'INPROGRESS')
    assert.equal(body.execution.finish_date, null)
    assert.equal(body.execution.action_executions[0].error_message, null)
    assert.equal(body.execution.mode, 'CLICK')
    assert.equal(body.execution.comment, 'why')
    assert.equal(body.secret_key, null)
    assert.equal(body.workspace.domain, 'told')
    assert.equal(body.project.name, 'shop')
    const url = `https://boat.example/workspaces/told/projects/shop/pipelines/${place.pipeline.id}/executions/${execution.number}`
    assert.equal(body.execution.url, url)
    await open.store.webhooks.remove(webhook.id)
  })

  test('is told once of each event that it asked for, and of no other', async () => {
    const all = await listen(
      ['push', 'execution-started', 'execution-succeeded', 'execution-failed', 'execution-finished'],
      { targetUrl: `${hook.url}/all` },
    )
    const execution = await begin()
    await happen(execution, ...run(execution), ...failed(execution))
    const requests = await told(all, 3)
    assert.deepEqual(requests.map(({ body }) => body.event).sort(), [
      ...['EXECUTION_FAILED', 'EXECUTION_FINISHED', 'EXECUTION_STARTED'],
    ])
    assert.equal(new Set(requests.map(({ headers }) => headers['webhook-id'])).size, 3)
    await open.store.webhooks.remove(all.id)
  })

  test('of other projects, or of another workspace, hears nothing', async () => {
    const other = await makePipeline(open, 'elsewhere')
    const deaf = [
      await listen(['execution-finished'], { projects: ['another'], targetUrl: `${hook.url}/deaf` }),
      await listen(['execution-finished'], {
        workspaceId: other.workspace.id,
        targetUrl: `${hook.url}/deaf`,
      }),
    ]
    const hears = await listen(['execution-finished'], { projects: ['shop'], targetUrl: `${hook.url}/hears` })
    const execution = await begin()
    await happen(execution, { kind: 'cancel', at: AT })
    const [request] = await told(hears, 1)
    assert.equal(request?.body.execution.status, 'TERMINATED')
    assert.equal(hook.received.filter(({ path }) => path === '/deaf').length, 0)
    for (const { id } of [...deaf, hears]) await open.store.webhooks.remove(id)
  })

  test('is asked again until it takes it, with the same id and the same body, and signs with two secrets for a day', async () => {
    const old = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
    const before = { signing: new Secret(old), until: new Date(AT.getTime() + 1) }
    const webhook = await listen(['execution-finished'], {
      targetUrl: `${hook.url}/again`,
      secrets: { secretKey: new Secret('compare me'), before },
    })
    hook.react(500, { status: 302, location: `${hook.url}/elsewhere` }, 200)
    const execution = await begin()
    await happen(execution, { kind: 'cancel', at: AT })
    const requests = await told(webhook, 3)
    const [first] = requests
    assert.ok(first)
    for (const request of requests) {
      assert.equal(request.text, first.text)
      assert.equal(request.headers['webhook-id'], first.headers['webhook-id'])
      assert.equal(request.headers['webhook-timestamp'], String(AT.getTime() / 1000))
      const expected = signatures(request, Buffer.alloc(32, 7), Buffer.alloc(24, 1), 'compare me')
      assert.equal(request.headers['webhook-signature'], expected)
      assert.equal(request.body.secret_key, 'compare me')
    }
    assert.equal(hook.received.filter(({ path }) => path === '/elsewhere').length, 0)
    const attempts = await noted(webhook, ([attempt]) => attempt?.status === 200)
    assert.equal(attempts.length, 1, 'one delivery, however often it was tried')
    assert.equal(/compare me|the answer of the receiver/.test(JSON.stringify(attempts)), false)
    assert.equal(lines.join().includes('compare me'), false)
    await open.store.webhooks.remove(webhook.id)
  })

  test('at an address that may not be dialled is not told, and it shows as for one where nobody listens', async () => {
    await using forbidden = await startReceiver()
    const webhook = await listen(['execution-finished'], { targetUrl: forbidden.url })
    const execution = await begin()
    await happen(execution, { kind: 'cancel', at: AT })
    const [attempt] = await noted(webhook, ({ length }) => length > 0)
    assert.equal(attempt?.status, undefined)
    assert.equal(forbidden.received.length, 0)
    await open.store.webhooks.remove(webhook.id)
  })

  test('hears nothing of a change that was not committed', async () => {
    const webhook = await listen(['execution-finished'], { targetUrl: `${hook.url}/rolled-back` })
    const execution = await begin()
    const work = open.store.transaction(async (within) => {
      await within.executions.change(execution.id, (now) => advance(now, { kind: 'cancel', at: AT }))
      throw new Error('roll back')
    })
    await assert.rejects(work, /roll back/)
    await happen(execution, { kind: 'cancel', at: AT })
    await told(webhook, 1)
    await noted(webhook, ({ length }) => length === 1)
    assert.equal((await told(webhook, 1)).length, 1)
    await open.store.webhooks.remove(webhook.id)
  })

  test('shows its last twenty deliveries and keeps no others', async () => {
    const webhook = await listen(['execution-finished'], { targetUrl: `${hook.url}/many` })
    for (let index = 0; index < 22; index++) await happen(await begin(), { kind: 'cancel', at: AT })
    await told(webhook, 22)
    await noted(webhook, ({ length }) => length === 20)
    await open.store.webhooks.remove(webhook.id)
  })
})
