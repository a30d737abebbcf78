import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type DockerRegistry, startDockerRegistry } from '#support/docker-registry'
import { type Image, index, push } from '#support/images'
import { runProcess } from '#support/process'
import { TestService } from '#support/service'
import { findTool } from '#support/tools'

/** The pages in a real Chromium, before a real service with two real registries. One of it serves a whole test file. */
export class Stage implements AsyncDisposable {
  readonly hub: DockerRegistry
  readonly artifacts: DockerRegistry
  readonly service: TestService
  readonly browser: Browser
  readonly image: Image

  private constructor(parts: Pick<Stage, 'hub' | 'artifacts' | 'service' | 'browser' | 'image'>) {
    this.hub = parts.hub
    this.artifacts = parts.artifacts
    this.service = parts.service
    this.browser = parts.browser
    this.image = parts.image
  }

  static async start(): Promise<Stage> {
    await buildPages()
    const [hub, artifacts, browser] = await Promise.all([
      startDockerRegistry(),
      startDockerRegistry(),
      chromium.launch({ executablePath: findTool('chromium') ?? '', args: ['--no-sandbox'] }),
    ])
    const image = index({ layerSize: 200_000 })
    await push(hub.url, 'mycompany/myapp', 'latest', image)
    const service = await TestService.start({
      TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
    })
    return new Stage({ hub, artifacts, service, browser, image })
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
    await this.browser.close()
    await this.service[Symbol.asyncDispose]()
    await Promise.all([this.hub.close(), this.artifacts.close()])
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
      // What the API refuses, browsers report by themselves.
      const refused = /^Failed to load resource: .* status of 4\d\d/.test(message.text())
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
