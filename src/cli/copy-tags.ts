import { type Reference, sameRepository, type Tag } from '#oci'
import { formatBytes, formatPlan, type Plan, plan, type Source, type Target } from '#promotion'
import type { Invocation } from './command.ts'
import { compileGlob } from './glob.ts'
import { describeError, printError } from './print-error.ts'
import { formatPlace, jsonPlan } from './print-plan.ts'
import { line } from './print-result.ts'
import { ProgressDisplay } from './progress.ts'
import { promote } from './promote.ts'
import { SharedBlobs } from './shared-blobs.ts'
import { openSides, readRepository, type Sides } from './sides.ts'
import { Tally } from './tally.ts'
import { UsageError } from './usage-error.ts'

const AT_ONCE = 8

interface TagResult {
  readonly tag: Tag
  readonly tally: Tally
  readonly plan?: Plan
  readonly error?: unknown
}

/**
 * `copy --tags GLOB SOURCE TARGET` with two repositories: every tag that matches any of the globs, some side by side, each blob moved once.
 * A tag that fails does not keep the others from being promoted; it makes the command fail at the end.
 */
export async function copyTags(invocation: Invocation, dryRun: boolean): Promise<number> {
  const [sourceText = '', targetText = ''] = invocation.operands
  const from = readRepository(sourceText)
  const to = readRepository(targetText)
  if (sameRepository(from, to))
    throw new UsageError('--tags needs two repositories: every tag keeps its name')
  const globs = invocation.options.list('tags').map(compileGlob)
  const sides = await openSides(invocation, from, to)
  try {
    const tags = await matchingTags(sides.source, globs, invocation.signal)
    if (tags.length === 0 && !invocation.options.has('json'))
      invocation.stderr.write('tagboat: no tag of the source matches\n')
    const results = await promoteAll(tags, sides, invocation, dryRun)
    return report(results, { sides, to, invocation, dryRun })
  } finally {
    await sides.network.close()
  }
}

async function matchingTags(
  source: Sides['source'],
  globs: readonly ((tag: string) => boolean)[],
  signal: AbortSignal,
): Promise<readonly Tag[]> {
  const tags = new Set<Tag>()
  for await (const tag of source.tags({ signal })) if (globs.some((matches) => matches(tag))) tags.add(tag)
  return [...tags].sort()
}

async function promoteAll(
  tags: readonly Tag[],
  { source, target, network }: Sides,
  { signal, stderr }: Invocation,
  dryRun: boolean,
): Promise<readonly TagResult[]> {
  const shared = new SharedBlobs()
  const sides = { source: source as Source, target: shared.remembering(target as Target), network }
  const display = new ProgressDisplay(stderr)
  const results: TagResult[] = []
  const rest = tags.entries()
  const run = async (): Promise<void> => {
    for (const [index, tag] of rest) {
      const tally = new Tally()
      try {
        const planned = await plan({ source: tag, target: tag }, sides.source, sides.target, { signal })
        tally.planned(planned)
        if (!dryRun) await performShared(planned, tally)
        results[index] = { tag, tally, plan: planned }
      } catch (error) {
        results[index] = { tag, tally, error }
        // What was called off is called off for all of them.
        if (signal.aborted) return
      }
    }
  }
  const performShared = async (planned: Plan, tally: Tally): Promise<void> => {
    const { plan: left, claimed } = await shared.claim(planned)
    tally.planned(left)
    try {
      const receipt = await promote(left, sides, signal, (progress) => {
        tally.saw(progress)
        shared.saw(progress)
        if (progress.kind === 'retry') display.show(progress)
      })
      tally.done(receipt)
    } finally {
      shared.release(claimed)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, tags.length) }, run))
  return results.filter((result) => result !== undefined)
}

interface Context {
  readonly sides: Sides
  readonly to: Reference
  readonly invocation: Invocation
  readonly dryRun: boolean
}

/** Prints what became of each tag. The exit code. */
function report(results: readonly TagResult[], { sides, to, invocation, dryRun }: Context): number {
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
        requests: sides.requests(),
        tags: results.map((result) => jsonTag(result, dryRun)),
        ...(first && { error: describeError(first.error) }),
      }),
    )
  } else {
    for (const result of results)
      if (result.plan !== undefined)
        stdout.write(`${formatPlace(to, result.plan)}: ${formatTag(result, result.plan, dryRun)}\n`)
    stdout.write(
      `${results.length - failed.length} of ${results.length} tags · ${sides.requests()} requests\n`,
    )
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
