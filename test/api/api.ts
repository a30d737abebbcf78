import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { type ApiOptions, createApi } from '#api'
import { createPlanner, tryIntegration } from '#engine'
import { Secret } from '#model'
import { createAddressGuard, Network, type NetworkOptions } from '#oci'
import { startStore, type TestStore } from '#support/store'

/** What the API answered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

/** The API on a store of its own, asked without a port. */
export interface TestApi extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly open: TestStore
  readonly token: string
  /** As the owner, unless headers say otherwise; a body that is text goes as it is. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** A token with these scopes, for these workspaces (all unless given). */
  tokenFor(scopes: readonly string[], workspaces?: readonly string[]): Promise<string>
}

export const LISTEN = '127.0.0.1:7070'
/** Pages as Vite would build them, the least of them. */
const UI = join(import.meta.dirname, 'ui')
const TOKEN = 'owner-token-for-tests-0123456789abcdef'

export async function startApi(
  options: Partial<
    Pick<
      ApiOptions,
      | 'trustedProxies'
      | 'queryTokens'
      | 'rateLimitPerMinute'
      | 'ready'
      | 'log'
      | 'observe'
      | 'publicUrl'
      | 'ui'
    >
  > = {},
  reach: Partial<NetworkOptions> = {},
): Promise<TestApi> {
  const open = await startStore()
  const { store } = open
  await store.tokens.setOwner(new Secret(TOKEN))
  // Nobody answers there: no registry is asked but those that a test says.
  const nowhere = new URL('http://127.0.0.1:1')
  const endpoints = new Map(['docker.io', 'us-central1-docker.pkg.dev'].map((host) => [host, nowhere]))
  const guard = createAddressGuard({ allow: [] })
  const network = new Network({ guard, endpoints, retries: 1, retryBaseMs: 1, ...reach })
  const app = await createApi({
    store,
    changes: open.changes,
    planner: createPlanner(store, network),
    now: () => new Date(),
    publicUrl: undefined,
    listen: LISTEN,
    rateLimitPerMinute: 100_000,
    version: '0.0.0',
    mayDial: (url) => network.permits(url),
    tryIntegration: (integration, trial, signal) => tryIntegration(integration, trial, network, signal),
    ui: UI,
    ready: () => open.health(),
    ...options,
  })
  return {
    app,
    open,
    token: TOKEN,
    async ask(method, path, body, headers = {}) {
      const answer = await app.inject({
        method: method as NonNullable<InjectOptions['method']>,
        url: path,
        headers: {
          host: LISTEN,
          authorization: `Bearer ${TOKEN}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const { statusCode: status, body: text } = answer
      return {
        status,
        headers: answer.headers,
        text,
        body:
          text !== '' && /json/.test(String(answer.headers['content-type'])) ? JSON.parse(text) : undefined,
      }
    },
    async tokenFor(scopes, workspaces = []) {
      const { id: personId } = await store.tokens.owner()
      const draft = { personId, name: 'test', scopes, workspaces, expiresAt: undefined }
      return (await store.tokens.create(draft)).text.reveal()
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await network.close()
      await open.close()
    },
  }
}

/** A workspace with two integrations, a project and a pipeline; answers with the pipeline's path. */
export async function furnish(api: TestApi, domain: string, project = 'shop'): Promise<string> {
  const steps: [string, object][] = [
    ['/workspaces', { domain }],
    [
      `/workspaces/${domain}/integrations`,
      { name: 'Hub', identifier: 'hub', type: 'DOCKER_HUB', username: 'ada-canary', password: 'hub-canary' },
    ],
    [
      `/workspaces/${domain}/integrations`,
      {
        name: 'Google',
        identifier: 'google',
        type: 'GOOGLE_SERVICE_ACCOUNT',
        api_key: '{"key":"google-canary"}',
      },
    ],
    [`/workspaces/${domain}/projects`, { name: project, display_name: 'Shop' }],
    [`/workspaces/${domain}/projects/${project}/pipelines`, { name: 'To production' }],
  ]
  let id = 0
  for (const [path, body] of steps) {
    const answer = await api.ask('POST', path, body)
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`)
    id = answer.body.id
  }
  return `/workspaces/${domain}/projects/${project}/pipelines/${id}`
}

/** An action that promotes from Docker Hub to Artifact Registry, with the integrations of {@link furnish}. */
export const ACTION = {
  name: 'Promote',
  type: 'PROMOTE_IMAGE',
  src: { docker_registry: 'DOCKER_HUB', image: 'acme/app:1', integration: 'hub' },
  dest: {
    docker_registry: 'GOOGLE_ARTIFACT_REGISTRY',
    registry: 'us-central1-docker.pkg.dev',
    image: 'p/r/app:prod',
    integration: 'google',
  },
}
