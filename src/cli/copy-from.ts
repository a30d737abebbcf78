import { readFile } from 'node:fs/promises'
import { formatReference, type Reference, sameRepository, type Tag } from '#oci'
import { formatProblem, type PromotionEntry, parsePromotions, YamlError, type YamlProblem } from '#yaml'
import type { Errand } from './batch.ts'
import type { Invocation } from './command.ts'
import { copyMany, matchingTags, sameTag } from './copy-tags.ts'
import { compileGlob } from './glob.ts'
import { openPlaces, readReference, readRepository, readTarget } from './sides.ts'
import { UsageError } from './usage-error.ts'

/** What an entry of the file means: one image, or the tags that match. */
interface Meant {
  readonly entry: PromotionEntry
  readonly from: Reference
  readonly to: Reference
  readonly globs: readonly ((tag: string) => boolean)[]
}

/**
 * `copy --from FILE`: a list of promotions, over the same connections. Nothing is written before all of it is known to be without
 * contradiction. The exit code.
 * @throws UsageError with every mistake of the file, each with its line and column.
 */
export async function copyFrom(invocation: Invocation, dryRun: boolean): Promise<number> {
  const file = invocation.options.text('from') ?? ''
  const meant = await readMeant(file)
  const sources = meant.map(({ from }) => from)
  const targets = meant.map(({ to }) => to)
  const places = await openPlaces(invocation, sources, targets)
  return copyMany(invocation, places, dryRun, 'promotions', async () => {
    const errands: [Errand, PromotionEntry][] = []
    for (const { entry, from, to, globs } of meant) {
      // What others of the list are to bring there may be the first that there is.
      const there = !targets.some((target) => sameRepository(target, from))
      const listing = { signal: invocation.signal, there }
      const tags = globs.length === 0 ? [] : await matchingTags(places.open(from), globs, listing)
      for (const tag of tags) errands.push([sameTag(from, to, tag), entry])
      if (globs.length === 0) errands.push([{ from, to: { ...to, tag: to.tag as Tag }, after: [] }, entry])
    }
    return inOrder(file, errands)
  })
}

async function readMeant(file: string): Promise<readonly Meant[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--from: ${(error as Error).message}`)
  }
  const problems: YamlProblem[] = []
  let entries: readonly PromotionEntry[]
  try {
    entries = parsePromotions(text)
  } catch (error) {
    throw error instanceof YamlError ? mistakes(file, error.problems) : error
  }
  const meant = entries.flatMap((entry): Meant[] => {
    const reading = <T>(field: 'source' | 'target' | 'tags', read: () => T): T | undefined => {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        problems.push(entry.problem(field, error.message))
        return undefined
      }
    }
    const many = entry.tags.length > 0
    const from = reading('source', () => (many ? readRepository : readReference)(entry.source))
    const to = reading('target', () =>
      many ? readRepository(entry.target) : readTarget(entry.target, from ?? readReference('x')),
    )
    const globs = reading('tags', () => entry.tags.map(compileGlob))
    if (from === undefined || to === undefined || globs === undefined) return []
    if (!many && to.tag === undefined)
      problems.push(entry.problem('target', 'has no tag, and neither has the source'))
    if (sameRepository(from, to) && from.digest === undefined && from.tag === to.tag)
      problems.push(entry.problem('target', 'is the source itself'))
    return [{ entry, from, to, globs }]
  })
  if (problems.length > 0) throw mistakes(file, problems)
  return meant
}

/**
 * Those that others read before them, each target once.
 * @throws UsageError where two sources are to have one target, or promotions read each other in a circle
 */
function inOrder(file: string, all: readonly (readonly [Errand, PromotionEntry])[]): readonly Errand[] {
  const problems: YamlProblem[] = []
  const byTarget = new Map<string, readonly [Errand, PromotionEntry]>()
  for (const [errand, entry] of all) {
    const key = formatReference(errand.to)
    const [other, its] = byTarget.get(key) ?? [errand, entry]
    if (formatReference(other.from) !== formatReference(errand.from)) {
      const [one, two] = [other, errand].map(({ from }) => formatReference(from))
      const why = `${key} is to be ${two} here and ${one} at line ${its.line}`
      problems.push(entry.problem('target', why))
    } else byTarget.set(key, [other, its])
  }
  const ordered = new Map<string, Errand>()
  const visit = ([errand, entry]: readonly [Errand, PromotionEntry], path: readonly string[]): Errand => {
    const key = formatReference(errand.to)
    const known = ordered.get(key)
    if (known !== undefined) return known
    if (path.includes(key)) problems.push(entry.problem('source', 'is promoted from here, by way of others'))
    const before = errand.from.digest === undefined ? byTarget.get(formatReference(errand.from)) : undefined
    const after = before === undefined || path.includes(key) ? [] : [visit(before, [...path, key])]
    const placed = { ...errand, after }
    ordered.set(key, placed)
    return placed
  }
  for (const each of byTarget.values()) visit(each, [])
  if (problems.length > 0) throw mistakes(file, problems)
  return [...ordered.values()]
}

function mistakes(file: string, problems: readonly YamlProblem[]): UsageError {
  return new UsageError(problems.map((problem) => `${file}: ${formatProblem(problem)}`).join('\n'))
}
