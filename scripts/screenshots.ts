/**
 * docs/*.png: the main pages in light and dark, taken in Chromium from a real service with two registries and the shop of the demo.
 * `npm run screenshots` takes them all; with names behind `--`, only these.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findTool } from '#support/tools'
import { startDemoRegistry } from '../demo/registries.ts'
import { type DemoService, startService } from '../demo/service.ts'
import { endpointsOf, Shop } from '../demo/shop.ts'

const DOCS = join(import.meta.dirname, '../docs')
const SIZE = { width: 1200, height: 720 }
const MOST_BYTES = 150_000
/** So long after everything happened they are looked at, by the browser's clock: ages are the same each time. */
const LATER_MS = 12 * 60_000

/** A page, what has to stand on it before it is taken, and what is done before that. */
interface Sight {
  readonly path: string
  readonly awaits: string | RegExp
  readonly prepare?: (page: Page) => Promise<unknown>
  readonly clock?: 'real'
}

const SIGHTS: Readonly<Record<string, Sight>> = {
  board: {
    path: 'acme/shop',
    awaits: 'Changed outside',
    // It has the registries looked at, and waits for what is newer than now.
    clock: 'real',
    prepare: (page) => page.locator('[data-loading]').waitFor({ state: 'detached' }),
  },
  execution: {
    path: 'acme/shop/pipelines/pipeline/1/execution/1',
    awaits: 'In all',
    prepare: (page) => page.getByRole('button', { name: /^Show all/ }).click(),
  },
  failure: { path: 'acme/edge/pipelines/pipeline/3/execution/1', awaits: /^What now/ },
  approval: { path: 'acme/-/approvals', awaits: /^Ship release/ },
  triggers: { path: 'acme/shop/pipelines/pipeline/1/settings', awaits: /05:30/ },
  yaml: {
    path: 'acme/edge/pipelines/pipeline/3/yaml',
    awaits: /^\+.*priority: HIGH/,
    prepare: async (page) => {
      const text = page.getByLabel('buddy.yml')
      await text.fill((await text.inputValue()).replace(/^ {2}actions:$/m, '  priority: HIGH\n$&'))
    },
  },
}

await using parts = new AsyncDisposableStack()
const registries = await Promise.all([startDemoRegistry(), startDemoRegistry()])
for (const each of registries) parts.defer(() => each.close())
const [hub, artifacts] = registries.map(({ url }) => url)
const places = { hub: hub ?? '', artifacts: artifacts ?? '' }
const service = await startService(endpointsOf(places))
parts.defer(() => service.close())
await new Shop(service.call.bind(service), places).furnish()
const executablePath = findTool('chromium')
if (executablePath === undefined) throw new Error('Chromium is not there')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
parts.defer(() => browser.close())

const wanted = process.argv.slice(2)
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await signIn(browser, service, colorScheme)
  for (const [name, sight] of Object.entries(SIGHTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const bytes = await take(await context.newPage(), service, sight)
    const file = `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`
    if (bytes.length > MOST_BYTES) throw new Error(`${file} has ${bytes.length} bytes`)
    await writeFile(join(DOCS, file), bytes)
    process.stdout.write(`docs/${file} ${bytes.length}\n`)
  }
}

async function signIn(
  browser: Browser,
  { url, token }: DemoService,
  colorScheme: 'light' | 'dark',
): Promise<BrowserContext> {
  const context = await browser.newContext({
    ...{ colorScheme, viewport: SIZE, reducedMotion: 'reduce' },
    ...{ locale: 'en-GB', timezoneId: 'Europe/Amsterdam' },
  })
  const page = await context.newPage()
  await page.goto(`${url}/ui/`)
  await page.getByLabel('Access token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Workspaces' }).waitFor()
  await page.close()
  return context
}

async function take(
  page: Page,
  { url }: DemoService,
  { path, awaits, prepare, clock }: Sight,
): Promise<Buffer> {
  if (clock !== 'real') await page.clock.setFixedTime(Date.now() + LATER_MS)
  await page.goto(`${url}/ui/${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByText('Loading', { exact: true }).first().waitFor({ state: 'detached' })
  await prepare?.(page)
  await page.getByText(awaits).first().waitFor()
  await page.evaluate('document.activeElement?.blur(), document.fonts.ready')
  const bytes = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await page.close()
  return bytes
}
