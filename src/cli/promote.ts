import { type Plan, type Progress, perform, type Receipt, type Source, type Target } from '#promotion'
import type { Sides } from './sides.ts'

/** Performs the plan, tells each progress, and answers with the receipt. */
export async function promote(
  plan: Plan,
  { source, target, network }: { readonly source: Source; readonly target: Target } & Pick<Sides, 'network'>,
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
