import type { Reference } from '#oci'
import { formatBytes, formatPlan, type Plan } from '#promotion'
import type { Invocation } from './command.ts'
import { describeError, printError } from './print-error.ts'
import { formatPlace, jsonPlan } from './print-plan.ts'
import { line } from './print-result.ts'
import type { TagResult } from './promote-tags.ts'

interface Context {
  readonly requests: number
  /** How many tags there were to promote. */
  readonly of: number
  readonly to: Reference
  readonly invocation: Invocation
  readonly dryRun: boolean
}

/** Prints what became of each tag. The exit code. */
export function printTags(results: readonly TagResult[], context: Context): number {
  const { requests, of, to, invocation, dryRun } = context
  const { stdout, stderr, options, env } = invocation
  const failed = results.filter((result) => result.error !== undefined)
  if (options.has('json')) {
    const sum = (key: 'sent' | 'mounted' | 'present'): number =>
      results.reduce((total, { tally }) => total + tally.bytes[key], 0)
    const [first] = failed
    stdout.write(
      line({
        status: failed.length === 0 ? 'done' : 'failed',
        bytes: { sent: sum('sent'), mounted: sum('mounted'), present: sum('present') },
        requests,
        tags: results.map((result) => jsonTag(result, dryRun)),
        ...(first && { error: describeError(first.error) }),
      }),
    )
  } else {
    for (const result of results)
      if (result.plan !== undefined && result.error === undefined)
        stdout.write(`${formatPlace(to, result.plan)}: ${formatTag(result, result.plan, dryRun)}\n`)
    stdout.write(`${results.length - failed.length} of ${of} tags · ${requests} requests\n`)
  }
  for (const { tag, error } of failed) {
    stderr.write(`${tag}:\n`)
    printError(error, stderr, env)
  }
  return failed.length === 0 ? 0 : 1
}

function formatTag({ tally }: TagResult, plan: Plan, dryRun: boolean): string {
  if (dryRun || plan.moves.length === 0) return formatPlan(plan)
  const { sent, mounted } = tally.bytes
  const parts = [
    sent > 0 ? `copied ${formatBytes(sent)}` : '',
    mounted > 0 ? `mounted ${formatBytes(mounted)}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ') || 'tagged'
}

function jsonTag({ tag, tally, plan, error }: TagResult, dryRun: boolean): object {
  return {
    tag,
    status: error === undefined ? 'done' : 'failed',
    digest: tally.digest,
    bytes: tally.bytes,
    ...(dryRun && plan !== undefined && { plan: jsonPlan(plan) }),
    ...(error !== undefined && { error: describeError(error) }),
  }
}
