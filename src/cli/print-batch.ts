import { formatReference } from '#oci'
import type { Outcome } from './batch.ts'
import type { Invocation } from './command.ts'
import { describeError, printError } from './print-error.ts'
import { formatPlace } from './print-plan.ts'
import { line } from './print-result.ts'

interface Context {
  readonly requests: number
  /** How many there were to promote, and what they are. */
  readonly of: number
  readonly what: 'tags' | 'promotions'
  readonly invocation: Invocation
}

/** Prints what became of each. The exit code. */
export function printBatch(outcomes: readonly Outcome[], context: Context): number {
  const { requests, of, what, invocation } = context
  const { stdout, stderr, options, env } = invocation
  const failed = outcomes.filter(({ error }) => error !== undefined)
  const short = failed.length > 0 || outcomes.length < of
  if (options.has('json')) {
    const sum = (key: 'sent' | 'mounted' | 'present'): number =>
      outcomes.reduce((total, { tally }) => total + tally.bytes[key], 0)
    const [first] = failed
    stdout.write(
      line({
        status: short ? 'failed' : 'done',
        bytes: { sent: sum('sent'), mounted: sum('mounted'), present: sum('present') },
        requests,
        [what]: outcomes.map((outcome) => ({ ...label(outcome, what), ...jsonOutcome(outcome) })),
        ...(first && { error: describeError(first.error) }),
      }),
    )
  } else {
    for (const { errand, tally, summary } of outcomes)
      if (summary !== undefined) stdout.write(`${formatPlace(errand.to, tally)}: ${summary}\n`)
    stdout.write(`${outcomes.length - failed.length} of ${of} ${what} · ${requests} requests\n`)
  }
  for (const { errand, error } of failed) {
    const { from, to } = errand
    stderr.write(what === 'tags' ? `${to.tag}:\n` : `${formatReference(from)} → ${formatReference(to)}:\n`)
    printError(error, stderr, env)
  }
  return short ? 1 : 0
}

function label({ errand: { from, to } }: Outcome, what: Context['what']): object {
  return what === 'tags' ? { tag: to.tag } : { source: formatReference(from), target: formatReference(to) }
}

function jsonOutcome({ tally, plan, error }: Outcome): object {
  return {
    status: error === undefined ? 'done' : 'failed',
    digest: tally.digest,
    bytes: tally.bytes,
    ...(plan !== undefined && { plan }),
    ...(error !== undefined && { error: describeError(error) }),
  }
}
