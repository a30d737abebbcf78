import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hello, layers, push } from '#support/images'
import { faults, startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const REPOSITORY = 'my-gcp-project/my-repo/myapp'

async function setStage() {
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  const service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
    TAGBOAT_GRACE_MS: '500',
  })
  await makePipeline(service)
  return {
    ...{ hub, artifacts, service },
    async [Symbol.asyncDispose]() {
      artifacts.clearFaults()
      await service[Symbol.asyncDispose]()
      await Promise.all([hub.close(), artifacts.close()])
    },
  }
}

describe('a run that waits', { timeout: 120_000 }, () => {
  test('is there after kill -9 with what it showed, and promotes exactly that when somebody says yes', async () => {
    await using stage = await setStage()
    const { hub, artifacts, service } = stage
    const shown = layers(2, 50_000, 'shown')
    await push(hub.url, 'mycompany/myapp', 'latest', shown)
    await service.call('POST', `${PIPELINE}/actions`, {
      name: 'Ask',
      type: 'WAIT_FOR_APPLY',
      comment: 'Ship?',
    })
    await service.call('POST', `${PIPELINE}/actions`, PAGE_REQUEST)
    const { body } = await service.call<Execution>('POST', `${PIPELINE}/executions`)
    const path = `${PIPELINE}/executions/${body.id}`
    await service.until<Execution>(path, ({ status }) => status === 'WAITING_FOR_APPLY')
    await service.end('SIGKILL')
    await service.begin()
    const asked = await service.call<{
      status: string
      action_executions: { plan: { digest: string; bytes_to_send: number }[] | null }[]
    }>('GET', path)
    assert.equal(asked.body.status, 'WAITING_FOR_APPLY')
    assert.equal(asked.body.action_executions[0]?.plan?.[0]?.digest, shown.top.digest)
    const applied = await service.call('PATCH', path, { operation: 'APPLY' })
    assert.equal(applied.status, 200, applied.text)
    const done = await service.until<Execution>(path, isOver)
    assert.equal(done.status, 'SUCCESSFUL')
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, shown.top.digest)
  })
})

describe('two runs for one tag', { timeout: 120_000 }, () => {
  test('asked for at the same moment: both succeed, one after the other, and the later one has the tag', async () => {
    await using stage = await setStage()
    const { hub, artifacts, service } = stage
    const images = [layers(1, 20_000, 'one'), hello('two')]
    await push(hub.url, 'mycompany/myapp', 'one', images[0] ?? hello())
    await push(hub.url, 'mycompany/myapp', 'two', images[1] ?? hello())
    await service.call('PATCH', PIPELINE, { concurrent_pipeline_runs: true })
    const promotion = PAGE_REQUEST.replace('mycompany/myapp:latest', 'mycompany/myapp:$VERSION')
    assert.equal((await service.call('POST', `${PIPELINE}/actions`, promotion)).status, 200)
    artifacts.fault({ path: /\/blobs\// }, faults.delay(500))
    const start = (value: string) =>
      service.call<Execution>('POST', `${PIPELINE}/executions`, { variables: [{ key: 'VERSION', value }] })
    const [one, two] = await Promise.all([start('one'), start('two')])
    // Whichever was taken up first.
    const order = one.body.id < two.body.id ? images : images.toReversed()
    const previous: (string | null | undefined)[] = []
    for (const id of [1, 2]) {
      const done = await service.until<Execution>(`${PIPELINE}/executions/${id}`, isOver)
      assert.equal(done.status, 'SUCCESSFUL')
      previous.push(done.action_executions[0]?.promotion?.previous_digest)
    }
    assert.deepEqual(previous, [null, order[0]?.top.digest], 'a chain without a gap')
    const [first, second, ...others] = artifacts.find({ method: 'PUT', path: /\/manifests\/production$/ })
    assert.ok(first && second && (first.endedAt ?? Number.POSITIVE_INFINITY) <= second.at)
    assert.deepEqual(others, [])
    assert.equal(artifacts.getManifest(REPOSITORY, 'production')?.digest, order[1]?.top.digest)
  })
})
