import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hello, push } from '#support/images'
import { startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

test('whoever runs the service reads in numbers and in lines what it does, and no secret', {
  timeout: 60_000,
}, async () => {
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  await push(hub.url, 'mycompany/myapp', 'latest', hello())
  await using service = await TestService.start({
    TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
  })
  try {
    await makePipeline(service)
    await service.call('POST', `${PIPELINE}/actions`, PAGE_REQUEST)
    const { body } = await service.call<Execution>('POST', `${PIPELINE}/executions?token=canary`)
    const path = `${PIPELINE}/executions/${body.id}`
    const [{ promotion } = { promotion: null }] = (await service.until<Execution>(path, isOver))
      .action_executions
    await service.call('GET', '/nowhere/canary?token=canary')

    const response = await fetch(`${service.url}/metrics`)
    assert.match(String(response.headers.get('content-type')), /^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length + 1),
      )
    assert.equal(value('tagboat_execution_duration_seconds_count{status="succeeded"}'), 1)
    assert.equal(value('tagboat_blob_bytes_total{how="sent"}'), promotion?.bytes_sent)
    assert.ok(value('tagboat_registry_requests_total{outcome="2xx"}') > 3)
    assert.equal(value('tagboat_queue_depth{queue="executions"}'), 0)
    const route = '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions'
    const series = `tagboat_http_request_duration_seconds_count{method="POST",route="${route}",status="2xx"}`
    assert.equal(value(series), 1)
    assert.equal(/canary|mycompany|myapp/.test(text), false)

    const { stdout, stderr } = await service.end()
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const requests = lines.filter(({ msg }) => msg === 'request')
    const [run, ...more] = requests.filter((line) => line.method === 'POST' && line.route === route)
    assert.deepEqual([run.status, more.length], [200, 0])
    assert.match(run.tokenId, /^[0-9a-f-]{36}$/)
    assert.equal(typeof run.ms, 'number')
    assert.equal(requests.filter(({ status, route }) => status === 404 && route === 'none').length, 1)
    assert.equal(/canary/.test(stdout + stderr) || stdout.includes(service.token), false)
  } finally {
    await Promise.all([hub.close(), artifacts.close()])
  }
})
