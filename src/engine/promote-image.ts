import type { ActionExecutionId, ImageDefinition, Outcome, PromotionDefinition, Store } from '#model'
import {
  formatReference,
  isDigest,
  type Network,
  openRepository,
  parsePlatform,
  type Repository,
  sameRepository,
} from '#oci'
import {
  formatBytes,
  formatPlan,
  type Plan,
  type Progress,
  type PromotionRequest,
  perform,
  plan,
  type Receipt,
  Stopwatch,
} from '#promotion'
import {
  type CredentialContext,
  findCredential,
  keychainOf,
  notShown,
  type OwnCredential,
} from './credentials.ts'
import { makingRepository, withRegistry } from './ecr.ts'
import type { Journal } from './journal.ts'
import { locatePromotion, placeOf } from './locate.ts'
import { Report } from './report.ts'
import { resolvePromotion } from './resolve.ts'
import { maskFor, variablesOf } from './variables.ts'

/** What a promotion needs of the run that it belongs to. */
export interface PromotionContext {
  readonly store: Store
  readonly network: Network
  readonly journal: Journal
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Below which people see the pages of executions. */
  readonly baseUrl?: string | undefined
  /** Asked right before the tag is put. When it throws, nothing is tagged. */
  readonly beforeTag: () => Promise<void>
}

/** The two repositories of a promotion, what the image is called in the first, and the tag that moves in the second. */
export interface Places {
  readonly source: Repository
  readonly target: Repository
  readonly name: Parameters<Repository['find']>[0]
  readonly from: ReturnType<typeof locatePromotion>['source']
  readonly to: ReturnType<typeof locatePromotion>['target']
  readonly definition: ImageDefinition
  readonly own: OwnCredential | undefined
  /** What the log is to say of them. */
  readonly notes: readonly string[]
  /** What is asked for, but for what the source is called. */
  readonly request: Omit<PromotionRequest, 'source'>
}

/**
 * Promotes the image of a running action execution. The digest that the source means is recorded before anything is written, and whoever
 * comes here again, after a crash or for a retry, promotes that one and finds done what has been done.
 * @throws PromotionError, ActionError, ModelError, Interrupted, and what `beforeTag` throws
 */
export async function promoteImage(context: PromotionContext, id: ActionExecutionId): Promise<Outcome> {
  const { network, journal, signal, beforeTag, now } = context
  const watch = new Stopwatch(now)
  const report = new Report(journal, id)
  try {
    const places = await watch.time('plan', () => open(context, id))
    const { source, target, from, to } = places
    report.line(`from ${formatReference(from)} to ${formatReference(to)}`)
    for (const note of places.notes) report.line(note)
    const planned = await watch.time('plan', () => pinned(context, id, places))
    report.line(`pinned ${planned.digest}`)
    for (const note of planned.notes) report.line(note)
    report.line(`plan: ${formatPlan(planned)}`)
    report.planned(planned)
    const options = { signal, beforeTag, now, retry: network.options }
    const work = () => follow(perform(planned, source, target, options), report)
    const made = () => report.line(`made repository ${to.repository}`)
    const receipt = await makingRepository(work, places.definition, places.own, to, { network, signal, made })
    const phases = { ...watch.phases, ...receipt.phases }
    const outcome = outcomeOf({ ...receipt, phases }, places, maskFor(journal.execution))
    const { bytes, requests } = outcome
    const sums = `${formatBytes(bytes.sent)} sent, ${formatBytes(bytes.mounted)} mounted, ${formatBytes(bytes.present)} present`
    report.line(`${planned.moves.length === 0 ? 'already there' : 'done'}: ${sums}, ${requests} requests`)
    return outcome
  } finally {
    await report.end()
  }
}

/**
 * What the promotion would have come to, if its target names the pinned digest already; undefined if there is anything left to do. Writes
 * nothing.
 */
export async function findPromoted(
  context: PromotionContext,
  id: ActionExecutionId,
): Promise<Outcome | undefined> {
  const digest = context.journal.action(id).pinned
  if (digest === undefined) return undefined
  const places = await open(context, id)
  const { signal } = context
  const request = { ...places.request, source: digest, referrers: 'never' } as const
  const planned = await plan(request, places.source, places.target, { signal })
  if (planned.moves.length > 0) return undefined
  const { previous, bytes } = planned
  const receipt = {
    ...planned,
    digest: previous ?? digest,
    bytes: { sent: 0, mounted: 0, present: bytes.present },
    phases: undefined,
  }
  return outcomeOf(receipt, places, maskFor(context.journal.execution))
}

