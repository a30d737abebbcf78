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
  /** Run by run, for the ratio to another tool in the same round. */
  readonly walls: readonly number[]
}

const LIMIT_MS = 180_000
/** A case that has taken this long ends with the round, once it has so many. */
const LONG_MS = 50_000
const LEAST_ROUNDS = 2

/** The registries to copy from: started when they are asked for, and filled once. */
export class Sources implements AsyncDisposable {
  readonly #parts = new AsyncDisposableStack()
  readonly #registries = new Map<boolean, BenchRegistry>()
  readonly #held = new Set<string>()

  /** One that holds the image. */
  async holding(image: ImageName, tls = false): Promise<BenchRegistry> {
    const registry = this.#registries.get(tls) ?? this.#parts.use(await startReal(tls))
    this.#registries.set(tls, registry)
    const key = `${image} ${tls}`
    if (!this.#held.has(key)) await IMAGES[image]({ url: registry.url, repository: repositoryOf(image) })
    this.#held.add(key)
    return registry
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync()
  }
}

/** Measures every tool that can do the case, in turn. The first round does not count, but where one takes very long. */
export async function runCase(
  one: Case,
  tools: readonly Tool[],
  sources: Sources,
  runs: number,
): Promise<Result[]> {
  await using parts = new AsyncDisposableStack()
  const real = await sources.holding(one.image, one.tls)
  const { delayMs, tls = false } = one
  const source = delayMs === undefined ? real : parts.use(await startSink({ data: real.data, delayMs }))
  const stage: Stage = {
    ...{ one, source, env: await environment(parts, tls) },
    target: one.errand === 'retag' ? source : one.before === 'done' && parts.use(await startTarget(one)),
  }
  const able = new Set(tools)
  const measured = new Map<Tool, (Measured & { readonly requests: number })[]>()
  const began = performance.now()
  for (let run = one.long ? 1 : 0; run <= runs; run++) {
    if (run > LEAST_ROUNDS && performance.now() - began > LONG_MS) break
    for (const tool of able) {
      const result = await runOnce(stage, tool, run)
      if (result === undefined || result.code !== 0) {
        if (tool.ours) throw new Error(`${tool.name}: ${one.name}: ${result?.code}: ${result?.stderr}`)
        if (result !== undefined) console.error(`left out: ${tool.name}: ${result.code}: ${result.stderr}`)
        able.delete(tool)
        measured.delete(tool)
      } else if (run > 0) measured.set(tool, [...(measured.get(tool) ?? []), result])
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

interface Stage {
  readonly one: Case
  readonly source: BenchRegistry
  /** The same for all runs, or a new one for each. */
  readonly target: BenchRegistry | false
  readonly env: NodeJS.ProcessEnv
}

/** Undefined where the tool does not do such a thing. */
async function runOnce({ one, source, env, ...stage }: Stage, tool: Tool, run: number) {
  await using parts = new AsyncDisposableStack()
  const target = stage.target || parts.use(await startTarget(one))
  const from = repositoryOf(one.image)
  const errand: Errand = {
    ...{ source, target, tls: one.tls === true, from, referrers: one.errand === 'with referrers' },
    to: one.errand === 'retag' ? from : from.replace('bench', 'copies'),
    tag: one.errand === 'all tags' ? undefined : 'v1',
    ...(one.errand === 'retag' && { newTag: `${tool.name.replace(/\W/g, '')}-${run}`.toLowerCase() }),
  }
  const command = tool.command(errand)
  if (command === undefined) return undefined
  const sides = new Set([source, target])
  // Whoever is first finds the target empty, and fills it for all.
  if (one.before === 'done' && run === 0) await measure(command, env, LIMIT_MS)
  tool.prepare?.()
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

/** Where an image lies. */
export function repositoryOf(image: ImageName): string {
  return `bench/${image.replace(' ', '-')}`
}

/** Without what is set for the shell's own copies. The others are told by options not to check the certificate, which Tagboat cannot be. */
async function environment(parts: AsyncDisposableStack, tls: boolean): Promise<NodeJS.ProcessEnv> {
  const own = Object.entries(process.env).filter(([name]) => !/^TAGBOAT_|_proxy$/i.test(name))
  if (!tls) return Object.fromEntries(own)
  const directory = await mkdtemp(join(tmpdir(), 'tagboat-bench-'))
  parts.defer(() => rm(directory, { recursive: true }))
  const file = join(directory, 'ca.pem')
  await writeFile(file, certificate.cert)
  return { ...Object.fromEntries(own), TAGBOAT_CA_FILE: file }
}
