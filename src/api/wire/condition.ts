import { type Static, Type } from 'typebox'
import { type Comparison, type Condition, type Ending, isZone } from '#model'
import { invalid } from '../errors.ts'
import { Text, Word } from './schema.ts'
import { encodeWord } from './words.ts'

const COMPARISONS = {
  VAR_IS: 'is',
  VAR_IS_NOT: 'is-not',
  VAR_CONTAINS: 'contains',
  VAR_NOT_CONTAINS: 'not-contains',
  VAR_LESS_THAN: 'less',
  VAR_LESS_THAN_OR_EQUAL: 'less-or-equal',
  VAR_GREATER_THAN: 'greater',
  VAR_GREATER_THAN_OR_EQUAL: 'greater-or-equal',
} as const satisfies Record<string, Comparison>
const TIMES = { DATETIME: 'time', DAY: 'day', HOUR: 'hour' } as const
const CHANGES = { ON_CHANGE: 'change', ON_CHANGE_AT_PATH: 'change-at-path' } as const
const YES_NO = {
  TRIGGERING_USER_IS: ['user', true],
  TRIGGERING_USER_IS_NOT: ['user', false],
  TRIGGERING_USER_IS_IN_GROUP: ['group', true],
  TRIGGERING_USER_IS_NOT_IN_GROUP: ['group', false],
  ACTION_STATUS_IS: ['action', true],
  ACTION_STATUS_IS_NOT: ['action', false],
} as const
const ENDINGS = {
  SUCCESSFUL: 'succeeded',
  SKIPPED: 'skipped',
  // As Buddy spells it.
  SUPRESSED: 'suppressed',
  FAILED: 'failed',
} as const satisfies Record<string, Ending>

const KINDS = {
  ALWAYS: 1,
  OR: 1,
  ...CHANGES,
  ...COMPARISONS,
  ...TIMES,
  SUCCESS_PIPELINE: 1,
  ...YES_NO,
}

const Short = Type.String({ maxLength: 255 })
/** One of the conditions of a pipeline or an action. Which members count depends on its kind; there are clients that send all, the others empty. */
export const ConditionBody = Type.Object(
  {
    trigger_condition: Word(
      KINDS,
      'All of a list are to be met; OR begins another group, and one group is enough',
    ),
    trigger_condition_paths: Type.Optional(Type.Array(Text)),
    trigger_variable_key: Type.Optional(Short),
    trigger_variable_value: Type.Optional(Text),
    trigger_days: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 7 }))),
    trigger_hours: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 24 }))),
    timezone: Type.Optional(Text),
    zone_id: Type.Optional(Type.String({ maxLength: 255, description: 'The same as timezone' })),
    trigger_project_name: Type.Optional(Text),
    trigger_pipeline_name: Type.Optional(Short),
    trigger_user: Type.Optional(Short),
    trigger_group: Type.Optional(Short),
    trigger_action_name: Type.Optional(Short),
    trigger_status: Type.Optional(Word(ENDINGS)),
  },
  { title: 'TriggerCondition' },
)
export const Conditions = Type.Array(ConditionBody, { maxItems: 100 })

type Body = Static<typeof ConditionBody>

export function decodeConditions(bodies: readonly Body[]): readonly Condition[] {
  return bodies.map((body, index) => decode(body, `trigger_conditions.${index}`))
}

