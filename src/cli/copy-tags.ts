import { isDigestTag, type Reference, RegistryError, type Repository, sameRepository, type Tag } from '#oci'
import { PromotionError } from '#promotion'
import { Batch, type BatchOptions, type Errand } from './batch.ts'
import type { Invocation } from './command.ts'
import { compileGlob } from './glob.ts'
import { printBatch } from './print-batch.ts'
import { jsonFailure } from './print-result.ts'
import { ProgressDisplay } from './progress.ts'
import { readWanted } from './promote.ts'
import { openPlaces, type Places, readRepository } from './sides.ts'
import { Tally } from './tally.ts'
import { UsageError } from './usage-error.ts'

/** `copy --tags GLOB SOURCE TARGET` with two repositories: every tag that matches any of the globs. */
export async function copyTags(invocation: Invocation, dryRun: boolean): Promise<number> {
  const { operands, options, stderr } = invocation
  const from = readRepository(operands[0] ?? '')
  const to = readRepository(operands[1] ?? '')
  if (sameRepository(from, to))
    throw new UsageError('--tags needs two repositories: every tag keeps its name')
  const globs = options.list('tags').map(compileGlob)
  const places = await openPlaces(invocation, [from], [to])
  return copyMany(invocation, places, dryRun, 'tags', async () => {
    const tags = await matchingTags(places.open(from), globs, { signal: invocation.signal })
    if (tags.length === 0) stderr.write('no tag of the source matches\n')
    return tags.map((tag): Errand => sameTag(from, to, tag))
  })
}

/** Performs what `find` finds out, and prints what became of it. Closes the network at the end. The exit code. */
export async function copyMany(
  invocation: Invocation,
  places: Places,
  dryRun: boolean,
  what: 'tags' | 'promotions',
  find: () => Promise<readonly Errand[]>,
): Promise<number> {
  const { options, stdout, stderr, signal } = invocation
  try {
    const batch: BatchOptions = { dryRun, plans: dryRun && options.has('json'), wanted: readWanted(options) }
    const errands = await find()
    const outcomes = await new Batch(places, signal, new ProgressDisplay(stderr)).run(errands, batch)
    return printBatch(outcomes, { requests: places.requests(), of: errands.length, what, invocation })
  } catch (error) {
    if (options.has('json') && !(error instanceof UsageError))
      stdout.write(jsonFailure(new Tally(), places.requests(), error))
    throw error
  } finally {
    await places.network.close()
  }
}

/** From one repository to another under the same tag. */
export function sameTag(from: Reference, to: Reference, tag: Tag): Errand {
  return { from: { ...from, tag }, to: { ...to, tag }, after: [] }
}

/** The source's tags that match any of the globs, in order. `there`: whether it is an error when there is no such repository. */
export async function matchingTags(
  source: Repository,
  globs: readonly ((tag: string) => boolean)[],
  { signal, there = true }: { readonly signal: AbortSignal; readonly there?: boolean },
): Promise<readonly Tag[]> {
  const tags = new Set<Tag>()
  try {
    // What is about an image comes along with it, under tags that are merged with those of the target.
    for await (const tag of source.tags({ signal, there }))
      if (!isDigestTag(tag) && globs.some((matches) => matches(tag))) tags.add(tag)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const { code, message, retryable } = error
    throw new PromotionError(code, 'source', message, { retryable, cause: error })
  }
  return [...tags].sort()
}