function open(context: PromotionContext, id: ActionExecutionId): Promise<Places> {
  const { journal, baseUrl } = context
  const action = journal.action(id)
  if (action.action.type !== 'promote-image') throw new Error(`${id} promotes nothing`)
  const view = variablesOf(journal.execution, action, baseUrl)
  const { pipeline } = journal.execution
  return openPlaces({ ...context, pipeline }, resolvePromotion(action.action.promotion, view))
}

/**
 * Opens both repositories with what each is to be shown. Nothing is asked of them yet; of Amazon, where an image leaves its registry to its
 * integration's account.
 */
export async function openPlaces(
  context: CredentialContext & { readonly signal: AbortSignal },
  promotion: PromotionDefinition,
): Promise<Places> {
  const { network } = context
  const own = await findCredential(promotion.target, 'target', context)
  const shared = sameCredentials(promotion.source, promotion.target)
  const other = shared ? own : await findCredential(promotion.source, 'source', context)
  const { source: from, target: to } = locatePromotion({
    source: await withRegistry(promotion.source, other, 'source', context),
    target: await withRegistry(promotion.target, own, 'target', context),
  })
  const target = openRepository(network, to, keychainOf(own, network), 'push')
  const name = from.digest ?? from.tag ?? to.tag
  const unfit = [notShown(promotion.source, other, from), notShown(promotion.target, own, to)]
  const notes = unfit.filter((note) => note !== undefined)
  const { copyReferrers } = promotion
  const referrers = copyReferrers === undefined ? 'with-copy' : copyReferrers ? 'always' : 'never'
  const platforms = promotion.platforms.map(parsePlatform)
  const request = { target: to.tag, referrers, platforms } as const
  const places = { target, name, from, to, definition: promotion.target, own, notes, request }
  // One repository for one place: what it cost is counted once, and one token does.
  if (shared && sameRepository(from, to)) return { ...places, source: target }
  return { ...places, source: openRepository(network, from, keychainOf(other, network), 'pull') }
}

function sameCredentials(a: ImageDefinition, b: ImageDefinition): boolean {
  return (
    a.integration === b.integration &&
    a.username === b.username &&
    a.password?.reveal() === b.password?.reveal()
  )
}

/** The plan for the digest that was pinned first, by whomever. */
async function pinned(context: PromotionContext, id: ActionExecutionId, places: Places): Promise<Plan> {
  const { journal, signal } = context
  const { source, target, name, request } = places
  const known = journal.action(id).pinned
  const planned = await plan({ ...request, source: known ?? name }, source, target, { signal })
  if (known !== undefined) return planned
  await journal.record({ kind: 'pinned', id, digest: planned.digest })
  const first = journal.action(id).pinned
  if (first === undefined || first === planned.digest) return planned
  return plan({ ...request, source: first }, source, target, { signal })
}

async function follow(steps: AsyncGenerator<Progress, Receipt>, report: Report): Promise<Receipt> {
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
    report.follow(step.value)
    if (step.value.kind === 'bytes') report.bytes(step.value.sent, step.value.total)
    else if (step.value.kind !== 'blob') report.line(lineOf(step.value))
  }
}

function lineOf(progress: Exclude<Progress, { kind: 'bytes' | 'blob' }>): string {
  if (progress.kind === 'note') return progress.text
  if (progress.kind === 'retry') {
    const { attempt, digest, code, side } = progress
    return `try ${attempt + 1} of ${digest}: ${code} at the ${side}`
  }
  const { move, as } = progress
  if (move.kind === 'tag') return `tagged ${move.tag} as ${move.manifest.descriptor.digest}`
  if (move.kind === 'attach') return `put ${move.tag}`
  if (move.kind === 'list') return `listed ${move.referrers.length} referrers of ${move.subject}`
  const { digest, size } = move.kind === 'put' ? move.manifest.descriptor : move.blob
  return `${as} ${digest} (${formatBytes(size)})`
}

function outcomeOf(
  {
    digest,
    previous,
    bytes,
    phases,
  }: Pick<Receipt, 'digest' | 'previous' | 'bytes'> & Pick<Outcome, 'phases'>,
  { source, target, name, to }: Places,
  mask: (text: string) => string,
): Outcome {
  const requests = target.traffic.requests + (source === target ? 0 : source.traffic.requests)
  const from = isDigest(name) ? { ...source.place, digest: name } : { ...source.place, tag: name }
  const [a, b, place] = [formatReference(from), formatReference(to), placeOf(to)].map(mask)
  return { source: a ?? '', target: b ?? '', place: place ?? '', digest, previous, bytes, requests, phases }
}
