import { parsePlatform } from '#oci'
import {
  on,
  type Plan,
  type Progress,
  PromotionError,
  type PromotionRequest,
  perform,
  type Receipt,
  type Source,
  type Target,
} from '#promotion'
import type { Options } from './command.ts'
import type { Sides } from './sides.ts'
import { UsageError } from './usage-error.ts'

/** What of the image, and of what belongs to it, the options ask for. */
export type Wanted = Required<Pick<PromotionRequest, 'referrers' | 'platforms'>>

/** @throws UsageError */
export function readWanted(options: Options): Wanted {
  const [always, never] = [options.has('referrers'), options.has('no-referrers')]
  if (always && never) throw new UsageError('--referrers and --no-referrers: one of them')
  const platforms = options.list('platform').map((text) => {
    try {
      return parsePlatform(text)
    } catch (error) {
      throw new UsageError(`--platform: ${(error as Error).message}`)
    }
  })
  return { referrers: always ? 'always' : never ? 'never' : 'with-copy', platforms }
}

type Way = { readonly source: Source; readonly target: Target } & Pick<Sides, 'network' | 'makeRepository'>

/** Performs the plan, tells each progress, and answers with the receipt. A missing repository is made where that was asked for. */
export async function promote(
  plan: Plan,
  way: Way,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Receipt> {
  try {
    return await performAll(plan, way, signal, tell)
  } catch (error) {
    const missing =
      error instanceof PromotionError && error.side === 'target' && error.code === 'NAME_UNKNOWN'
    if (!missing || way.makeRepository === undefined) throw error
    await on('target', way.makeRepository(signal))
    return performAll(plan, way, signal, tell)
  }
}

async function performAll(
  plan: Plan,
  { source, target, network }: Way,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Receipt> {
  const performance = perform(plan, source, target, { signal, retry: network.options })
  for (;;) {
    const next = await performance.next()
    if (next.done) return next.value
    tell(next.value)
  }
}
