import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { made, makePromotion } from './furnish.ts'
import type { Stage, View } from './stage.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ROUTES = join(import.meta.dirname, '../../web/src/routes.tsx')
/** Pages that are looked at at once. */
const AT_ONCE = 3
/** What the promotion moves there. */
const PLACE = 'us-central1-docker.pkg.dev%2Fmy-project%2Faxe%2Fmyapp%3Aproduction'
const NOWHERE = 'axe/nothing/here/at/all'
const OPTIONS = { resultTypes: ['violations'], preload: false, iframes: false }

interface Results {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

/** A page by the address that its route has, and the buttons that open its dialogs. */
interface Sight {
  readonly path: string
  readonly dialogs?: readonly string[]
}

/** The addresses of all routes that show something by themselves, as the router has them. */
function routes(): readonly string[] {
  const text = readFileSync(ROUTES, 'utf8')
  const made = [...text.matchAll(/createRoute\(\{(?:(?!createRoute)[\s\S])*?\n\}\)/g)].map(([one]) => one)
  const shown = made.filter((one) => /\bcomponent:/.test(one))
  const paths = shown.flatMap((one) => /\bpath: '\/([^']*)'/.exec(one)?.[1] ?? [])
  assert.equal(paths.length, shown.length, 'each route says its path in one place')
  assert.ok(paths.length >= 20, `${paths}`)
  return paths
}

/** What axe-core finds fault with on the page as it stands, in light; and in dark, where only the colours are others. */
async function faultsOf({ page }: View, name: string, within = 'html'): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
    // What is still on its way in is half transparent, and would be counted as too faint.
    await page.evaluate(SETTLED)
    const options = { ...OPTIONS, ...(colorScheme === 'dark' && { runOnly: ['color-contrast'] }) }
    // What stands around every page has the same colours everywhere, and is looked at where there is nothing else.
    const part = colorScheme === 'dark' && within === 'html' && name !== NOWHERE ? 'main' : within
    const { violations } = await page.evaluate<Results>(
      `axe.run(${JSON.stringify(part)}, ${JSON.stringify(options)})`,
    )
    for (const { id, nodes } of violations)
      for (const { html, failureSummary = '' } of nodes)
        found.push(`${colorScheme} ${name}: ${id}: ${html.slice(0, 200)}\n${failureSummary}`)
  }
  return found
}

// Brought to their ends instead of waited for: a page that is not seen may draw no further frame, and then they never end.
const SETTLED = `for (const animation of document.getAnimations())
  if (animation.effect?.getTiming().iterations === 1) animation.finish()`

/** To another page as a link within the pages leads there, without loading its script anew, nor axe. Each page gives itself a title. */
async function go({ page }: View, path: string): Promise<void> {
  await page.evaluate(`new Promise((done, fail) => {
    const deadline = performance.now() + 10_000
    const look = () => {
      if (document.title !== '') done()
      else if (performance.now() > deadline) fail(new Error(${JSON.stringify(`${path} has no title`)}))
      else setTimeout(look, 10)
    }
    document.title = ''
    history.pushState(null, '', ${JSON.stringify(`/ui/${path}`)})
    look()
  })`)
}

async function look(view: View, { path, dialogs = [] }: Sight): Promise<string[]> {
  const { page } = view
  // By way of another, so that a page of the same kind begins anew.
  await go(view, NOWHERE)
  await go(view, path)
  await page.getByRole('heading').first().waitFor()
  await page.getByText('Loading', { exact: true }).first().waitFor({ state: 'detached' })
  const found = await faultsOf(view, path)
  for (const name of dialogs) {
    await page.getByRole('button', { name, exact: true }).first().click()
    await page.getByRole('dialog').getByRole('button').first().waitFor()
    found.push(...(await faultsOf(view, `${path} ${name}`, '[role=dialog]')))
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  return found
}

/** Every page that the router knows, with something on it, some without, and the dialogs that hold forms; in both colour schemes. */
export function isAccessible(stage: () => Stage): void {
  test('have nothing that axe-core finds fault with, in light and dark', async () => {
    const { service } = stage()
    const pipeline = await makePromotion(service, 'axe', 'mycompany/myapp')
    const above = '/workspaces/axe/projects/shop/pipelines'
    const { id: empty } = await made(service, above, {
      name: 'Empty',
      events: [
        { type: 'SCHEDULE', cron: '0 5 * * *', timezone: 'UTC' },
        { type: 'PUSH_IMAGE', images: ['acme/*'] },
        { type: 'WEBHOOK', totp: true },
      ],
      trigger_conditions: [{ trigger_condition: 'DATETIME', trigger_days: [1], trigger_hours: [9] }],
    })
    await made(service, '/workspaces/axe/webhooks', {
      target_url: 'https://hooks.example.com/tagboat',
      events: ['EXECUTION_FINISHED'],
    })
    await made(service, '/workspaces/axe/groups', { name: 'Operators' })
    await made(service, `${above}/${pipeline}/executions`, { comment: 'To be looked at' })
    const run = `${above}/${pipeline}/executions/1`
    await service.until<{ status: string }>(run, ({ status }) => status === 'SUCCESSFUL')
    await made(service, '/workspaces', { domain: 'axe-empty' })
    const { body } = await service.call<{ actions: { id: number }[] }>('GET', `${above}/${pipeline}`)

    const examples: Readonly<Record<string, string>> = {
      $workspace: 'axe',
      $project: 'shop',
      $pipeline: String(pipeline),
      $execution: '1',
      $action: String(body.actions[0]?.id),
      $token: '1',
    }
    const dialogs: Readonly<Record<string, readonly string[]>> = {
      '': ['New workspace'],
      $workspace: ['New project'],
      '$workspace/$project/pipelines': ['New pipeline'],
      '$workspace/$project/people': ['Add people'],
      '$workspace/$project/pipelines/pipeline/$pipeline': ['Run', 'as curl'],
      '$workspace/-/integrations': ['Test Docker Hub'],
      '$workspace/-/environment-variables': ['New variable'],
      '$workspace/-/people': ['New member', 'New permission set', 'Members of Operators'],
      '$workspace/-/webhooks': ['New webhook'],
      'api-tokens': ['New token'],
    }
    const filled = routes().map((route): Sight => {
      const path = route.replaceAll(
        /\$\w+/g,
        (name) => examples[name] ?? assert.fail(`${route}: an example?`),
      )
      return { path, dialogs: dialogs[route] ?? [] }
    })
    const sights: Sight[] = [
      ...filled,
      { path: 'axe-empty' },
      { path: `axe/shop?place=${PLACE}` },
      { path: `axe/shop/history?place=${PLACE}` },
      { path: 'axe-empty/-/integrations', dialogs: ['New integration'] },
      { path: `axe/shop/pipelines/pipeline/${empty}` },
      { path: `axe/shop/pipelines/pipeline/${empty}/settings`, dialogs: ['End those that there are'] },
    ]
    const found: string[] = []
    const worker = async (): Promise<void> => {
      await using view = await stage().open('axe')
      await view.page.evaluate(AXE)
      for (let sight = sights.shift(); sight !== undefined; sight = sights.shift())
        found.push(...(await look(view, sight)))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    for (const [path, token] of [[NOWHERE], ['', null]] as const) {
      await using view = await stage().open(path, token === null ? { token } : {})
      await view.page.getByRole('heading').first().waitFor()
      await view.page.evaluate(AXE)
      found.push(...(await faultsOf(view, path || 'sign in')))
    }
    assert.deepEqual(found, [], found.join('\n\n'))
  })
}
