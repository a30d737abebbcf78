import { test } from 'node:test'
import type { Stage } from './stage.ts'

/** A failure that needs no other page to be understood. */
export function explainsFailures(stage: () => Stage): void {
  test('say of a failed promotion what failed where, what that means, and offer to try again', async () => {
    const { service } = stage()
    const project = '/workspaces/failing/projects/shop'
    await service.call('POST', '/workspaces', { domain: 'failing' })
    await service.call('POST', '/workspaces/failing/projects', { name: 'shop', display_name: 'Shop' })
    await service.call('POST', `${project}/pipelines`, { name: 'Inside' })
    const { body: list } = await service.call<{ pipelines: { id: number }[] }>('GET', `${project}/pipelines`)
    const id = list.pipelines[0]?.id
    await service.call('POST', `${project}/pipelines/${id}/actions`, {
      name: 'Copy it',
      type: 'PROMOTE_IMAGE',
      src: { docker_registry: 'OTHER', registry: 'http://127.0.0.1:9', image: 'team/app:1' },
      dest: { docker_registry: 'OTHER', registry: 'http://127.0.0.1:9', image: 'team/app:2' },
    })
    await using view = await stage().open(`failing/shop/pipelines/pipeline/${id}`)
    const { page } = view
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
    const why = page.getByRole('region', { name: 'Why it failed' })
    await why.getByText('BLOCKED_ADDRESS').waitFor()
    await why.getByText('at the source').waitFor()
    await why.getByText('It means:').waitFor()
    await why.getByText('What now:').waitFor()
    await why.getByText('127.0.0.1:9/team/app:1').waitFor()
    const failures = page.getByRole('log').getByText('failed: BLOCKED_ADDRESS')
    await failures.waitFor()
    await page.getByRole('button', { name: 'Retry' }).click()
    // The reason may be gone for less than a look takes; the log keeps both.
    await failures.nth(1).waitFor()
    await why.getByText('BLOCKED_ADDRESS').waitFor()
  })
}
