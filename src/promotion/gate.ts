import type { Digest } from '#oci'
import { PromotionError } from './errors.ts'
import type { Plan } from './plan.ts'

/** What a plan must hold before it may be performed. What is not said is not asked for. */
export interface GateRules {
  /** False: a tag that names something else stays where it is. */
  readonly mayMoveTag?: boolean
  /** What the source must have resolved to: the digest that was pinned, or approved. */
  readonly digest?: Digest
}

/**
 * Lets a plan pass or not; nothing has been written yet.
 * @throws PromotionError TAG_MOVED
 */
export function gate(plan: Plan, rules: GateRules): void {
  const { digest, previous, tag } = plan
  if (rules.digest !== undefined && digest !== rules.digest) {
    throw new PromotionError(
      'TAG_MOVED',
      'source',
      `the source is ${digest} now, and ${rules.digest} was meant`,
    )
  }
  if (rules.mayMoveTag === false && previous !== undefined && previous !== digest) {
    throw new PromotionError('TAG_MOVED', 'target', `the tag ${tag} names ${previous} and may not be moved`)
  }
}
