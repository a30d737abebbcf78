/**
 * Copies the same images with Tagboat and with the tools on the PATH, in turn, each as a whole process. `--only WORD` measures the cases whose
 * names have the word, and writes nothing; `--runs N`; `--single FILE`: Tagboat as one file, too.
 */
import { parseArgs } from 'node:util'
import { CASES } from './case.ts'
import { chartOf } from './chart.ts'
import { describeMachine, writePart, writePicture } from './page.ts'
import { formatRounds, type Round } from './report.ts'
import { runCase, Sources } from './round.ts'
import { findTools } from './tool.ts'

const { values } = parseArgs({
  options: { only: { type: 'string' }, runs: { type: 'string' }, single: { type: 'string' } },
})
const tools = findTools(values.single)
const versions = tools.map(({ name, version }) => `${name} ${version}`).join(', ')
const picture = '![Wall times of every case, each to its slowest tool](benchmarks.svg)'
const rounds: Round[] = []
await using sources = new Sources()
for (const one of CASES.filter(({ name }) => name.includes(values.only ?? ''))) {
  const began = performance.now()
  rounds.push({
    case: one,
    results: await runCase(one, tools, sources, Number(values.runs ?? one.runs ?? 5)),
  })
  console.error(`${one.name}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  // After each, so that a run that breaks off has not been for nothing.
  if (values.only === undefined) record()
}
console.log(formatRounds(rounds))

function record(): void {
  const text = `${describeMachine()}; ${versions}.\n\n${picture}\n\n${formatRounds(rounds)}`
  writePart('copies', text)
  writePicture('benchmarks.svg', chartOf(rounds))
}
