import { cpus } from 'node:os'
import type { Case, Goal } from './case.ts'
import { median } from './measure.ts'
import type { Result } from './round.ts'
import type { Tool } from './tool.ts'

/** A case and what came of it. */
export interface Round {
  readonly case: Case
  readonly results: readonly Result[]
}

/** The middle of the ratios run by run: what the machine was doing meanwhile is the same on both sides. */
export function ratioOf(result: Result, other: Result): number {
  return median(result.walls.map((wall, run) => wall / (other.walls[run] ?? Number.NaN)))
}

/** The page's part about copying, in Markdown. */
export function formatRounds(rounds: readonly Round[], tools: readonly Tool[]): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown'
  const versions = tools.map(({ name, version }) => `${name} ${version}`).join(', ')
  return [
    `${cpus().length} × ${processor}, ${process.platform} ${process.arch}, Node ${process.versions.node}; ${versions}.`,
    ...rounds.map(formatRound),
  ].join('\n\n')
}

function formatRound({ case: one, results }: Round): string {
  const skopeo = results.find(({ tool }) => tool === 'skopeo')
  const crane = results.find(({ tool }) => tool === 'crane')
  const rows = results.map((result) => {
    const ratio = (other: Result | undefined): string =>
      other === undefined ? '–' : ratioOf(result, other).toFixed(2)
    const { wallMs, cpuMs, peakMiB, requests } = result
    const figures = [seconds(wallMs), seconds(cpuMs), peakMiB.toFixed(0), String(requests)]
    return `| ${[result.tool, ...figures, ratio(skopeo), ratio(crane)].join(' | ')} |`
  })
  return [
    `### ${one.name}`,
    '',
    '| | wall s | CPU s | peak MiB | requests | wall : skopeo | wall : crane |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    formatVerdict({ case: one, results }),
  ].join('\n')
}

function formatVerdict(round: Round): string {
  const checks = checksOf(round)
  if (checks.length === 0) return 'No goal is set here, or there was nothing to compare with.'
  const missed = checks.filter(({ is, most }) => !(is <= most))
  const say = ({ what, is, most }: Check): string => `${what} ${format(is)} (at most ${format(most)})`
  if (missed.length === 0) return `Held: ${checks.map(say).join(', ')}.`
  return `**Missed: ${missed.map(say).join(', ')}.**`
}

interface Check {
  readonly what: string
  readonly is: number
  readonly most: number
}

/** Every goal of the round beside what was reached. */
export function checksOf({ case: one, results }: Round): Check[] {
  const find = (name: string): Result | undefined => results.find(({ tool }) => tool === name)
  const [ours, single] = [find('Tagboat'), find('Tagboat, single file')]
  return [
    ...compare(ours, find('skopeo'), one.toSkopeo, 'skopeo'),
    ...compare(ours, find('crane'), one.toCrane, 'crane'),
    ...(one.singleToCrane ? compare(single, find('crane'), one.singleToCrane, 'crane, single file') : []),
  ]
}

function compare(ours: Result | undefined, other: Result | undefined, goal: Goal, name: string): Check[] {
  if (ours === undefined || other === undefined) return []
  const { wall, cpu, peakMiB, requestShare, requests } = goal
  const check = (what: string, is: number, most: number | undefined): Check[] =>
    most === undefined ? [] : [{ what, is, most }]
  return [
    ...check(`wall to ${name}`, ratioOf(ours, other), wall),
    ...check(`CPU to ${name}`, ours.cpuMs / other.cpuMs, cpu),
    ...check('peak MiB', ours.peakMiB, peakMiB),
    ...check(`requests to ${name}`, ours.requests / other.requests, requestShare),
    ...check('requests', ours.requests, requests),
  ]
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 0)
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 3 : 1)
}
