import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { index, layers, push } from '#support/images'
import { faults, type RequestMatch, startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const REPOSITORY = 'my-gcp-project/my-repo/myapp'
const MIB = 1024 * 1024

async function setStage(env: Readonly<Record<string, string>> = {}, layerBytes = 4 * MIB) {
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  const image = layers(3, layerBytes)
  await push(hub.url, 'mycompany/myapp', 'latest', image)
  const service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
    // One blob after the other, so that it is known what is done when the kill comes.
    TAGBOAT_REGISTRY_CONCURRENCY: '1',
    TAGBOAT_GRACE_MS: '500',
    ...env,
  })
  await makePipeline(service)
  await service.call('POST', `${PIPELINE}/actions`, PAGE_REQUEST)
  return {
    ...{ hub, artifacts, image, service },
    async [Symbol.asyncDispose]() {
      artifacts.clearFaults()
      await service[Symbol.asyncDispose]()
      await Promise.all([hub.close(), artifacts.close()])
    },
  }
}

async function run(service: TestService): Promise<string> {
  const { body } = await service.call<Execution>('POST', `${PIPELINE}/executions`)
  return `${PIPELINE}/executions/${body.id}`
}

const BLOB_PUT: RequestMatch = {
  method: 'PUT',
  path: /\/blobs\/uploads\//,
  when: ({ headers }) => Number(headers['content-length']) > MIB,
}
const TAG_PUT: RequestMatch = { method: 'PUT', path: /\/manifests\/production$/ }

describe('kill -9', { timeout: 300_000 }, () => {
  test("in mid copy: after a start the execution ends SUCCESSFUL without anyone's help, and what was there is not sent again", async () => {
    // More than sockets hold: what is on its way when the kill comes does not arrive.
    await using stage = await setStage({}, 16 * MIB)
    const { service, artifacts, image, hub } = stage
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB), { after: 2, times: 1 })
    const path = await run(service)
    await stalled.reached
    const held = new Set(
      image.blobs.filter(({ digest }) => artifacts.hasBlob(REPOSITORY, digest)).map(({ digest }) => digest),
    )
    assert.ok(held.size >= 2, 'two layers were there when it was killed')

    await service.end('SIGKILL')
    artifacts.clearFaults()
    assert.equal(artifacts.getManifest(REPOSITORY, 'production'), undefined)
    hub.clear()
    const first = service.beganInMs
    await service.begin()
    // A machine that is too busy for that was so at the first start, too.
    assert.ok(service.beganInMs < Math.max(5_000, first), 'the API answers again within five seconds')

    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.status, 'SUCCESSFUL', execution.action_executions[0]?.error_message ?? '')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
    const read = hub
      .find({ method: 'GET', path: /\/blobs\// })
      .map(({ path: asked }) => asked.split('/').at(-1))
    const missing = image.blobs.map(({ digest }) => digest).filter((digest) => !held.has(digest))
    assert.deepEqual(read.toSorted(), missing.toSorted(), 'what was missing, and nothing else')
  })

  test('after the tag was put and before that was written down: SUCCESSFUL, and the tag is not put again', async () => {
    await using stage = await setStage()
    const { service, artifacts, image } = stage
    const gate = artifacts.fault(TAG_PUT, faults.gate('answer'), { times: 1 })
    const path = await run(service)
    await gate.reached
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
    await service.end('SIGKILL')
    artifacts.clearFaults()
    artifacts.clear()
    await service.begin()
    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.status, 'SUCCESSFUL')
    assert.ok(execution.finish_date !== null)
    assert.equal(artifacts.count({ method: 'PUT' }), 0)
  })

  test('just after it was called off: TERMINATED, and the tag is where it was', async () => {
    await using stage = await setStage()
    const { service, artifacts } = stage
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB), { times: 1 })
    const path = await run(service)
    await stalled.reached
    await service.call('PATCH', path, { operation: 'CANCEL' })
    await service.end('SIGKILL')
    artifacts.clearFaults()
    await service.begin()
    assert.equal((await service.until<Execution>(path, isOver)).status, 'TERMINATED')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production'), undefined)
  })

  test('of the PostgreSQL that came along, and then of the service: the execution ends SUCCESSFUL all the same', async () => {
    await using stage = await setStage()
    const { service, artifacts, image } = stage
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB), { times: 1 })
    const path = await run(service)
    await stalled.reached
    const [pid] = (await readFile(join(service.dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await service.end('SIGKILL')
    artifacts.clearFaults()
    await service.begin()
    assert.equal((await service.until<Execution>(path, isOver)).status, 'SUCCESSFUL')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
  })

  test('at three stages of one run: while it is planned, before its manifests, and before its tag: nothing is done twice, and the first digest that was written down is the one', async () => {
    await using stage = await setStage()
    const { service, artifacts, hub } = stage
    const again = async (): Promise<void> => {
      await service.end('SIGKILL')
      artifacts.clear()
      await service.begin()
    }
    const planning = hub.fault({ method: 'GET', path: /\/manifests\/latest$/ }, faults.gate(), { times: 1 })
    const path = await run(service)
    await planning.reached
    const image = index({ seed: 'found after the kill' })
    await push(hub.url, 'mycompany/myapp', 'latest', image)
    const beforeManifests = artifacts.fault({ method: 'PUT', path: /\/manifests\/sha256:/ }, faults.gate(), {
      times: 1,
    })
    await again()
    await beforeManifests.reached
    await push(hub.url, 'mycompany/myapp', 'latest', layers(1, 1000, 'too late'))
    const beforeTag = artifacts.fault(TAG_PUT, faults.gate(), { times: 1 })
    await again()
    await beforeTag.reached
    assert.equal(artifacts.count({ method: ['PUT', 'PATCH'], path: /\/blobs\// }), 0, 'every blob was there')
    await again()
    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.status, 'SUCCESSFUL', execution.action_executions[0]?.error_message ?? '')
    assert.equal(execution.action_executions[0]?.promotion?.digest, image.top.digest)
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
    assert.equal(artifacts.count({ method: ['PUT', 'PATCH'], path: /\/blobs\// }), 0)
    assert.equal(artifacts.count(TAG_PUT), 1)
  })

  test('with a source that moves on meanwhile: what was pinned is what is promoted', async () => {
    await using stage = await setStage()
    const { service, artifacts, image, hub } = stage
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB), { times: 1 })
    const path = await run(service)
    await stalled.reached
    await service.end('SIGKILL')
    artifacts.clearFaults()
    await push(hub.url, 'mycompany/myapp', 'latest', layers(1, 1000, 'another'))
    await service.begin()
    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.action_executions[0]?.promotion?.digest, image.top.digest)
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
  })
})

describe('SIGTERM', { timeout: 60_000 }, () => {
  test('in mid copy hands the execution back within the grace, and the next start finishes it', async () => {
    await using stage = await setStage()
    const { service, artifacts, image } = stage
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB), { times: 1 })
    const path = await run(service)
    await stalled.reached
    const from = performance.now()
    const { code } = await service.end('SIGTERM')
    assert.equal(code, 0)
    assert.ok(performance.now() - from < 20_000, 'it does not wait for ever')
    artifacts.clearFaults()
    await service.begin()
    assert.equal((await service.until<Execution>(path, isOver)).status, 'SUCCESSFUL')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
  })
})

