import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificate } from '#support/certificate'
import type { Case } from './case.ts'
import { IMAGES, type ImageName } from './image.ts'
import { type Measured, mean, measure, median } from './measure.ts'
import { type BenchRegistry, startReal, startSink } from './registry.ts'
import type { Errand, Tool } from './tool.ts'

/** What one tool took for one case: the middle of its runs, CPU as their mean. */
export interface Result {
  readonly tool: string
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMiB: number
  readonly requests: number
  /** To the other tool in the same round, run by run. */
  readonly walls: readonly number[]
}

const LIMIT_MS = 180_000

/** Measures every tool that can do the case, in turn, after one round that does not count. */
export async function runCase(one: Case, tools: readonly Tool[], runs: number): Promise<Result[]> {
  await using parts = new AsyncDisposableStack()
  const real = parts.use(await startReal(one.tls === true))
  await IMAGES[one.image]({ url: real.url, repository: `bench/${nameOf(one.image)}` })
  const source =
    one.delayMs === undefined || real.data === undefined
      ? real
      : parts.use(await startSink({ data: real.data, delayMs: one.delayMs }))
  const env = await environment(parts, one.tls === true)
  const measured = new Map<Tool, (Measured & { readonly requests: number })[]>()
  for (let run = 0; run <= runs; run++) {
    for (const tool of tools) {
      const result = await runOnce(one, tool, source, run, env)
      if (result === undefined) continue
      if (result.code !== 0) throw new Error(`${tool.name}: ${one.name}: ${result.stderr}`)
      if (run > 0) measured.set(tool, [...(measured.get(tool) ?? []), result])
    }
  }
  return [...measured].map(([tool, results]) => ({
    tool: tool.name,
    wallMs: median(results.map(({ wallMs }) => wallMs)),
    cpuMs: mean(results.map(({ cpuMs }) => cpuMs)),
    peakMiB: median(results.map(({ peakBytes = Number.NaN }) => peakBytes / 1024 ** 2)),
    requests: median(results.map(({ requests }) => requests)),
    walls: results.map(({ wallMs }) => wallMs),
  }))
}

async function runOnce(one: Case, tool: Tool, source: BenchRegistry, run: number, env: NodeJS.ProcessEnv) {
  await using parts = new AsyncDisposableStack()
  const target = one.errand === 'retag' ? source : parts.use(await startTarget(one))
  const name = nameOf(one.image)
  const errand: Errand = {
    ...{ source, target, tls: one.tls === true, from: `bench/${name}` },
    to: one.errand === 'retag' ? `bench/${name}` : `copies/${name}`,
    tag: one.errand === 'all tags' ? undefined : 'v1',
    ...(one.errand === 'retag' && { newTag: `${tool.name.replace(/\W/g, '')}-${run}`.toLowerCase() }),
  }
  const command = tool.command(errand)
  if (command === undefined) return undefined
  if (one.before === 'done') await measure(command, env, LIMIT_MS)
  tool.prepare?.()
  const sides = source === target ? [source] : [source, target]
  for (const side of sides) await side.forget()
  const result = await measure(command, env, LIMIT_MS)
  let requests = 0
  for (const side of sides) requests += await side.count()
  return { ...result, requests }
}

function startTarget({ sink, delayMs, tls }: Case): Promise<BenchRegistry> {
  if (sink || delayMs !== undefined) return startSink({ ...(delayMs !== undefined && { delayMs }) })
  return startReal(tls === true)
}

function nameOf(image: ImageName): string {
  return image.replace(' ', '-')
}

async function environment(parts: AsyncDisposableStack, tls: boolean): Promise<NodeJS.ProcessEnv> {
  if (!tls) return process.env
  const directory = await mkdtemp(join(tmpdir(), 'tagboat-bench-'))
  parts.defer(() => rm(directory, { recursive: true }))
  const file = join(directory, 'ca.pem')
  await writeFile(file, certificate.cert)
  return { ...process.env, NODE_EXTRA_CA_CERTS: file }
}
