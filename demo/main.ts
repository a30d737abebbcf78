/**
 * The main job on one machine: two registries, the service on a throw-away database, the request of Buddy's "Tag Docker Image" page, and
 * the image in the other registry under the same digest. `--once` ends with 0 only if the digests agree.
 */
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { getManifestRaw } from '#support/client'
import { index, push } from '#support/images'
import { follow } from './follow.ts'
import { startDemoRegistry } from './registries.ts'
import { startService } from './service.ts'

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })

// The example of the page, to the letter.
const REQUEST = {
  name: 'Promote to production tag',
  type: 'PROMOTE_IMAGE',
  trigger_time: 'ON_EVERY_EXECUTION',
  same_location: true,
  src: {
    docker_registry: 'DOCKER_HUB',
    image: 'mycompany/myapp:latest',
    integration: 'docker_hub_integration',
  },
  dest: {
    docker_registry: 'GOOGLE_ARTIFACT_REGISTRY',
    registry: 'us-central1-docker.pkg.dev',
    image: 'my-gcp-project/my-repo/myapp:production',
    integration: 'google_service_account',
  },
}

const stopped = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopped.abort())

await using parts = new AsyncDisposableStack()
process.exitCode = (await demo()) ? 0 : 1

async function demo(): Promise<boolean> {
  const [hub, artifacts] = await Promise.all([startDemoRegistry(), startDemoRegistry()])
  parts.defer(() => hub.close())
  parts.defer(() => artifacts.close())
  say(`Docker Hub         is played by a ${hub.kind} on ${hub.url}`)
  say(`Artifact Registry  is played by a ${artifacts.kind} on ${artifacts.url}`)
  const image = index({ seed: `demo ${process.pid}`, layerSize: 24 * 1024 * 1024 })
  await push(hub.url, 'mycompany/myapp', 'latest', image)
  say(
    `mycompany/myapp:latest is there: linux/amd64, linux/arm64 and their attestations, ${image.blobs.length} blobs`,
  )

  const service = await startService(`docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`)
  parts.defer(() => service.close())
  say(`Tagboat serves     on ${service.url}\n`)

  await service.call('POST', '/workspaces', { domain: 'mycompany', name: 'My company' })
  const workspace = '/workspaces/mycompany'
  await service.call('POST', `${workspace}/integrations`, {
    name: 'Docker Hub',
    identifier: 'docker_hub_integration',
    type: 'DOCKER_HUB',
    username: 'mycompany',
    password: 'demo password',
  })
  await service.call('POST', `${workspace}/integrations`, {
    name: 'Google',
    identifier: 'google_service_account',
    type: 'GOOGLE_SERVICE_ACCOUNT',
    api_key: serviceAccountKey(),
  })
  await service.call('POST', `${workspace}/projects`, { name: 'shop', display_name: 'Shop' })
  const { body: pipeline } = await service.call<{ id: number }>(
    'POST',
    `${workspace}/projects/shop/pipelines`,
    { name: 'To production' },
  )
  const actions = `${workspace}/projects/shop/pipelines/${pipeline.id}/actions`
  const added = await service.call<object>('POST', actions, REQUEST)
  say(`POST ${actions}\n${added.status} ${JSON.stringify(added.body, null, 2)}\n`)

  const executions = `${workspace}/projects/shop/pipelines/${pipeline.id}/executions`
  const { body: execution } = await service.call<{ id: number; url: string }>('POST', executions, {
    comment: 'The demo',
  })
  say(`POST ${executions}`)
  const status = await follow(service, `${executions}/${execution.id}`)

  const source = await getManifestRaw(hub.url, 'mycompany/myapp', 'latest')
  const target = await getManifestRaw(artifacts.url, 'my-gcp-project/my-repo/myapp', 'production')
  const same =
    status === 'SUCCESSFUL' &&
    source.status === 200 &&
    target.status === 200 &&
    source.digest === target.digest
  say(`\n${status}`)
  say(`source  ${source.digest}  mycompany/myapp:latest`)
  say(`target  ${target.digest}  us-central1-docker.pkg.dev/my-gcp-project/my-repo/myapp:production`)
  say(same ? 'The digests agree.' : 'THE DIGESTS DO NOT AGREE.')
  if (values.once || !process.stdout.isTTY) return same

  say('\nTo look at:')
  say(`  curl -H 'Authorization: Bearer ${service.token}' ${execution.url}`)
  say(`  curl ${service.url}/openapi.json`)
  say(
    `  curl -H 'Accept: application/vnd.oci.image.index.v1+json' ${artifacts.url}/v2/my-gcp-project/my-repo/myapp/manifests/production`,
  )
  say(`  bin/tagboat inspect ${artifacts.url}/my-gcp-project/my-repo/myapp:production`)
  say(`\nIn a browser: ${service.url}/ui/mycompany/shop\nsigned in with   ${service.token}`)
  say('\nIt stays up until Ctrl-C.')
  // Something has to keep the process alive while it waits.
  const awake = setInterval(() => {}, 60_000)
  if (!stopped.signal.aborted) await once(stopped.signal, 'abort')
  clearInterval(awake)
  return same
}

/** A key that opens nothing: the registries of the demo ask nobody who they are. */
function serviceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return JSON.stringify({
    type: 'service_account',
    client_email: 'demo@my-gcp-project.iam.gserviceaccount.com',
    private_key_id: 'demo',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: 'https://oauth2.googleapis.com/token',
  })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