describe('a service before a slow target', { timeout: 120_000 }, () => {
  let stage: Awaited<ReturnType<typeof setStage>>
  before(async () => {
    stage = await setStage({ TAGBOAT_GRACE_MS: '100000' })
  })
  after(() => stage[Symbol.asyncDispose]())

  test('ends what is called off within five seconds, hangs up on both sides, and says the same when it is asked twice', async () => {
    const { service, artifacts, hub } = stage
    const old = layers(1, 1000, 'old')
    await push(artifacts.url, REPOSITORY, 'production', old)
    const large = layers(1, 16 * MIB, 'large')
    await push(hub.url, 'mycompany/myapp', 'latest', large)
    const slow = artifacts.fault(BLOB_PUT, faults.throttleUpload(MIB))
    const kept = artifacts.fault({ method: 'DELETE' }, faults.respond(500))
    const path = await run(service)
    await slow.reached
    const cancel = () => service.call<Execution>('PATCH', path, { operation: 'CANCEL' })
    const from = performance.now()
    await cancel()
    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.status, 'TERMINATED')
    const layer = large.blobs.at(-1)?.digest ?? ''
    const [[read], [sent]] = [hub.find({ url: new RegExp(layer) }), artifacts.find(BLOB_PUT)]
    while (!(read?.aborted && sent?.aborted)) await sleep(20)
    assert.ok(performance.now() - from < 5000, `${performance.now() - from} ms`)
    assert.ok(kept.hits > 0, 'the upload was given up, which the registry would not have')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, old.top.digest)
    const [again, oncemore] = [await cancel(), await cancel()]
    assert.deepEqual([again.status, again.body.status], [200, 'TERMINATED'])
    assert.deepEqual(oncemore.body, again.body)
    artifacts.clearFaults()
  })

  test('does not call off what has ended', async () => {
    const { service } = stage
    const path = await run(service)
    assert.equal((await service.until<Execution>(path, isOver)).status, 'SUCCESSFUL')
    const { text } = await service.call('GET', path)
    assert.equal((await service.call('PATCH', path, { operation: 'CANCEL' })).status, 409)
    assert.equal((await service.call('GET', path)).text, text)
  })

  test('ends on the spot when it is told to a second time, however long it may take', async () => {
    const { service, artifacts, hub } = stage
    await push(hub.url, 'mycompany/myapp', 'latest', layers(1, 4 * MIB, 'never'))
    const stalled = artifacts.fault(BLOB_PUT, faults.stallUpload(MIB))
    await run(service)
    await stalled.reached
    service.process.kill('SIGTERM')
    await service.process.printed(/Tagboat stops/)
    const from = performance.now()
    assert.equal((await service.end('SIGTERM')).code, 143)
    assert.ok(performance.now() - from < 5000)
  })
})
