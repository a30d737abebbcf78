import type { Digest } from '#oci'
import type { PersonId } from './access.ts'
import type { ActionId } from './action.ts'
import type { ActionExecutionId, Failure } from './execution.ts'
import type { GroupId } from './group.ts'

/** Who may answer a question. */
export interface Approvers {
  readonly others: boolean
  readonly users: readonly { readonly id: PersonId; readonly allowed: boolean }[]
  readonly groups: readonly { readonly id: GroupId; readonly allowed: boolean }[]
}

/** Everybody who may run the pipeline. */
export const ANYBODY: Approvers = { others: true, users: [], groups: [] }

/** What an action that waits asks, and whom. */
export interface Question {
  /** In the words of who made the action, variables and all. */
  readonly comment: string | undefined
  readonly approvers: Approvers
  /** Whoever started the run may not be the one who answers. */
  readonly byAnother: boolean
}

/**
 * Whether this person may answer. What is said of the person counts before what is said of their groups, where one denial is enough, and
 * that before what is said of all others.
 */
export function mayAnswer(
  { approvers, byAnother }: Question,
  person: { readonly id: PersonId; readonly groups: readonly GroupId[] },
  creatorId: PersonId,
): boolean {
  if (byAnother && person.id === creatorId) return false
  const own = approvers.users.find(({ id }) => id === person.id)
  if (own !== undefined) return own.allowed
  const theirs = approvers.groups.filter(({ id }) => person.groups.includes(id))
  return theirs.length > 0 ? theirs.every(({ allowed }) => allowed) : approvers.others
}

/** What one promotion would do, found out without writing anything. Byte counts are of blobs. */
export interface PlannedPromotion {
  /** Undefined where no execution exists yet. */
  readonly id: ActionExecutionId | undefined
  readonly actionId: ActionId
  readonly name: string
  /** As references in full; undefined where even that could not be told. */
  readonly source: string | undefined
  readonly target: string | undefined
  /** What the source means; undefined when `failure` says why not. */
  readonly digest: Digest | undefined
  /** What the target's tag names now; undefined when there is none. */
  readonly previous: Digest | undefined
  readonly moves: {
    readonly mount: number
    readonly copy: number
    readonly put: number
    readonly tag: number
  }
  readonly bytes: { readonly send: number; readonly mount: number; readonly present: number }
  readonly failure: Failure | undefined
}

/** Whether both plans move the same tags from and to the same digests. */
export function isSamePlan(one: readonly PlannedPromotion[], other: readonly PlannedPromotion[]): boolean {
  const same = (a: PlannedPromotion, b: PlannedPromotion | undefined): boolean =>
    a.id === b?.id && a.target === b?.target && a.digest === b?.digest && a.previous === b?.previous
  return one.length === other.length && one.every((item, index) => same(item, other[index]))
}

/** What became of a question within one execution. */
export interface Approval {
  /** The question as it was put, its variables filled in. */
  readonly question: string | undefined
  /** What an approval would let happen, down to the digests. */
  readonly plan: readonly PlannedPromotion[]
  /** When it is too late; undefined: never. */
  readonly until: Date | undefined
  /** Who said yes; undefined until somebody does. */
  readonly answer: Answer | undefined
}

/** Who answered, when, and what they said to it. */
export interface Answer {
  readonly by: PersonId
  readonly at: Date
  readonly comment: string | undefined
}
