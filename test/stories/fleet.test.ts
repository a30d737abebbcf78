import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { saidOf, TestFleet } from '#support/fleet'
import { type Image, layers, push } from '#support/images'
import { findFreePort, type Running, runProcess } from '#support/process'
import { faults, type Registry, type RequestMatch, startRegistry } from '#support/registry'
import { TAGBOAT } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const REPOSITORY = 'my-gcp-project/my-repo/myapp'
const MIB = 1024 * 1024
const LAYER_PUT: RequestMatch = {
  method: 'PUT',
  path: /\/blobs\/uploads\//,
  when: ({ headers }) => Number(headers['content-length']) >= MIB,
}

// One for all tests, which use up its workers one by one: five processes take their time to start.
describe('a service without a worker, and three workers beside it', { timeout: 150_000 }, () => {
  let hub: Registry
  let artifacts: Registry
  let fleet: TestFleet

  before(async () => {
    ;[hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
    fleet = await TestFleet.start(3, {
      TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
      TAGBOAT_GRACE_MS: '500',
      TAGBOAT_LEASE_MS: '1500',
    })
    await makePipeline(fleet.service)
    await fleet.service.call('PATCH', PIPELINE, { concurrent_pipeline_runs: true })
    const action = PAGE_REQUEST.replace('myapp:production', 'myapp:production-$BUDDY_RUN_ID')
    await fleet.service.call('POST', `${PIPELINE}/actions`, action)
  })
  after(async () => {
    await fleet[Symbol.asyncDispose]()
    await Promise.all([hub.close(), artifacts.close()])
  })

  async function offer(word: string): Promise<Image> {
    const image = layers(2, MIB, word)
    await push(hub.url, 'mycompany/myapp', 'latest', image)
    return image
  }
  async function run(): Promise<number> {
    const { body, text } = await fleet.service.call<Execution>('POST', `${PIPELINE}/executions`)
    assert.ok(body.id, text)
    return body.id
  }
  async function succeeds(id: number, { top }: Image): Promise<void> {
    const { status } = await fleet.service.until<Execution>(`${PIPELINE}/executions/${id}`, isOver)
    assert.equal(status, 'SUCCESSFUL')
    assert.equal(artifacts.getManifest(REPOSITORY, `production-${id}`)?.digest, top.digest)
    assert.equal(artifacts.count({ method: 'PUT', path: new RegExp(`/manifests/production-${id}$`) }), 1)
  }
  /** What this comes to, and the worker that is in the middle of the copy then. */
  async function inMidCopy<T>(begin: () => Promise<T>): Promise<{ id: T; holder: Running }> {
    const runs = 'an execution runs'
    const before = fleet.workers.map((worker) => saidOf(worker, runs).length)
    const stalled = artifacts.fault(LAYER_PUT, faults.stallUpload(MIB / 2), { times: 1 })
    const id = await begin()
    await stalled.reached
    // What a worker says may arrive after what it did.
    const holder = await Promise.any(
      fleet.workers.map(async (worker, index) => {
        await worker.printed(new RegExp(`(?:${runs}[^]*?){${(before[index] ?? 0) + 1}}`))
        return worker
      }),
    )
    return { id, holder }
  }

  test('share thirty executions without doing one twice', async () => {
    const image = await offer('thirty')
    const ids: number[] = []
    while (ids.length < 30) ids.push(await run())
    for (const id of ids) await succeeds(id, image)
    const uploads = artifacts.find({ method: 'PUT', path: /\/blobs\/uploads\//, status: 201 })
    assert.equal(uploads.length, image.blobs.length, 'each blob is sent by one worker, once')
    const endedOf = () => fleet.workers.map((worker) => saidOf(worker, 'an execution ended'))
    while (endedOf().flat().length < 30) await sleep(20)
    const ended = endedOf()
    assert.equal(ended.flat().length, 30)
    assert.equal(new Set(ended.flat()).size, 30)
    assert.ok(ended.filter((ids) => ids.length > 0).length > 1, 'more than one of them had a part in it')
    assert.doesNotMatch(fleet.service.process.stdout(), /an execution runs/)
  })

  test('go on when a worker is paused past its lease, comes back to find that another one has it, and that one is killed', async () => {
    const image = await offer('paused')
    const { id, holder } = await inMidCopy(run)
    holder.kill('SIGSTOP')
    const { holder: second } = await inMidCopy(async () => {})
    holder.kill('SIGCONT')
    await holder.printed(/the claim on an execution was lost/)
    second.kill('SIGKILL')
    artifacts.clearFaults()
    await succeeds(id, image)
  })

  test('show their numbers where they are asked to', async () => {
    const listen = `127.0.0.1:${await findFreePort()}`
    const worker = await fleet.hire({ TAGBOAT_METRICS_LISTEN: listen })
    const [metrics, health, none] = await Promise.all(
      ['metrics', 'health', 'ready'].map((path) => fetch(`http://${listen}/${path}`)),
    )
    assert.match(
      (await metrics?.text()) ?? '',
      /^tagboat_executions\{status=|^tagboat_queue_depth\{queue="executions"\} 0$/m,
    )
    assert.deepEqual([health?.status, none?.status], [200, 404])
    worker.kill('SIGTERM')
    assert.equal((await worker.finished).code, 0)
  })

  test('lose a worker by kill -9 in mid copy: another one ends what it had begun, and puts the tag once', async () => {
    const image = await offer('killed')
    const { id, holder } = await inMidCopy(run)
    holder.kill('SIGKILL')
    assert.equal((await holder.finished).signal, 'SIGKILL')
    artifacts.clearFaults()
    const from = performance.now()
    await succeeds(id, image)
    assert.ok(performance.now() - from < 10_000, 'the lease says when, and not the queue')
    await fleet.hire()
  })

  test('stop a worker by SIGTERM in mid copy: it ends within the grace, and another one ends what it hands back', async () => {
    const image = await offer('stopped')
    const { id, holder } = await inMidCopy(run)
    holder.kill('SIGTERM')
    assert.equal((await holder.finished).code, 0)
    artifacts.clearFaults()
    await succeeds(id, image)
  })
})

test('neither goes without a database to meet at', async () => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TAGBOAT_')))
  for (const args of [['worker'], ['serve', '--no-worker']]) {
    const { code, stderr } = await runProcess(TAGBOAT, args, { env })
    assert.equal(code, 2)
    assert.match(stderr, /TAGBOAT_DATABASE_URL: needed/)
  }
})
