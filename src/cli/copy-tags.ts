import { isDigestTag, RegistryError, sameRepository, type Tag } from '#oci'
import { PromotionError } from '#promotion'
import type { Invocation } from './command.ts'
import { compileGlob } from './glob.ts'
import { jsonFailure } from './print-result.ts'
import { printTags } from './print-tags.ts'
import { ProgressDisplay } from './progress.ts'
import { readWanted } from './promote.ts'
import { TagPromotion } from './promote-tags.ts'
import { openSides, readRepository, type Sides } from './sides.ts'
import { Tally } from './tally.ts'
import { UsageError } from './usage-error.ts'

/** `copy --tags GLOB SOURCE TARGET` with two repositories: every tag that matches any of the globs. */
export async function copyTags(invocation: Invocation, dryRun: boolean): Promise<number> {
  const { operands, options, stdout, stderr, signal } = invocation
  const from = readRepository(operands[0] ?? '')
  const to = readRepository(operands[1] ?? '')
  if (sameRepository(from, to))
    throw new UsageError('--tags needs two repositories: every tag keeps its name')
  const globs = options.list('tags').map(compileGlob)
  const wanted = readWanted(options)
  const sides = await openSides(invocation, from, to)
  try {
    const tags = await matchingTags(sides.source, globs, signal)
    if (tags.length === 0) stderr.write('no tag of the source matches\n')
    const plans = dryRun && options.has('json')
    const promotion = new TagPromotion(sides, signal, new ProgressDisplay(stderr))
    const results = await promotion.run(tags, { dryRun, plans, wanted })
    return printTags(results, { requests: sides.requests(), of: tags.length, to, invocation })
  } catch (error) {
    if (options.has('json')) stdout.write(jsonFailure(new Tally(), sides.requests(), error))
    throw error
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
  try {
    // What is about an image comes along with it, under tags that are merged with those of the target.
    for await (const tag of source.tags({ signal }))
      if (!isDigestTag(tag) && globs.some((matches) => matches(tag))) tags.add(tag)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const { code, message, retryable } = error
    throw new PromotionError(code, 'source', message, { retryable, cause: error })
  }
  return [...tags].sort()
}
