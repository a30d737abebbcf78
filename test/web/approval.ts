import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { index, push } from '#support/images'
import { made, makePromotion } from './furnish.ts'
import type { Stage } from './stage.ts'

/** A yes that is for the digests which were shown, and for no others. */
export function approvesWhatIsShown(stage: () => Stage): void {
  test('show who is asked what a yes would let happen, and ask anew when that has changed', async () => {
    const { service, hub, artifacts } = stage()
    const [first, second] = [index({ seed: 'first' }), index({ seed: 'second' })]
    await push(hub.url, 'mycompany/asked', 'latest', first)
    const pipeline = await makePromotion(service, 'asked', 'mycompany/asked:latest')
    const path = `/workspaces/asked/projects/shop/pipelines/${pipeline}`
    await made(service, `${path}/actions`, {
      name: 'Ask',
      type: 'WAIT_FOR_APPLY',
      comment: 'Ship $BUDDY_PIPELINE_NAME?',
      after_action_id: 0,
    })

    await using view = await stage().open(`asked/shop/pipelines/pipeline/${pipeline}`)
    const { page } = view
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator(`[data-digest="${first.top.digest}"]`).waitFor()
    await dialog.getByRole('button', { name: 'Run', exact: true }).click()
    const question = page.getByRole('region', { name: 'What is asked' })
    await question.getByText('Ship To production?').waitFor()
    await page.getByRole('link', { name: 'Approvals 1 waiting for you' }).click()
    await question.locator(`[data-digest="${first.top.digest}"]`).waitFor()

    // Another tool moves the tag: what was shown is not what would happen any more.
    await push(artifacts.url, 'my-project/asked/asked', 'production', second)
    await question.getByRole('button', { name: 'Approve' }).click()
    await question.getByText('there is a new plan to approve').waitFor()
    await question.locator(`[data-digest="${second.top.digest}"]`).waitFor()
    await question.getByLabel('Comment').fill('Go')
    await question.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor()

    await view.goto(`asked/shop/pipelines/pipeline/${pipeline}/execution/1`)
    await page.locator('main header [data-status="SUCCESSFUL"]').waitFor()
    const there = await getManifestRaw(artifacts.url, 'my-project/asked/asked', 'production')
    assert.equal(there.digest, first.top.digest)
    await page.getByRole('button', { name: /^Ask/ }).click()
    await page.getByText('Answered by Owner').waitFor()
  })
}
