import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getManifestRaw } from '#support/client'
import type { Stage } from './stage.ts'

/** The main job, by clicking alone. */
export function promotesByClicking(stage: () => Stage): void {
  test('lead from nothing to an image in another registry by clicking alone', async () => {
    const { service, artifacts, image } = stage()
    await using view = await stage().open()
    const { page } = view
    const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
    const dialog = page.getByRole('dialog')

    await click('New workspace')
    await dialog.getByLabel('Domain').fill('not a domain')
    await dialog.getByRole('button', { name: 'Make the workspace' }).click()
    await dialog.getByText('is to be letters, digits, _ and -').waitFor()
    await dialog.getByLabel('Domain').fill('clicked')
    await dialog.getByRole('button', { name: 'Make the workspace' }).click()

    await page.getByRole('heading', { name: 'No project yet' }).waitFor()
    await click('New project')
    await dialog.getByLabel('Project').fill('Shop')
    await dialog.getByRole('button', { name: 'Make the project' }).click()
    await page.getByRole('heading', { name: 'No pipeline yet' }).waitFor()
    await click('New pipeline')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('To production')
    await dialog.getByRole('button', { name: 'Make the pipeline' }).click()
    await page.getByRole('link', { name: 'New action' }).first().click()

    const from = page.getByRole('group', { name: 'From' })
    await from.getByRole('button', { name: 'New' }).click()
    await dialog.getByLabel('User name').fill('mycompany')
    await dialog.getByLabel('Password or access token').fill('hub-Pa55word')
    await dialog.getByRole('button', { name: 'Keep the credentials' }).click()
    await from.getByRole('textbox', { name: 'Image' }).fill('mycompany/myapp')
    const to = page.getByRole('group', { name: 'To' })
    await to.getByText('Another place').click()
    await to.getByRole('combobox', { name: 'Registry' }).click()
    await page.getByRole('option', { name: 'Google Artifact Registry' }).click()
    await to.getByRole('textbox', { name: 'Regional host' }).fill('us-central1-docker.pkg.dev')
    await to.getByRole('button', { name: 'New' }).click()
    await dialog.getByLabel('Key, as JSON').fill('{"type":"service_account"}')
    await dialog.getByRole('button', { name: 'Keep the credentials' }).click()
    await to.getByRole('textbox', { name: 'Image' }).fill('my project/my-repo/myapp')
    await to.getByRole('textbox', { name: 'Tag' }).fill('production')
    await click('Add the action')
    await to.getByText('not the name of a repository').waitFor()
    await to.getByRole('textbox', { name: 'Image' }).fill('my-project/my-repo/myapp')
    await click('Add the action')

    await click('Run')
    await dialog.getByLabel('Comment').fill('By clicking')
    await dialog.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('main [data-status="SUCCESSFUL"]').first().waitFor()
    await page.locator(`[data-digest="${image.top.digest}"]`).first().waitFor()
    await page.getByText('By clicking').waitFor()
    await page.getByRole('log').getByText('tagged production').waitFor()
    const there = await getManifestRaw(artifacts.url, 'my-project/my-repo/myapp', 'production')
    assert.equal(there.digest, image.top.digest)

    const { body } = await service.call<{ html_url: string; action_executions: { html_url: string }[] }>(
      'GET',
      new URL(page.url()).pathname.replace(
        /^\/ui\/(\w+)\/(\w+)\/pipelines\/pipeline\/(\d+)\/execution\/(\d+)$/,
        '/workspaces/$1/projects/$2/pipelines/$3/executions/$4',
      ),
    )
    assert.equal(body.html_url, page.url())
  })
}
