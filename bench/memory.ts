/**
 * Whether memory grows with what is copied: a blob of 1 GiB beside one of 4 GiB, and 200 tags beside 2,000, to a registry that throws blobs
 * away. `--single FILE`: Tagboat as one file, too.
 */
import { parseArgs } from 'node:util'
import type { ImageName } from './image.ts'
import { mean, measure } from './measure.ts'
import { describeMachine, writePart } from './page.ts'
import { startSink } from './registry.ts'
import { repositoryOf, Sources } from './round.ts'
import { findTools, type Tool } from './tool.ts'

const RUNS = 2
const LIMIT_MS = 60_000
/** What the second may need beside the first and still count as no growth: what one run differs from the next, about. */
const SPREAD = 1.1

const PAIRS: readonly { readonly what: string; readonly less: ImageName; readonly more: ImageName }[] = [
  { what: 'a layer of 4 GiB instead of 1 GiB', less: 'big', more: 'bigger' },
  { what: '2,000 tags instead of 200', less: 'tags', more: 'more tags' },
]

const { values } = parseArgs({ options: { single: { type: 'string' } } })
const tools = findTools(values.single).filter(({ ours }) => ours)
await using sources = new Sources()
const rows: string[] = []
for (const { what, less, more } of PAIRS) {
  for (const tool of tools) {
    const [before, after] = [await peak(tool, less), await peak(tool, more)]
    const verdict =
      after <= before * SPREAD ? 'held' : `**missed by ${(after - before * SPREAD).toFixed(0)} MiB**`
    const [first, second] = [before, after].map((mebibytes) => mebibytes.toFixed(0))
    rows.push(
      `| ${[what, tool.name, first, second, (after / before).toFixed(2), SPREAD, verdict].join(' | ')} |`,
    )
    console.error(rows.at(-1))
  }
}
const head = ['| | | MiB | MiB | grows to | at most | |', '|---|---|---|---|---|---|---|']
writePart('memory', `${describeMachine()}.\n\n${[...head, ...rows].join('\n')}`)

/** The mean of the peaks, in MiB: they hardly differ. */
async function peak(tool: Tool, image: ImageName): Promise<number> {
  const source = await sources.holding(image)
  const tag = image.includes('tags') ? undefined : 'v1'
  const peaks: number[] = []
  for (let run = 0; run < RUNS; run++) {
    await using target = await startSink({})
    const from = repositoryOf(image)
    const errand = { ...{ source, target, from, to: 'copies/image', tag }, referrers: false, tls: false }
    const {
      code,
      stderr,
      peakBytes = Number.NaN,
    } = await measure(tool.command(errand) ?? [], process.env, LIMIT_MS)
    if (code !== 0) throw new Error(`${tool.name}: ${image}: ${code}: ${stderr}`)
    peaks.push(peakBytes / 1024 ** 2)
  }
  return mean(peaks)
}
