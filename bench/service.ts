/**
 * How the service does with several workers: how long a promotion waits until its registry is asked, how many promotions three workers do, and
 * how long lists take when there is a past of 10,000 runs. Registries and reader are in this very process.
 */
import pg from 'pg'
import { TestFleet } from '#support/fleet'
import { fillHistory } from '#support/history'
import { layers, push } from '#support/images'
import { startRegistry } from '#support/registry'
import { describeMachine, writePart } from './page.ts'

const DELAYS = 100
const PROMOTIONS = 200
const READS = 100
const PAST = 10_000
const PROJECT = '/workspaces/bench/projects/bench'
const PIPELINE = `${PROJECT}/pipelines/1`

const [source, target] = [await startRegistry(), await startRegistry()]
await push(source.url, 'team/app', '1', layers(8, 64 * 1024))
await using fleet = await TestFleet.start(3, {
  TAGBOAT_ENDPOINTS: `docker.io=${source.url},ghcr.io=${target.url}`,
})
const { service } = fleet
for (const [path, body] of [
  ['/workspaces', { domain: 'bench' }],
  ['/workspaces/bench/projects', { name: 'bench', display_name: 'Bench' }],
  [`${PROJECT}/pipelines`, { name: 'Bench', concurrent_pipeline_runs: true }],
  [
    `${PIPELINE}/actions`,
    {
      ...{ name: 'Promote', type: 'PROMOTE_IMAGE' },
      src: { docker_registry: 'DOCKER_HUB', image: 'team/app:1' },
      dest: { docker_registry: 'GITHUB_CONTAINER_REGISTRY', image: 'team/app:run-$BUDDY_RUN_ID' },
    },
  ],
] as const) {
  const { status, text } = await service.call('POST', path, body)
  if (status >= 300) throw new Error(`${path}: ${status} ${text}`)
}

interface Run {
  readonly id: number
  readonly status: string
}
const start = async (): Promise<number> => {
  const { status, text, body } = await service.call<Run>('POST', `${PIPELINE}/executions`)
  if (status !== 200) throw new Error(`a run was not begun: ${status} ${text}`)
  return body.id
}
const end = (id: number): Promise<Run> =>
  service.until<Run>(`${PIPELINE}/executions/${id}`, ({ status }) => {
    if (status === 'FAILED') throw new Error(`run ${id} failed`)
    return status === 'SUCCESSFUL'
  })

const rows: string[] = []
const row = (what: string, ...figures: string[]): void => {
  rows.push(`| ${[what, ...figures].join(' | ')} |`)
  console.error(rows.at(-1))
}
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

await end(await start())
const delays: number[] = []
for (let count = 0; count < DELAYS; count++) {
  source.clear()
  const from = Date.now()
  await end(await start())
  delays.push((source.requests[0]?.at ?? Number.NaN) - from)
}
row(
  'POST to the first request to a registry, workers idle',
  ms(quantile(delays, 0.5)),
  ms(quantile(delays, 0.99)),
)

const from = performance.now()
const ids = await Promise.all(Array.from({ length: PROMOTIONS }, start))
await Promise.all(ids.map(end))
const seconds = (performance.now() - from) / 1000
for (const id of ids) {
  const puts = target.count({ method: 'PUT', path: new RegExp(`/manifests/run-${id}$`) })
  if (puts !== 1) throw new Error(`the tag of run ${id} was put ${puts} times`)
}
row(
  `${PROMOTIONS} promotions by three workers, each done once`,
  `${(PROMOTIONS / seconds).toFixed(0)} a second`,
  '',
)

const client = new pg.Client(fleet.postgres.connection)
await client.connect()
const { rows: last } = await client.query('select max(id) as id from executions')
await fillHistory(client, last[0].id, PAST)
await client.end()
for (const [what, path] of [
  ['the first page of its runs', `${PIPELINE}/executions?per_page=20`],
  ['the last page of its runs', `${PIPELINE}/executions?per_page=20&page=500`],
  ['one run', `${PIPELINE}/executions/5000`],
  ['the history of its project', `${PROJECT}/history?per_page=20`],
  ['the board of its project', `${PROJECT}/board`],
] as const) {
  const took: number[] = []
  for (let count = 0; count < READS; count++) {
    const asked = performance.now()
    const { status, text } = await service.call('GET', path)
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    took.push(performance.now() - asked)
  }
  row(`a pipeline of 10,000 runs: ${what}`, ms(quantile(took, 0.5)), ms(quantile(took, 0.99)))
}

const head = ['| | median | 99 of 100 |', '|---|---|---|']
writePart('service', `${describeMachine()}.\n\n${[...head, ...rows].join('\n')}`)
await Promise.all([source.close(), target.close()])

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
