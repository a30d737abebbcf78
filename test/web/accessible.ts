import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { made, makePromotion } from './furnish.ts'
import type { Stage, View } from './stage.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Results {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

/** What axe-core finds fault with on the page as it stands, in light; and in dark, where only the colours are others. */
async function faultsOf({ page }: View, name: string, within = 'html'): Promise<string[]> {
  const found: string[] = []
  await page.evaluate(AXE)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
    // What is still on its way in is half transparent, and would be counted as too faint.
    await page.evaluate(SETTLED)
    const rules = colorScheme === 'dark' ? '{ runOnly: ["color-contrast"] }' : '{}'
    const { violations } = await page.evaluate<Results>(`axe.run(${JSON.stringify(within)}, ${rules})`)
    for (const { id, nodes } of violations)
      for (const { html, failureSummary = '' } of nodes)
        found.push(`${colorScheme} ${name}: ${id}: ${html.slice(0, 200)}\n${failureSummary}`)
  }
  return found
}

const SETTLED = `Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getTiming().iterations === 1)
  .map(({ finished }) => finished.catch(() => {})))`

/** Every page, and the dialogs that hold forms, in both colour schemes. */
export function isAccessible(stage: () => Stage): void {
  test('have nothing that axe-core finds fault with, in light and dark', async () => {
    const { service } = stage()
    const pipeline = await makePromotion(service, 'axe', 'mycompany/myapp')
    const above = '/workspaces/axe/projects/shop/pipelines'
    await made(service, above, { name: 'Empty' })
    await made(service, '/workspaces/axe/webhooks', {
      target_url: 'https://hooks.example.com/tagboat',
      events: ['EXECUTION_FINISHED'],
    })
    await made(service, `${above}/${pipeline}/executions`, { comment: 'To be looked at' })
    const run = `${above}/${pipeline}/executions/1`
    await service.until<{ status: string }>(run, ({ status }) => status === 'SUCCESSFUL')
    await made(service, '/workspaces', { domain: 'axe-empty' })

    const pages: readonly (readonly [string, ...string[]])[] = [
      ['', 'New workspace'],
      ['axe', 'New project'],
      ['axe-empty'],
      ['axe-empty/-/integrations', 'New integration'],
      ['axe/shop'],
      ['axe/shop?place=us-central1-docker.pkg.dev%2Fmy-project%2Faxe%2Fmyapp%3Aproduction'],
      ['axe/shop/history'],
      ['axe/shop/history?place=us-central1-docker.pkg.dev%2Fmy-project%2Faxe%2Fmyapp%3Aproduction'],
      ['axe/shop/pipelines', 'New pipeline'],
      [`axe/shop/pipelines/pipeline/${pipeline}`, 'Run', 'as curl'],
      [`axe/shop/pipelines/pipeline/${pipeline + 1}`],
      [`axe/shop/pipelines/pipeline/${pipeline}/action/new`],
      [`axe/shop/pipelines/pipeline/${pipeline}/execution/1`],
      ['axe/-/integrations', 'Test Docker Hub'],
      ['axe/-/approvals'],
      ['axe/-/environment-variables', 'New variable'],
      ['axe/shop/variables'],
      ['axe/-/people', 'New member'],
      ['axe/-/webhooks', 'New webhook'],
      ['api-tokens', 'New token'],
      ['axe/nothing/here/at/all'],
    ]
    const found: string[] = []
    await using view = await stage().open()
    const { page } = view
    for (const [path, ...buttons] of pages) {
      await view.goto(path)
      await page.getByRole('heading').first().waitFor()
      await page.getByText('Loading', { exact: true }).first().waitFor({ state: 'detached' })
      found.push(...(await faultsOf(view, path)))
      for (const name of buttons) {
        await page.getByRole('button', { name, exact: true }).first().click()
        await page.getByRole('dialog').getByRole('button').first().waitFor()
        found.push(...(await faultsOf(view, `${path} ${name}`, '[role=dialog]')))
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'hidden' })
      }
    }
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    found.push(...(await faultsOf(view, 'sign in')))
    assert.deepEqual(found, [], found.join('\n\n'))
  })
}
