import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type DockerRegistry, startDockerRegistry } from '#support/docker-registry'
import { type FaultProxy, startFaultProxy } from '#support/fault-proxy'
import { type Image, index, push } from '#support/images'
import { runProcess } from '#support/process'
import { TestService } from '#support/service'
import { findTool } from '#support/tools'

/**
 * The pages in a real Chromium, before a real service with two real registries, Docker Hub's behind a proxy that faults are set on. One of it
 * serves a whole test file.
 */
export class Stage implements AsyncDisposable {
  readonly hub: FaultProxy
  readonly artifacts: DockerRegistry
  readonly service: TestService
  readonly browser: Browser
  readonly image: Image

  readonly #parts: AsyncDisposableStack

  private constructor(
    parts: Pick<Stage, 'hub' | 'artifacts' | 'service' | 'browser' | 'image'>,
    all: AsyncDisposableStack,
  ) {
    this.hub = parts.hub
    this.artifacts = parts.artifacts
    this.service = parts.service
    this.browser = parts.browser
    this.image = parts.image
    this.#parts = all
  }

  static async start(): Promise<Stage> {
    await using parts = new AsyncDisposableStack()
    await buildPages()
    const registry = parts.use(await startDockerRegistry())
    const artifacts = parts.use(await startDockerRegistry())
    const hub = parts.use(await startFaultProxy(registry.url))
    const browser = await chromium.launch({
      executablePath: findTool('chromium') ?? '',
      args: ['--no-sandbox'],
    })
    parts.defer(() => browser.close())
    const image = index({ layerSize: 200_000 })
    await push(registry.url, 'mycompany/myapp', 'latest', image)
    const service = parts.use(
      await TestService.start({
        TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
      }),
    )
    return new Stage({ hub, artifacts, service, browser, image }, parts.move())
  }

  /** A page at a path below `/ui/`, signed in unless said otherwise; what goes wrong in it fails the test that looks. */
  async open(
    path = '',
    options: BrowserContextOptions & { readonly token?: string | null } = {},
  ): Promise<View> {
    const { token = this.service.token, ...context } = options
    const page = await (await this.browser.newContext(context)).newPage()
    const view = new View(page, this.service.url)
    if (token !== null) {
      await view.goto('')
      await page.evaluate(async (text) => {
        const headers = { 'content-type': 'application/json' }
        await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ token: text }) })
      }, token)
    }
    await view.goto(path)
    return view
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync()
  }
}

/** One page, and what it complained of. */
export class View implements AsyncDisposable {
  readonly page: Page
  readonly complaints: string[] = []
  readonly #url: string

  constructor(page: Page, url: string) {
    this.page = page
    this.#url = url
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      // What the API refuses, and a service that is gone, browsers report by themselves.
      const refused = /^Failed to load resource: .*(?: status of 4\d\d|net::ERR_)/.test(message.text())
      if (message.type() === 'error' && !refused) this.complaints.push(message.text())
    })
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.#url}/ui/${path}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
    if (this.complaints.length > 0) throw new Error(`the page complained:\n${this.complaints.join('\n')}`)
  }
}

/** Builds what the service is to serve, if that is not there or old. */
export async function buildPages(): Promise<void> {
  const root = join(import.meta.dirname, '../..')
  const { code, stderr } = await runProcess(process.execPath, ['scripts/web.ts'], {
    cwd: root,
    timeoutMs: 60_000,
  })
  if (code !== 0) throw new Error(`the pages were not built:\n${stderr}`)
}
