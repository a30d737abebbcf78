import { index, push } from '#support/images'

/** How a service is spoken to; what is no success is for the caller to throw. */
type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>

/** Where the images of the shop are: Docker Hub, and Artifact Registry in Google's cloud. */
export interface Registries {
  readonly hub: string
  readonly artifacts: string
}

interface Run {
  readonly id: number
  readonly status: string
}

const PROJECT = '/workspaces/acme/projects/shop'
const GOOGLE = 'europe-west4-docker.pkg.dev'
const IMAGES = ['storefront', 'checkout', 'search', 'mailer'] as const
const OVER: ReadonlySet<string> = new Set(['SUCCESSFUL', 'FAILED', 'TERMINATED', 'SKIPPED'])

/** The endpoints under which a service finds the two registries. */
export function endpointsOf({ hub, artifacts }: Registries): string {
  return `docker.io=${hub},${GOOGLE}=${artifacts}`
}

/**
 * A workspace as it is after some weeks: a project whose images go to staging and production, with people, credentials, a schedule, a run that
 * failed, one that waits for a yes, and a tag that another tool moved.
 */
export class Shop {
  readonly #call: Call
  readonly #registries: Registries

  constructor(call: Call, registries: Registries) {
    this.#call = call
    this.#registries = registries
  }

