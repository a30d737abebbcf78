/**
 * How many authenticated requests a second the service answers, and how long they take: the service as people run it, with its own PostgreSQL
 * and every protection on, and a load generator in another process on the same machine.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TestService } from '#support/service'
import type { Load } from './load.ts'
import { describeMachine, writePart } from './page.ts'

const CONNECTIONS = 16
const WARM_MS = 2_000
const MEASURED_MS = 5_000
const GOAL = 1_000

// It counts, and keeps nobody from asking: that is what is measured.
await using service = await TestService.start({ TAGBOAT_RATE_LIMIT: '10000000' })
const pipeline = await furnish()
const rows: string[] = []
for (const [what, path] of [
  ['who asks', '/user'],
  ['one project', '/workspaces/acme/projects/shop'],
  ['one pipeline with three actions', pipeline],
  ['the twenty last of a hundred executions', `${pipeline}/executions`],
] as const) {
  const cpuBefore = cpuMs()
  const load = ask(path)
  const cpu = (cpuMs() - cpuBefore) / ((load.perSecond * (WARM_MS + MEASURED_MS)) / 1000)
  if (load.refused > 0) throw new Error(`${path}: ${load.refused} were refused`)
  const figures = [load.perSecond.toFixed(0), load.p50Ms.toFixed(1), load.p99Ms.toFixed(1), cpu.toFixed(2)]
  const verdict = load.perSecond >= GOAL ? 'reached' : `**missed by ${(GOAL - load.perSecond).toFixed(0)}**`
  rows.push(`| ${[what, `\`GET ${path}\``, ...figures, GOAL, verdict].join(' | ')} |`)
  console.error(rows.at(-1))
}
const head = ['| | | a second | median ms | p99 ms | CPU ms each | at least | |', `|${'---|'.repeat(8)}`]
writePart('api', `${describeMachine()}.\n\n${[...head, ...rows].join('\n')}`)

function ask(path: string): Load {
  const args = [join(import.meta.dirname, 'load.ts'), `${service.url}${path}`, service.token]
  const numbers = [CONNECTIONS, WARM_MS, MEASURED_MS].map(String)
  return JSON.parse(execFileSync(process.execPath, [...args, ...numbers], { encoding: 'utf8' }))
}

/** A workspace as small teams have it; answers with the path of its pipeline. */
async function furnish(): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const { status, text, body: made } = await service.call('POST', path, body)
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${text}`)
    return made
  }
  await post('/workspaces', { domain: 'acme' })
  const hub = { name: 'Hub', identifier: 'hub', type: 'DOCKER_HUB', username: 'u', password: 'p' }
  await post('/workspaces/acme/integrations', hub)
  await post('/workspaces/acme/projects', { name: 'shop' })
  const { id } = await post('/workspaces/acme/projects/shop/pipelines', { name: 'Production' })
  const path = `/workspaces/acme/projects/shop/pipelines/${id}`
  const image = { docker_registry: 'DOCKER_HUB', image: 'acme/app:1', integration: 'hub' }
  const action = { name: 'Promote', type: 'PROMOTE_IMAGE', src: image, dest: { tag: 'production' } }
  for (let count = 0; count < 3; count++) await post(`${path}/actions`, action)
  // Long after this: nothing is promoted meanwhile.
  const later = { delay_until: '2100-01-01T00:00:00Z' }
  for (let count = 0; count < 100; count++) await post(`${path}/executions`, later)
  return path
}

/** User and system time of the service and its database so far. proc_pid_stat(5). */
function cpuMs(): number {
  const stat = (pid: number | string) =>
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
  const children = (pid: number | string): (number | string)[] => {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return list === '' ? [] : list.split(' ').flatMap((child) => [child, ...children(child)])
  }
  const { pid } = service.process
  const ticks = [pid, ...children(pid)].map((one) => Number(stat(one)[11]) + Number(stat(one)[12]))
  return ticks.reduce((sum, one) => sum + one, 0) * 10
}
