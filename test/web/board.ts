import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { index, push } from '#support/images'
import { made, makePromotion } from './furnish.ts'
import type { Stage } from './stage.ts'

/** What stands where, and what can be done about it without leaving the page. */
export function showsWhatStandsWhere(stage: () => Stage): void {
  test('show what stands where, promote and roll back with the plan shown, and tell of a tag that another tool moved', async () => {
    const { service, hub, artifacts } = stage()
    const [first, second, strange] = ['one', 'two', 'three'].map((seed) => index({ seed, layerSize: 9_000 }))
    assert.ok(first !== undefined && second !== undefined && strange !== undefined)
    await push(hub.url, 'mycompany/boarded', 'latest', first)
    const pipeline = await makePromotion(service, 'board', 'mycompany/boarded:latest')
    const there = async () =>
      (await getManifestRaw(artifacts.url, 'my-project/board/boarded', 'production')).digest

    await using view = await stage().open('board/shop')
    const { page } = view
    const cell = page
      .getByRole('row', { name: /mycompany\/boarded/ })
      .getByRole('gridcell')
      .nth(1)
    const panel = page.getByRole('dialog')
    const close = async () => {
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'hidden' })
    }
    await cell.getByText('Nothing yet').waitFor()
    await page.getByText('Nothing was promoted yet.').waitFor()

    // By keyboard alone: into the filter, down into the grid, along to the place, and into it.
    await page.keyboard.press('/')
    await page.keyboard.type('boarded')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await panel.getByRole('heading', { name: 'mycompany/boarded · production' }).waitFor()
    const plan = panel.getByRole('list', { name: 'Plan' })
    await plan.locator(`[data-digest="${first.top.digest}"]`).waitFor()
    await plan.getByText('to send').waitFor()
    await panel.getByRole('button', { name: 'Promote', exact: true }).click()
    await panel.locator('[data-standing="in-step"]').first().waitFor()
    await panel.getByRole('link', { name: 'To production #1' }).first().waitFor()
    assert.equal(await there(), first.top.digest)
    await close()
    await cell.getByText('In step').waitFor()

    // The source moves on while a plan is looked at: what was shown goes, and nothing else.
    await push(hub.url, 'mycompany/boarded', 'latest', second)
    await page.getByRole('button', { name: 'Look again' }).click()
    await cell.getByText('Behind').waitFor()
    await cell.getByRole('button').click()
    await plan.locator(`[data-digest="${second.top.digest}"]`).waitFor()
    await push(hub.url, 'mycompany/boarded', 'latest', strange)
    await panel.getByRole('button', { name: 'Promote', exact: true }).click()
    await panel.getByRole('link', { name: 'To production #2' }).first().waitFor()
    await service.until<{ status: string }>(
      `/workspaces/board/projects/shop/pipelines/${pipeline}/executions/2`,
      ({ status }) => status === 'SUCCESSFUL',
    )
    assert.equal(await there(), second.top.digest)
    await close()

    // Another tool moves the tag.
    await push(artifacts.url, 'my-project/board/boarded', 'production', strange)
    await page.getByRole('button', { name: 'Look again' }).click()
    await cell.getByText('Changed outside').waitFor()
    await cell.getByRole('button').click()
    await panel.getByText('Another tool moved this tag behind our back').waitFor()
    const past = panel.getByRole('list', { name: 'What this tag named' })
    await past.getByRole('listitem').first().getByText('Changed outside').waitFor()

    // And back to what stood there first.
    await past
      .getByRole('listitem')
      .filter({ has: page.locator(`[data-digest="${first.top.digest}"]`) })
      .getByRole('button', { name: 'Roll back' })
      .click()
    await plan.getByText('the tag alone moves').waitFor()
    await panel.getByRole('button', { name: 'Roll back', exact: true }).click()
    await past.getByText('Rolled back').waitFor()
    assert.equal(await there(), first.top.digest)
  })

  test('find in the history what a tag named and when, where a digest is, and who put it there', async () => {
    const { service } = stage()
    const path = '/workspaces/board/projects/shop'
    const { body } = await service.call<{ moves: { digest: string }[] }>('GET', `${path}/history`)
    const digest = body.moves[0]?.digest ?? ''
    await using view = await stage().open('board/shop/history')
    const { page } = view
    const rows = page.getByRole('table', { name: 'What was promoted' }).locator('tbody tr')
    await rows.first().waitFor()
    assert.equal(await rows.count(), 3)
    await rows.first().getByText('had been changed outside').waitFor()
    await page.getByLabel('Image').fill('no such image')
    await page.getByRole('heading', { name: 'Nothing like that was promoted' }).waitFor()
    await page.getByLabel('Image').fill('boarded')
    await page.getByLabel('Digest').fill(digest.slice('sha256:'.length, 20))
    await page.getByRole('region', { name: 'Where it is now' }).getByText(':production').waitFor()
    await page.getByRole('combobox', { name: 'Person' }).click()
    await page.getByRole('option', { name: 'Owner' }).click()
    await page.waitForURL(/person=\d+/)
    await page.reload()
    await rows.first().waitFor()
    assert.equal(await page.getByLabel('Image').inputValue(), 'boarded')

    await rows
      .first()
      .getByRole('link', { name: /:production$/ })
      .click()
    const spans = page.getByRole('list', { name: 'What this tag named' }).getByRole('listitem')
    await spans.first().waitFor()
    const told = (await spans.allInnerTexts()).map(
      (text) => /[A-Z][a-z]+ (?:back|outside)|Promoted/.exec(text)?.[0],
    )
    assert.deepEqual(told, ['Rolled back', 'Changed outside', 'Promoted', 'Promoted'])
    await page.getByRole('link', { name: 'On the board' }).click()
    await page.getByRole('dialog').getByRole('heading', { name: 'mycompany/boarded · production' }).waitFor()
  })

  test('say on an empty board what to do next', async () => {
    const { service } = stage()
    await made(service, '/workspaces/board/projects', { name: 'bare', display_name: 'Bare' })
    await using view = await stage().open('board/bare')
    const { page } = view
    await page.getByRole('button', { name: 'New pipeline' }).waitFor()
    await made(service, '/workspaces/board/projects/bare/pipelines', { name: 'Later' })
    await view.goto('board/bare')
    await page.getByRole('link', { name: 'Add an action to Later' }).click()
    await page.getByRole('heading', { name: 'No action yet' }).waitFor()
    await view.goto('board/bare/history')
    await page.getByRole('heading', { name: 'Nothing was promoted yet' }).waitFor()
  })
}