function decode(body: Body, place: string): Condition {
  const { trigger_condition: kind } = body
  const needed = <Name extends keyof Body>(name: Name): NonNullable<Body[Name]> => {
    const value = body[name]
    if (value === undefined || value === '') throw invalid(`${place}.${name}`, 'is missing')
    return value
  }
  if (kind in COMPARISONS) {
    const is = COMPARISONS[kind as keyof typeof COMPARISONS]
    const key = needed('trigger_variable_key')
    return { kind: 'variable', is, key, value: body.trigger_variable_value ?? '' }
  }
  if (kind in TIMES) {
    const zone = body.timezone || body.zone_id
    if (zone && !isZone(zone))
      throw invalid(`${place}.${body.timezone ? 'timezone' : 'zone_id'}`, 'is no time zone')
    return {
      kind: TIMES[kind as keyof typeof TIMES],
      days: body.trigger_days ?? [],
      hours: body.trigger_hours ?? [],
      zone: zone || undefined,
    }
  }
  if (kind in CHANGES)
    return { kind: CHANGES[kind as keyof typeof CHANGES], paths: body.trigger_condition_paths ?? [] }
  switch (kind) {
    case 'OR':
      return { kind: 'or' }
    case 'SUCCESS_PIPELINE': {
      const pipeline = needed('trigger_pipeline_name')
      return { kind: 'pipeline', project: body.trigger_project_name || undefined, pipeline }
    }
    case 'TRIGGERING_USER_IS':
    case 'TRIGGERING_USER_IS_NOT':
      return { kind: 'user', is: YES_NO[kind][1], email: needed('trigger_user') }
    case 'TRIGGERING_USER_IS_IN_GROUP':
    case 'TRIGGERING_USER_IS_NOT_IN_GROUP':
      return { kind: 'group', is: YES_NO[kind][1], group: needed('trigger_group') }
    case 'ACTION_STATUS_IS':
    case 'ACTION_STATUS_IS_NOT': {
      const action = needed('trigger_action_name')
      return { kind: 'action', is: YES_NO[kind][1], action, ending: ENDINGS[needed('trigger_status')] }
    }
    default:
      return { kind: 'always' }
  }
}

/** In the words in which they came; a time zone in both. */
export function encodeConditions(conditions: readonly Condition[]): readonly Body[] {
  return conditions.map(encode)
}

function encode(condition: Condition): Body {
  switch (condition.kind) {
    case 'variable': {
      const { is, key, value } = condition
      const kind = encodeWord(COMPARISONS, is) as Body['trigger_condition']
      return { trigger_condition: kind, trigger_variable_key: key, trigger_variable_value: value }
    }
    case 'time':
    case 'day':
    case 'hour': {
      const { kind, days, hours, zone } = condition
      return {
        trigger_condition: encodeWord(TIMES, kind) as Body['trigger_condition'],
        ...(kind !== 'hour' && { trigger_days: [...days] }),
        ...(kind !== 'day' && { trigger_hours: [...hours] }),
        ...(zone !== undefined && { timezone: zone, zone_id: zone }),
      }
    }
    case 'pipeline': {
      const { project, pipeline } = condition
      return {
        trigger_condition: 'SUCCESS_PIPELINE',
        ...(project !== undefined && { trigger_project_name: project }),
        trigger_pipeline_name: pipeline,
      }
    }
    case 'user':
      return { trigger_condition: yesNo('user', condition.is), trigger_user: condition.email }
    case 'group':
      return { trigger_condition: yesNo('group', condition.is), trigger_group: condition.group }
    case 'action':
      return {
        trigger_condition: yesNo('action', condition.is),
        trigger_action_name: condition.action,
        trigger_status: encodeWord(ENDINGS, condition.ending) as keyof typeof ENDINGS,
      }
    case 'change':
    case 'change-at-path': {
      const kind = encodeWord(CHANGES, condition.kind) as Body['trigger_condition']
      return { trigger_condition: kind, trigger_condition_paths: [...condition.paths] }
    }
    case 'or':
      return { trigger_condition: 'OR' }
    case 'always':
      return { trigger_condition: 'ALWAYS' }
  }
}

function yesNo(kind: 'user' | 'group' | 'action', is: boolean): Body['trigger_condition'] {
  const words = Object.keys(YES_NO) as (keyof typeof YES_NO)[]
  return words.find((word) => YES_NO[word][0] === kind && YES_NO[word][1] === is) ?? 'ALWAYS'
}
