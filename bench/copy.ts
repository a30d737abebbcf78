/**
 * `npm run bench [-- --only WORD] [--runs N] [--single FILE]`: copies the same images with Tagboat and with the tools on the PATH, in turn, each
 * as a whole process, and writes docs/benchmarks.md and its chart. `--only` measures the cases whose names have the word, and writes nothing.
 * Best with TMPDIR in memory: what is measured is not a disk.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES } from './case.ts'
import { chartOf } from './chart.ts'
import { formatRounds, type Round } from './report.ts'
import { runCase } from './round.ts'
import { findTools } from './tool.ts'

const MARKS = ['<!-- copies: begin -->', '<!-- copies: end -->'] as const

const { values } = parseArgs({
  options: { only: { type: 'string' }, runs: { type: 'string' }, single: { type: 'string' } },
})
const docs = join(import.meta.dirname, '..', 'docs')
const tools = findTools(values.single)
const rounds: Round[] = []
for (const one of CASES.filter(({ name }) => name.includes(values.only ?? ''))) {
  console.error(one.name)
  rounds.push({ case: one, results: await runCase(one, tools, Number(values.runs ?? one.runs ?? 5)) })
}
const text = formatRounds(rounds, tools)
console.log(text)
if (values.only === undefined) {
  const page = join(docs, 'benchmarks.md')
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(MARKS[0])
  const [, after = ''] = rest.split(MARKS[1])
  writeFileSync(page, `${before}${MARKS[0]}\n\n${text}\n\n${MARKS[1]}${after}`)
  writeFileSync(join(docs, 'benchmarks.svg'), chartOf(rounds))
}
