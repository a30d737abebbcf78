import type { Case, Goal } from './case.ts'
import { median } from './measure.ts'
import type { Result } from './round.ts'

/** A case and what came of it. */
export interface Round {
  readonly case: Case
  readonly results: readonly Result[]
}

/** Tagboat as it is measured, and what of each case's goals is asked of it. */
const OURS = [
  { tool: 'Tagboat', toCrane: ({ toCrane }: Case): Goal => toCrane },
  {
    tool: 'Tagboat, single file',
    toCrane: ({ toCrane, singleToCrane }: Case): Goal => ({ ...toCrane, ...singleToCrane }),
  },
] as const

/** Holds of every case in which its peak is missed. */
const SINGLE_FILE =
  '- **Memory of the single file**: 44 MiB of every peak are pages of the executable (of Node as well), the rest is what Bun reads sockets into: fresh memory, of which 20 MiB may be garbage before it is collected. At 12 MiB the layer of 1 GiB takes 70 MiB instead of 80, and 1.6 times the CPU time.'

/** The middle of the ratios run by run: what the machine was doing meanwhile is the same on both sides. */
function ratioOf(result: Result, other: Result): number {
  return median(result.walls.map((wall, run) => wall / (other.walls[run] ?? Number.NaN)))
}

/** The page's part about copying, in Markdown: the goals first, then each case. */
export function formatRounds(rounds: readonly Round[]): string {
  const missed = rounds.filter((round) => checksOf(round).some(({ held }) => !held))
  const reasons = missed.map(
    ({ case: { name, dominates } }) =>
      `- **${name}**: ${dominates ?? 'it was held whenever it was looked at, so there is no profile.'}`,
  )
  return [
    '### What was to be reached',
    formatGoals(rounds),
    ...(missed.length === 0
      ? ['Every goal was held.']
      : ['What dominates where a goal was missed, from profiles:', [...reasons, SINGLE_FILE].join('\n')]),
    ...rounds.map(formatRound),
  ].join('\n\n')
}

function formatGoals(rounds: readonly Round[]): string {
  const rows = rounds.flatMap((round) =>
    checksOf(round).map(({ what, tool, is, most, held }, row) => {
      const name = row === 0 ? round.case.name : ''
      const verdict = held ? 'held' : `**missed by ${format(is - most)}**`
      return `| ${[name, what, tool === 'Tagboat' ? 'Node' : 'single file', format(is), format(most), verdict].join(' | ')} |`
    }),
  )
  return ['| case | | as | is | at most | |', '|---|---|---|---|---|---|', ...rows].join('\n')
}

function formatRound({ case: { name }, results }: Round): string {
  const skopeo = results.find(({ tool }) => tool === 'skopeo')
  const crane = results.find(({ tool }) => tool === 'crane')
  const rows = results.map((result) => {
    const ratio = (other: Result | undefined): string =>
      other === undefined ? '–' : ratioOf(result, other).toFixed(2)
    const { wallMs, cpuMs, peakMiB, requests } = result
    const figures = [seconds(wallMs), seconds(cpuMs), peakMiB.toFixed(0), String(requests)]
    return `| ${[result.tool, ...figures, ratio(skopeo), ratio(crane)].join(' | ')} |`
  })
  const runs = Math.min(...results.map(({ walls }) => walls.length))
  return [
    `### ${name}`,
    '',
    `| ${runs} runs | wall s | CPU s | peak MiB | requests | wall : skopeo | wall : crane |`,
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

interface Check {
  readonly what: string
  readonly tool: string
  readonly is: number
  readonly most: number
  readonly held: boolean
}

/** Every goal of the round beside what was reached. */
function checksOf({ case: one, results }: Round): Check[] {
  const find = (name: string): Result | undefined => results.find(({ tool }) => tool === name)
  return OURS.flatMap(({ tool, toCrane }) => {
    const ours = find(tool)
    if (ours === undefined) return []
    const checks = [
      ...compare(ours, find('skopeo'), one.toSkopeo, 'skopeo'),
      ...compare(ours, find('crane'), toCrane(one), 'crane'),
    ]
    return checks.map((check) => ({ ...check, tool, held: check.is <= check.most }))
  })
}

function compare(ours: Result, other: Result | undefined, goal: Goal, name: string) {
  const { wall, cpu, peakMiB, requestShare, requests } = goal
  const check = (what: string, is: number, most: number | undefined) =>
    most === undefined ? [] : [{ what, is, most }]
  return [
    ...(other === undefined
      ? []
      : [
          ...check(`wall to ${name}`, ratioOf(ours, other), wall),
          ...check(`CPU to ${name}`, ours.cpuMs / other.cpuMs, cpu),
          ...check(`requests to ${name}`, ours.requests / other.requests, requestShare),
        ]),
    ...check('peak MiB', ours.peakMiB, peakMiB),
    ...check('requests', ours.requests, requests),
  ]
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 0)
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 3 : 1)
}
