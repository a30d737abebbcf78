import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hello, push } from '#support/images'
import { startReceiver } from '#support/receiver'
import { startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

test('what happened before a kill -9 is told after it, under the same id, and the execution waited for nobody', {
  timeout: 60_000,
}, async () => {
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  await using hook = await startReceiver()
  await push(hub.url, 'mycompany/myapp', 'latest', hello())
  await using service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
    TAGBOAT_ALLOW_ADDRESSES: hook.address,
  })
  try {
    await makePipeline(service)
    await service.call('POST', `${PIPELINE}/actions`, PAGE_REQUEST)
    const workspace = PIPELINE.split('/').slice(0, 3).join('/')
    const events = ['EXECUTION_SUCCESSFUL']
    const { body: webhook } = await service.call<{ id: number }>('POST', `${workspace}/webhooks`, {
      ...{ target_url: hook.url, events, secret_key: 'compare-canary' },
    })
    hook.react('hang')
    const { body } = await service.call<Execution>('POST', `${PIPELINE}/executions`)
    const path = `${PIPELINE}/executions/${body.id}`
    assert.equal((await service.until<Execution>(path, isOver)).status, 'SUCCESSFUL')
    await hook.until(1)
    const { stdout, stderr } = await service.end('SIGKILL')

    await service.begin()
    const [first, second] = await hook.until(2)
    assert.ok(first && second)
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id'])
    assert.equal(second.text, first.text)
    assert.equal(second.body.execution.status, 'SUCCESSFUL')
    assert.equal(second.body.secret_key, 'compare-canary')
    interface Hook {
      readonly requests: readonly { readonly response_status: string; readonly body: string }[]
    }
    const { requests } = await service.until<Hook>(
      `${workspace}/webhooks/${webhook.id}`,
      ({ requests: [request] }) => request?.response_status === '204',
    )
    assert.equal(requests.length, 1)
    assert.equal(/canary/.test(stdout + stderr + JSON.stringify(requests)), false)
  } finally {
    await Promise.all([hub.close(), artifacts.close()])
  }
})
