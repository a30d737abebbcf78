import assert from 'node:assert/strict'
import { test } from 'node:test'
import { made, makePromotion } from './furnish.ts'
import type { Stage } from './stage.ts'

interface Pipeline {
  readonly events: readonly object[]
  readonly trigger_conditions: readonly object[]
  readonly pause_on_repeated_failures: number
  readonly permissions: { readonly others: string; readonly groups: readonly object[] }
}

/** What people make without reading documentation. */
export function makesThingsByForms(stage: () => Stage): void {
  test('give a pipeline triggers and conditions, with what the API says at its field, and a URL that starts it', async () => {
    const { service } = stage()
    const pipeline = await makePromotion(service, 'triggered', 'mycompany/myapp')
    const path = `/workspaces/triggered/projects/shop/pipelines/${pipeline}`
    await using view = await stage().open(`triggered/shop/pipelines/pipeline/${pipeline}`, {
      timezoneId: 'America/New_York',
      locale: 'en-GB',
    })
    const { page } = view
    const main = page.getByRole('main')
    const add = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Add a trigger' }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await page.getByRole('link', { name: 'Add a trigger' }).click()
    await add('On a schedule')
    await main.getByLabel('Cron expression').fill('0 5 1 1')
    await main.getByLabel('Time zone').fill('UTC')
    await page.getByRole('option', { name: 'UTC', exact: true }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    const cron = main.getByLabel('Cron expression')
    await main.locator('[aria-invalid=true]:focus').waitFor()
    assert.equal(await cron.getAttribute('aria-invalid'), 'true')
    await cron.fill('0 5 1 1 *')
    const runs = page.getByRole('list', { name: 'Next runs' })
    // Five o'clock in UTC is midnight where this reader is.
    await runs
      .getByText(/1 Jan.* 00:00 GMT-5/)
      .first()
      .waitFor()

    await add('By its URL')
    await page.getByRole('button', { name: 'Add a condition' }).click()
    await page.getByRole('checkbox', { name: 'Mon' }).check()
    await main.getByLabel('Pauses after failures').fill('3')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('status').getByText('Saved').waitFor()
    const { body } = await service.call<Pipeline>('GET', path)
    assert.deepEqual(body.events, [
      { type: 'SCHEDULE', cron: '0 5 1 1 *', timezone: 'UTC' },
      { type: 'WEBHOOK', totp: false },
    ])
    assert.deepEqual(body.trigger_conditions, [
      {
        ...{ trigger_condition: 'DAY', trigger_days: [1] },
        ...{ timezone: 'America/New_York', zone_id: 'America/New_York' },
      },
    ])
    assert.equal(body.pause_on_repeated_failures, 3)

    await page.getByRole('button', { name: 'Make the URLs' }).click()
    const url = await page.getByRole('main').locator('pre').first().textContent()
    const started = await fetch(url ?? '', { method: 'POST' })
    assert.equal(((await started.json()) as { triggered_on: string }).triggered_on, 'WEBHOOK')
    await page.reload()
    await page.getByRole('button', { name: 'Make the URLs' }).waitFor()
    assert.equal(await page.getByText('token=').count(), 0, 'shown once')
  })

  test('show a pipeline as YAML, say at which line a change of it is wrong, and what it would change', async () => {
    const { service } = stage()
    const pipeline = await makePromotion(service, 'written', 'mycompany/myapp')
    await using view = await stage().open(`written/shop/pipelines/pipeline/${pipeline}/yaml`)
    const { page } = view
    const text = page.getByLabel('buddy.yml')
    const before = await text.inputValue()
    assert.match(before, /^- pipeline: to_production\n/)
    await text.fill(before.replace('type: PROMOTE_IMAGE', 'type: PROMOTE'))
    const line = before.slice(0, before.indexOf('type: PROMOTE_IMAGE')).split('\n').length
    await page.getByRole('button', { name: `line ${line}, column` }).click()
    const at = await page.evaluate<number>('document.activeElement.selectionStart')
    assert.equal(before.slice(at, at + 7), 'PROMOTE', 'the cursor is where it is wrong')
    await text.fill(before.replace('name: To production', 'name: To the world'))
    const diff = page.getByRole('region', { name: 'Differences' })
    await diff.getByText('-  name: To production').waitFor()
    await diff.getByText('+  name: To the world').waitFor()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('this is how it is now').waitFor()
    await page.getByRole('heading', { name: 'To the world' }).waitFor()
  })

  test('let people and groups into a project, and say what they may with one pipeline', async () => {
    const { service } = stage()
    const pipeline = await makePromotion(service, 'peopled', 'mycompany/myapp')
    const workspace = '/workspaces/peopled'
    await made(service, `${workspace}/groups`, { name: 'Operators' })
    await using view = await stage().open('peopled/-/people')
    const { page } = view
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'New permission set' }).click()
    await dialog.getByLabel('Name').fill('Deployers')
    await dialog.getByRole('combobox', { name: 'Pipelines' }).click()
    await page.getByRole('option', { name: 'See and run' }).click()
    await dialog.getByRole('button', { name: 'Make the set' }).click()
    await page.getByRole('cell', { name: 'Deployers', exact: true }).waitFor()

    await view.goto('peopled/shop/people')
    await page.getByRole('button', { name: 'Add people' }).click()
    await dialog.getByRole('combobox', { name: 'Who' }).click()
    await page.getByRole('option', { name: 'Operators (group)' }).click()
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog.getByText('is missing').waitFor()
    await dialog.getByRole('combobox', { name: 'May do what' }).click()
    await page.getByRole('option', { name: 'Deployers', exact: true }).click()
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('cell', { name: 'Operators', exact: true }).waitFor()
    const { body: team } = await service.call<{ groups: { permission_set: { name: string } }[] }>(
      'GET',
      `${workspace}/projects/shop/groups`,
    )
    assert.deepEqual(
      team.groups.map(({ permission_set: { name } }) => name),
      ['Deployers'],
    )

    await view.goto(`peopled/shop/pipelines/pipeline/${pipeline}/permissions`)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Operators' }).click()
    await page.getByRole('combobox', { name: 'What Everybody else may' }).click()
    await page.getByRole('option', { name: 'See it', exact: true }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('status').getByText('Saved').waitFor()
    const { body } = await service.call<Pipeline>('GET', `${workspace}/projects/shop/pipelines/${pipeline}`)
    assert.equal(body.permissions.others, 'READ_ONLY')
    assert.equal(body.permissions.groups.length, 1)
  })
}
