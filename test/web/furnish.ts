import type { TestService } from '#support/service'

/** A workspace with Docker Hub, a project and a pipeline that copies `image` to another registry; answers with the pipeline's number. */
export async function makePromotion(service: TestService, domain: string, image: string): Promise<number> {
  const workspace = `/workspaces/${domain}`
  await made(service, '/workspaces', { domain })
  await made(service, `${workspace}/integrations`, {
    name: 'Docker Hub',
    identifier: 'hub',
    type: 'DOCKER_HUB',
    username: 'mycompany',
    password: 'hub-Pa55word',
  })
  await made(service, `${workspace}/integrations`, {
    name: 'Google',
    identifier: 'google',
    type: 'GOOGLE_SERVICE_ACCOUNT',
    api_key: '{"type":"service_account"}',
  })
  await made(service, `${workspace}/projects`, { name: 'shop', display_name: 'Shop' })
  const { id } = await made(service, `${workspace}/projects/shop/pipelines`, { name: 'To production' })
  await made(service, `${workspace}/projects/shop/pipelines/${id}/actions`, {
    name: 'Copy',
    type: 'PROMOTE_IMAGE',
    src: { docker_registry: 'DOCKER_HUB', image, integration: 'hub' },
    dest: {
      docker_registry: 'GOOGLE_ARTIFACT_REGISTRY',
      registry: 'us-central1-docker.pkg.dev',
      image: `my-project/${domain}/${image.replace(/^.*\//, '').replace(/:.*$/, '')}`,
      tag: 'production',
      integration: 'google',
    },
  })
  return id
}

/** What a POST made; anything but a success is thrown. */
export async function made(
  service: TestService,
  path: string,
  body: object,
): Promise<{ readonly id: number }> {
  const { status, text } = await service.call('POST', path, body)
  if (status >= 300) throw new Error(`POST ${path}: ${status} ${text}`)
  return JSON.parse(text)
}