  async furnish(): Promise<void> {
    await this.#make('/workspaces', { domain: 'acme', name: 'Acme' })
    await this.#people()
    await this.#make('/workspaces/acme/integrations', {
      ...{ name: 'Docker Hub', identifier: 'docker_hub', type: 'DOCKER_HUB' },
      ...{ username: 'acme', password: 'demo password' },
    })
    await this.#make('/workspaces/acme/integrations', {
      ...{ name: 'Google production', identifier: 'google_production', type: 'GOOGLE_SERVICE_ACCOUNT' },
      api_key: '{"type":"service_account"}',
    })
    await this.#make('/workspaces/acme/webhooks', {
      target_url: 'https://hooks.acme.example/deployments',
      events: ['EXECUTION_FINISHED'],
    })
    await this.#make('/workspaces/acme/projects', { name: 'shop', display_name: 'Shop' })
    await this.#make('/workspaces/acme/projects', { name: 'edge', display_name: 'Edge' })
    for (const [key, value, description] of [
      ['REGION', 'europe-west4', 'Where production runs'],
      ['RELEASE', '2026.11', 'The release that is being rolled out'],
    ])
      await this.#make('/workspaces/acme/variables', {
        ...{ key, value, description, settable: true },
        project: { name: 'shop' },
      })
    await this.#team()
    const staging = await this.#pipeline('To staging', 'main', 'staging', {
      events: [
        { type: 'PUSH_IMAGE', images: ['acme/*'], tags: ['main'] },
        { type: 'SCHEDULE', cron: '30 5 * * 1-5', timezone: 'Europe/Amsterdam' },
      ],
      pause_on_repeated_failures: 3,
    })
    const production = await this.#pipeline('To production', 'staging', 'production', {
      events: [{ type: 'WEBHOOK', totp: true }],
      trigger_conditions: [{ trigger_condition: 'DAY', trigger_days: [1, 2, 3, 4, 5, 6, 7] }],
    })
    const edge = '/workspaces/acme/projects/edge/pipelines'
    const mirror = await this.#make(edge, { name: 'Mirror to the edge' })
    await this.#make(`${edge}/${mirror}/actions`, {
      ...{ name: 'Copy to the edge', type: 'PROMOTE_IMAGE' },
      src: { docker_registry: 'DOCKER_HUB', image: 'acme/storefront:main', integration: 'docker_hub' },
      dest: { docker_registry: 'OTHER', registry: 'http://10.20.0.7:5000', image: 'edge/storefront:main' },
    })
    await this.#push('1')
    await this.#run(staging, { comment: 'Release 2026.10' })
    await this.#run(production, { comment: 'Release 2026.10' })
    await this.#push('2', ['storefront', 'checkout'])
    await this.#run(staging, { comment: 'Release 2026.11' })
    const failed = await this.#make(`${edge}/${mirror}/executions`, {})
    await this.#until(`${edge}/${mirror}/executions/${failed}`, ({ status }) => OVER.has(status))
    await this.#push('3', ['storefront'])
    await this.#elsewhere()
    await this.#ask()
  }

  /** Each image goes from one tag to the next: out of Docker Hub for staging, inside Artifact Registry for production. */
  async #pipeline(name: string, from: string, to: string, more: object): Promise<number> {
    const id = await this.#make(`${PROJECT}/pipelines`, { name, ...more })
    for (const image of IMAGES)
      await this.#make(`${PROJECT}/pipelines/${id}/actions`, {
        ...{ name: `Promote ${image}`, type: 'PROMOTE_IMAGE' },
        src:
          from === 'main'
            ? { docker_registry: 'DOCKER_HUB', image: `acme/${image}:main`, integration: 'docker_hub' }
            : google(image, from),
        dest: google(image, to),
      })
    return id
  }

  async #people(): Promise<void> {
    const people: number[] = []
    for (const [email] of [['ada@acme.example'], ['grace@acme.example'], ['linus@acme.example']])
      people.push(await this.#make('/workspaces/acme/members', { email }))
    const group = await this.#make('/workspaces/acme/groups', {
      name: 'Release managers',
      description: 'They answer for production',
    })
    for (const id of people.slice(0, 2)) await this.#make(`/workspaces/acme/groups/${group}/members`, { id })
    await this.#make('/workspaces/acme/permissions', {
      ...{ name: 'Deployers', description: 'Run pipelines, and change none' },
      ...{ pipeline_access_level: 'RUN_ONLY', project_team_access_level: 'READ_ONLY' },
    })
  }

  async #team(): Promise<void> {
    const list = async <T>(path: string): Promise<T> =>
      (await this.#call('GET', `/workspaces/acme/${path}`)).body as T
    const { permission_sets: sets } = await list<{ permission_sets: { id: number; name: string }[] }>(
      'permissions',
    )
    const { groups } = await list<{ groups: { id: number }[] }>('groups')
    const { members } = await list<{ members: { id: number; email: string | null }[] }>('members')
    const set = (name: string) => ({ id: sets.find((each) => each.name === name)?.id })
    await this.#make(`${PROJECT}/groups`, { id: groups[0]?.id, permission_set: set('Project manager') })
    const linus = members.find(({ email }) => email?.startsWith('linus'))
    await this.#make(`${PROJECT}/members`, { id: linus?.id, permission_set: set('Deployers') })
  }

  /** What the builders pushed: each image anew. */
  async #push(version: string, images: readonly string[] = IMAGES): Promise<void> {
    for (const image of images)
      await push(this.#registries.hub, `acme/${image}`, 'main', imageOf(image, version))
  }

  /** Another tool moves a tag behind our back. */
  async #elsewhere(): Promise<void> {
    await push(this.#registries.artifacts, 'acme/shop/mailer', 'production', imageOf('mailer', 'hotfix'))
    await this.#call('POST', `${PROJECT}/board/look`)
  }

  /** A run that waits for somebody's yes. */
  async #ask(): Promise<void> {
    const id = await this.#make(`${PROJECT}/pipelines`, { name: 'Release checkout' })
    const path = `${PROJECT}/pipelines/${id}`
    await this.#make(`${path}/actions`, {
      ...{ name: 'Ask the release managers', type: 'WAIT_FOR_APPLY' },
      comment: 'Ship release $RELEASE of the checkout to production?',
    })
    await this.#make(`${path}/actions`, {
      ...{ name: 'Promote checkout', type: 'PROMOTE_IMAGE' },
      ...{ src: google('checkout', 'staging'), dest: google('checkout', 'production') },
    })
    const run = await this.#make(`${path}/executions`, { comment: 'Release 2026.11' })
    await this.#until(`${path}/executions/${run}`, ({ status }) => status.startsWith('WAITING'))
  }

  async #run(pipeline: number, body: object): Promise<void> {
    const id = await this.#make(`${PROJECT}/pipelines/${pipeline}/executions`, body)
    const path = `${PROJECT}/pipelines/${pipeline}/executions/${id}`
    await this.#until(path, ({ status }) => OVER.has(status))
  }

  async #until(path: string, is: (run: Run) => boolean): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      if (is((await this.#call('GET', path)).body as Run)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`${path} did not come to what was awaited`)
  }

  async #make(path: string, body: object): Promise<number> {
    const { status, body: made } = await this.#call('POST', path, body)
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(made)}`)
    return (made as { readonly id: number }).id
  }
}

function google(image: string, tag: string): object {
  const place = { docker_registry: 'GOOGLE_ARTIFACT_REGISTRY', registry: GOOGLE }
  return { ...place, image: `acme/shop/${image}:${tag}`, integration: 'google_production' }
}

function imageOf(name: string, version: string) {
  return index({ seed: `${name} ${version}`, layerSize: 400_000 + name.length * 90_000 })
}
