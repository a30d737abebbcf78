import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { requireTool } from '#support/tools'
import { isAccessible } from './accessible.ts'
import { approvesWhatIsShown } from './approval.ts'
import { showsWhatStandsWhere } from './board.ts'
import { explainsFailures } from './failure.ts'
import { makesThingsByForms } from './forms.ts'
import { promotesByClicking } from './promote.ts'
import { survivesReconnects } from './reconnect.ts'
import { isQuick } from './speed.ts'
import { buildPages, Stage } from './stage.ts'

describe('the pages', { timeout: 60_000 }, () => {
  test('cost less than 250 kB of script before the first of them is seen', async () => {
    await buildPages()
    const dist = join(import.meta.dirname, '../../web/dist')
    const html = readFileSync(join(dist, 'index.html'), 'utf8')
    const scripts = [...html.matchAll(/(?:src|href)="\.\/([\w./-]+\.js)"/g)].map(([, path = '']) => path)
    assert.ok(scripts.length >= 2, html)
    const sizes = scripts.map((path) => gzipSync(readFileSync(join(dist, path))).length)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(total < 250_000, `${total} bytes`)
  })
})

describe('in a browser, the pages', { timeout: 300_000, ...requireTool('chromium') }, () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.start()
  })
  after(() => stage[Symbol.asyncDispose]())

  test('let in who has a token, say what is wrong with another, and forget who signs out', async () => {
    await using view = await stage.open('', { token: null })
    const { page } = view
    await page.getByLabel('Access token').fill('not a token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('is not known, or no longer').waitFor()
    await page.getByLabel('Access token').fill(stage.service.token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Workspaces' }).waitFor()
    assert.equal(await page.evaluate('document.cookie'), '', 'no script sees the session')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    await view.goto('mycompany')
    await page.getByLabel('Access token').waitFor()
  })

  promotesByClicking(() => stage)
  makesThingsByForms(() => stage)
  explainsFailures(() => stage)
  approvesWhatIsShown(() => stage)
  showsWhatStandsWhere(() => stage)
  survivesReconnects(() => stage)
  isAccessible(() => stage)
  // Last: the service keeps looking at what is made for it.
  isQuick(() => stage)
})
