import { test } from 'node:test'
import { faults } from '#support/fault-proxy'
import { index, push } from '#support/images'
import { made, makePromotion } from './furnish.ts'
import type { Stage } from './stage.ts'

interface Run {
  readonly action_executions: readonly { readonly action_execution_id: string }[]
}

/** A run whose service dies under it, and under those who watch. */
export function survivesReconnects(stage: () => Stage): void {
  test('show each blob on its way, and go on where the service was killed in mid copy', async () => {
    const { service, hub } = stage()
    const image = index({
      seed: 'big',
      layerSize: 8_000_000,
      platforms: ['linux/amd64'],
      attestations: false,
    })
    await push(hub.url, 'mycompany/big', '1.0', image)
    const pipeline = await makePromotion(service, 'watched', 'mycompany/big:1.0')
    const stall = hub.fault(
      { method: 'GET', path: /^\/v2\/mycompany\/big\/blobs\// },
      faults.stall(5_000_000),
    )
    await made(service, `/workspaces/watched/projects/shop/pipelines/${pipeline}/executions`, {})
    await using view = await stage().open(`watched/shop/pipelines/pipeline/${pipeline}/execution/1`)
    const { page } = view
    await stall.reached
    const blobs = page.getByRole('list', { name: 'Blobs' })
    await blobs
      .getByText(/^[\d.]+ [kM]B of 8\.00 MB$/)
      .first()
      .waitFor()
    await page.getByRole('progressbar', { name: 'Bytes sent' }).waitFor()

    service.process.kill('SIGKILL')
    await service.process.finished
    await page.getByText('Reconnecting').waitFor()
    stall.remove()
    stall.release()
    await service.begin(Number(new URL(service.url).port))
    await page.locator('main [data-status="SUCCESSFUL"]').first().waitFor()
    await page.getByText('Reconnecting').waitFor({ state: 'hidden' })
    await page.locator(`[data-digest="${image.top.digest}"]`).first().waitFor()
    const execution = `/workspaces/watched/projects/shop/pipelines/${pipeline}/executions/1`
    const { body } = await service.call<Run>('GET', execution)
    const log = `${execution}/action_executions/${body.action_executions[0]?.action_execution_id}/logs`
    const { total_element_count } = (await service.call<{ total_element_count: number }>('GET', log)).body
    // No line is missing, and none comes twice.
    await page.getByText(`${total_element_count} lines`, { exact: true }).waitFor()
  })
}
