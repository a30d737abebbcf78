import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import { index, push } from '#support/images'
import { runProcess } from '#support/process'
import { TAGBOAT, TestService } from '#support/service'
import { findTool, requireTool } from '#support/tools'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

interface Added {
  readonly name: string
  readonly type: string
  readonly trigger_time: string
  readonly same_location: boolean
  readonly src: object
  readonly dest: object
  readonly id: number
  readonly url: string
  readonly html_url: string
}

describe("the page's request", { timeout: 90_000 }, () => {
  test(
    'is posted, its pipeline is run, and the image stands in the other registry under the same digest',
    requireTool('docker-registry'),
    async () => {
      await using hub = await startDockerRegistry()
      await using artifacts = await startDockerRegistry()
      const image = index({ layerSize: 100_000 })
      await push(hub.url, 'mycompany/myapp', 'latest', image)
      await using service = await TestService.start({
        TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
      })
      await makePipeline(service)

      const added = await service.call<Added>('POST', `/api${PIPELINE}/actions`, PAGE_REQUEST)
      assert.equal(added.status, 200)
      const sent = JSON.parse(PAGE_REQUEST)
      const { name, type, trigger_time, same_location, src, dest, id, url, html_url } = added.body
      assert.deepEqual(
        { name, type, trigger_time, src, dest },
        (({ same_location: _, ...rest }) => rest)(sent),
      )
      assert.equal(same_location, false)
      assert.equal(url, `${service.url}${PIPELINE}/actions/${id}`)
      assert.match(html_url, new RegExp(`^${service.url}/ui/`))

      const run = await service.call<Execution>('POST', `${PIPELINE}/executions`)
      assert.equal(run.status, 200)
      const execution = await service.until<Execution>(`${PIPELINE}/executions/${run.body.id}`, isOver)
      assert.equal(execution.status, 'SUCCESSFUL', execution.action_executions[0]?.error_message ?? '')
      assert.equal(execution.action_executions[0]?.promotion?.digest, image.top.digest)
      const phases = execution.action_executions[0]?.promotion?.phases.map(({ phase }) => phase)
      assert.deepEqual(phases, ['PLAN', 'COPY', 'PUT', 'TAG', 'VERIFY'])

      for (const part of image.manifests) {
        const there = await getManifestRaw(artifacts.url, 'my-gcp-project/my-repo/myapp', part.digest)
        assert.deepEqual(there.bytes, part.bytes)
      }
      const tagged = await getManifestRaw(artifacts.url, 'my-gcp-project/my-repo/myapp', 'production')
      assert.equal(tagged.digest, image.top.digest)
      await skopeoAgrees(`${artifacts.host}/my-gcp-project/my-repo/myapp:production`, image.top.digest)

      const [action] = execution.action_executions
      const logs = `${PIPELINE}/executions/${run.body.id}/action_executions/${action?.action_execution_id}/logs`
      const log = await service.call<{ logs: string[]; total_element_count: number }>(
        'GET',
        `${logs}?offset=1&limit=2`,
      )
      assert.equal(log.body.logs.length, 2)
      assert.match(log.body.logs[0] ?? '', /^pinned sha256:/)

      await artifacts.clear()
      const again = await service.call<Execution>('POST', `${PIPELINE}/executions`, '')
      const second = await service.until<Execution>(`${PIPELINE}/executions/${again.body.id}`, isOver)
      assert.equal(second.status, 'SUCCESSFUL')
      assert.deepEqual(
        // The service looks at the board's tags with HEAD, whenever that is due.
        (await artifacts.requests())
          .map(({ method, path }) => `${method} ${path}`)
          .filter((request) => request !== 'HEAD /v2/my-gcp-project/my-repo/myapp/manifests/production'),
        ['GET /v2/my-gcp-project/my-repo/myapp/manifests/production'],
      )
    },
  )

  test('is refused by a service that may not reach the place, and says why', async () => {
    await using service = await TestService.start()
    await makePipeline(service)
    const body = {
      name: 'Inside',
      type: 'PROMOTE_IMAGE',
      src: { docker_registry: 'OTHER', registry: 'http://127.0.0.1:9', image: 'a/b:1' },
      dest: { docker_registry: 'OTHER', registry: 'http://localhost:9', image: 'a/c:1' },
    }
    assert.equal((await service.call('POST', `${PIPELINE}/actions`, body)).status, 200)
    const run = await service.call<Execution>('POST', `${PIPELINE}/executions`)
    const execution = await service.until<Execution>(`${PIPELINE}/executions/${run.body.id}`, isOver)
    assert.equal(execution.status, 'FAILED')
    assert.match(execution.action_executions[0]?.error_message ?? '', /^BLOCKED_ADDRESS (source|target): /)
  })
})

describe('a token', { timeout: 60_000 }, () => {
  test('is made beside the running service, and may no more than its scopes say', async () => {
    await using service = await TestService.start()
    const made = await runProcess(
      TAGBOAT,
      ['token', 'create', 'ci', '--scopes', 'EXECUTION_INFO', '--expires-in', '7'],
      {
        env: service.env,
      },
    )
    assert.equal(made.code, 0, made.stderr)
    const authorization = `Bearer ${made.stdout.trim()}`
    await makePipeline(service)
    const get = await service.call('GET', PIPELINE, undefined, { authorization })
    assert.equal(get.status, 200)
    const post = await service.call('POST', `${PIPELINE}/executions`, undefined, { authorization })
    assert.equal(post.status, 403)
  })
})

/** skopeo knows nothing of us. */
async function skopeoAgrees(reference: string, digest: string): Promise<void> {
  const skopeo = findTool('skopeo')
  if (skopeo === undefined) return
  const args = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${reference}`]
  const { stdout, stderr } = await runProcess(skopeo, args)
  assert.equal(stdout.trim(), digest, stderr)
}
