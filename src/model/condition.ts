/** How an action came out, as far as conditions ask. */
export type Ending = 'succeeded' | 'skipped' | 'failed' | 'suppressed'

/** How a variable's value is compared. The last four compare numbers, and hold for nothing else. */
export type Comparison =
  | 'is'
  | 'is-not'
  | 'contains'
  | 'not-contains'
  | 'less'
  | 'less-or-equal'
  | 'greater'
  | 'greater-or-equal'

/** One thing that must be so for a pipeline or an action to run. `or` separates groups: one group of which all holds is enough. */
export type Condition =
  | { readonly kind: 'or' }
  | { readonly kind: 'variable'; readonly is: Comparison; readonly key: string; readonly value: string }
  /** `days`: 1 is Monday; `hours`: 1 to 24. An empty list is every one. `zone`: an IANA name; undefined: UTC. */
  | {
      readonly kind: 'time' | 'day' | 'hour'
      readonly days: readonly number[]
      readonly hours: readonly number[]
      readonly zone: string | undefined
    }
  /** The pipeline's newest ended run succeeded. Without a project: one of the same project. */
  | { readonly kind: 'pipeline'; readonly project: string | undefined; readonly pipeline: string }
  | { readonly kind: 'user'; readonly is: boolean; readonly email: string }
  | { readonly kind: 'group'; readonly is: boolean; readonly group: string }
  | { readonly kind: 'action'; readonly is: boolean; readonly action: string; readonly ending: Ending }
  /** What only a repository could tell: kept, and always held. */
  | { readonly kind: 'change' | 'change-at-path'; readonly paths: readonly string[] }
  | { readonly kind: 'always' }

/** What is known when conditions are asked. */
export interface Facts {
  readonly now: Date
  readonly user: { readonly email: string | undefined; readonly groups: readonly string[] }
  /** A variable's value; undefined: there is none, which is as if it were empty. */
  readonly variable: (key: string) => string | undefined
  readonly pipelineSucceeded: (project: string | undefined, pipeline: string) => boolean
  /** How the action of this name ended; undefined: it has not. */
  readonly ending: (action: string) => Ending | undefined
}

/** Whether one group of the conditions holds as a whole; none at all always hold. */
export function holds(conditions: readonly Condition[], facts: Facts): boolean {
  const groups: Condition[][] = [[]]
  for (const condition of conditions) {
    if (condition.kind === 'or') groups.push([])
    else groups.at(-1)?.push(condition)
  }
  const given = groups.filter((group) => group.length > 0)
  return given.length === 0 || given.some((group) => group.every((condition) => isSo(condition, facts)))
}

function isSo(condition: Condition, facts: Facts): boolean {
  switch (condition.kind) {
    case 'variable':
      return compares(condition.is, facts.variable(condition.key) ?? '', condition.value)
    case 'time':
    case 'day':
    case 'hour': {
      const { day, hour } = clock(facts.now, condition.zone)
      const { days, hours } = condition
      return (days.length === 0 || days.includes(day)) && (hours.length === 0 || hours.includes(hour))
    }
    case 'pipeline':
      return facts.pipelineSucceeded(condition.project, condition.pipeline)
    case 'user':
      return (condition.email.toLowerCase() === facts.user.email?.toLowerCase()) === condition.is
    case 'group':
      return facts.user.groups.includes(condition.group) === condition.is
    case 'action':
      return (facts.ending(condition.action) === condition.ending) === condition.is
    default:
      return true
  }
}

function compares(is: Comparison, value: string, other: string): boolean {
  switch (is) {
    case 'is':
      return value === other
    case 'is-not':
      return value !== other
    case 'contains':
      return value.includes(other)
    case 'not-contains':
      return !value.includes(other)
  }
  const [a, b] = [numberOf(value), numberOf(other)]
  if (is === 'less') return a < b
  if (is === 'less-or-equal') return a <= b
  return is === 'greater' ? a > b : a >= b
}

/** Not a number, so that no comparison holds, unless it is one. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** The hour that begins at midnight is 24, as in the lists that come from people who count from 1. */
function clock(now: Date, zone = 'UTC'): { readonly day: number; readonly hour: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: 'numeric',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const hour = Number(parts.get('hour'))
  return { day: DAYS.indexOf(parts.get('weekday') ?? '') + 1, hour: hour === 0 ? 24 : hour }
}

/** Whether there is such a time zone. */
export function isZone(zone: string): boolean {
  try {
    clock(new Date(0), zone)
    return true
  } catch {
    return false
  }
}
