import type { TestService } from '#support/service'

/** The body of the page's own example, to the letter. */
export const PAGE_REQUEST = `{
  "name": "Promote to production tag",
  "type": "PROMOTE_IMAGE",
  "trigger_time": "ON_EVERY_EXECUTION",
  "same_location": true,
  "src": {
    "docker_registry": "DOCKER_HUB",
    "image": "mycompany/myapp:latest",
    "integration": "docker_hub_integration"
  },
  "dest": {
    "docker_registry": "GOOGLE_ARTIFACT_REGISTRY",
    "registry": "us-central1-docker.pkg.dev",
    "image": "my-gcp-project/my-repo/myapp:production",
    "integration": "google_service_account"
  }
}`

/** Where the page's pipeline is, once {@link makePipeline} has made what is around it. */
export const PIPELINE = '/workspaces/mycompany/projects/shop/pipelines/1'

/** A workspace with the page's two integrations, a project and an empty pipeline. `apiKey`: the Google key. */
export async function makePipeline(
  service: TestService,
  apiKey = '{"type":"service_account"}',
): Promise<void> {
  const steps: [string, unknown][] = [
    ['/workspaces', { domain: 'mycompany' }],
    [
      '/workspaces/mycompany/integrations',
      {
        name: 'Hub',
        identifier: 'docker_hub_integration',
        type: 'DOCKER_HUB',
        username: 'mycompany',
        password: 'hub-Pa55word',
      },
    ],
    [
      '/workspaces/mycompany/integrations',
      {
        name: 'Google',
        identifier: 'google_service_account',
        type: 'GOOGLE_SERVICE_ACCOUNT',
        api_key: apiKey,
      },
    ],
    ['/workspaces/mycompany/projects', { name: 'shop', display_name: 'Shop' }],
    ['/workspaces/mycompany/projects/shop/pipelines', { name: 'To production' }],
  ]
  for (const [path, body] of steps) {
    const { status, text } = await service.call('POST', path, body)
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`)
  }
}

/** What an execution looks like to those who ask. */
export interface Execution {
  readonly id: number
  readonly url: string
  readonly status: string
  readonly finish_date: string | null
  readonly action_executions: readonly {
    readonly action_execution_id: string
    readonly status: string
    readonly error_message: string | null
    readonly promotion: {
      readonly digest: string
      readonly previous_digest: string | null
      readonly bytes_sent: number
      readonly requests: number
      readonly phases: readonly { readonly phase: string; readonly duration_ms: number }[]
    } | null
  }[]
}

export const isOver = ({ status }: Execution): boolean =>
  ['SUCCESSFUL', 'FAILED', 'TERMINATED'].includes(status)
