import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { layers, push } from '#support/images'
import { faults, type RequestMatch, startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const REPOSITORY = 'my-gcp-project/my-repo/myapp'
const MIB = 1024 * 1024

async function setStage() {
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  const image = layers(3, 4 * MIB)
  await push(hub.url, 'mycompany/myapp', 'latest', image)
  const service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
    // One blob after the other, so that it is known what is done when the kill comes.
    TAGBOAT_REGISTRY_CONCURRENCY: '1',
    TAGBOAT_GRACE_MS: '500',
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
    await using stage = await setStage()
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
    const from = performance.now()
    await service.begin()
    assert.ok(performance.now() - from < 5_000, 'the API answers again within five seconds')

    const execution = await service.until<Execution>(path, isOver)
    assert.equal(execution.status, 'SUCCESSFUL', execution.action_executions[0]?.error_message ?? '')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, image.top.digest)
    const read = hub
      .find({ method: 'GET', path: /\/blobs\// })
      .map(({ path: asked }) => asked.split('/').at(-1))
    assert.deepEqual(
      read.filter((digest) => held.has(digest ?? '')),
      [],
    )
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
