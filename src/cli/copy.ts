import { formatReference, type Reference } from '#oci'
import { formatBytes, formatPlan, type Plan, plan } from '#promotion'
import type { Invocation } from './command.ts'
import { formatMoves, formatPlace, jsonPlan } from './print-plan.ts'
import { jsonFailure, jsonSuccess } from './print-result.ts'
import { ProgressDisplay } from './progress.ts'
import { promote, readWanted } from './promote.ts'
import { openSides, readReference, readTarget, type Sides } from './sides.ts'
import { Tally } from './tally.ts'

/** `copy SOURCE TARGET`, also with `--tags` and `--dry-run`, and `copy --from FILE`. */
export async function copy(invocation: Invocation): Promise<number> {
  const { options } = invocation
  if (options.has('from'))
    return (await import('./copy-from.ts')).copyFrom(invocation, options.has('dry-run'))
  if (options.has('tags'))
    return (await import('./copy-tags.ts')).copyTags(invocation, options.has('dry-run'))
  return withSides(invocation, options.has('dry-run') ? planOne : copyOne)
}

/** `plan SOURCE TARGET`, also with `--tags`, and `plan --from FILE`. */
export async function showPlan(invocation: Invocation): Promise<number> {
  if (invocation.options.has('from')) return (await import('./copy-from.ts')).copyFrom(invocation, true)
  if (invocation.options.has('tags')) return (await import('./copy-tags.ts')).copyTags(invocation, true)
  return withSides(invocation, planOne)
}

interface Job extends Sides {
  readonly invocation: Invocation
  readonly from: Reference
  readonly to: Reference
}

async function withSides(
  invocation: Invocation,
  work: (job: Job, tally: Tally) => Promise<void>,
): Promise<number> {
  const [sourceText = '', targetText = ''] = invocation.operands
  const from = readReference(sourceText)
  const to = readTarget(targetText, from)
  const sides = await openSides(invocation, from, to)
  const tally = new Tally()
  try {
    await work({ ...sides, invocation, from, to }, tally)
    return 0
  } catch (error) {
    if (invocation.options.has('json')) invocation.stdout.write(jsonFailure(tally, sides.requests(), error))
    throw error
  } finally {
    await sides.network.close()
  }
}

async function planOne(job: Job, tally: Tally): Promise<void> {
  const { stdout, options } = job.invocation
  const planned = await makePlan(job, tally, true)
  if (options.has('json')) stdout.write(jsonSuccess(tally, job.requests(), { plan: jsonPlan(planned) }))
  else stdout.write(`${formatMoves(planned)}${formatPlace(job.to, planned)}: ${formatPlan(planned)}\n`)
}

async function copyOne(job: Job, tally: Tally): Promise<void> {
  const { stdout, stderr, signal, options } = job.invocation
  const startedAt = performance.now()
  const planned = await makePlan(job, tally, false)
  const display = new ProgressDisplay(stderr)
  if (planned.moves.length > 0)
    display.note(`${formatReference(job.from)} → ${formatReference(job.to)}: ${formatPlan(planned)}`)
  try {
    const receipt = await promote(planned, job, signal, (progress) => {
      tally.saw(progress)
      display.show(progress)
    })
    tally.done(receipt)
  } finally {
    display.clear()
  }
  if (options.has('json')) stdout.write(jsonSuccess(tally, job.requests()))
  else stdout.write(`${formatPlace(job.to, tally)}: ${formatDone(job, planned, tally, startedAt)}\n`)
}

async function makePlan(
  { from, to, source, target, invocation }: Job,
  tally: Tally,
  exact: boolean,
): Promise<Plan> {
  const { signal, options } = invocation
  const name = from.digest ?? from.tag
  if (name === undefined) throw new TypeError('a reference has a tag or a digest')
  const request = { source: name, target: to.tag, ...readWanted(options) }
  const planned = await plan(request, source, target, { signal, exact })
  for (const note of planned.notes) invocation.stderr.write(`${note}\n`)
  tally.planned(planned)
  return planned
}

function formatDone(job: Job, { moves }: Plan, { bytes, companions }: Tally, startedAt: number): string {
  const requests = `${job.requests()} requests`
  if (moves.length === 0) return `nothing to do · ${requests}`
  const parts = [
    bytes.sent > 0 ? `copied ${formatBytes(bytes.sent)}` : '',
    bytes.mounted > 0 ? `mounted ${formatBytes(bytes.mounted)}` : '',
    bytes.present > 0 ? `${formatBytes(bytes.present)} there already` : '',
    companions > 0 ? `${companions} ${companions === 1 ? 'referrer' : 'referrers'}` : '',
    requests,
    `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
