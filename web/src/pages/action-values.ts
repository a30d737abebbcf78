import type { ActionView } from '#api/wire'
import { given, numbers } from '../parts/form.tsx'
import { type PromotionValues, promotionBody, promotionValues } from './promotion-values.ts'

/** What an action can be; the names that a new one begins with. */
export const TYPES = [
  { value: 'PROMOTE_IMAGE', label: 'Tag Docker image', name: 'Promote to production' },
  { value: 'WAIT_FOR_APPLY', label: 'Wait for approval', name: 'Ask before production' },
  { value: 'WAIT_FOR_VARIABLES', label: 'Ask for variables', name: 'Ask for the version' },
  { value: 'RUN_NEXT_PIPELINE', label: 'Run another pipeline', name: 'Go on' },
] as const

/** An action as it is typed: numbers are text until they are sent. */
export type ActionValues = PromotionValues & {
  readonly type: string
  readonly comment: string
  readonly variables: string
  readonly prevent_self_approval: boolean
  readonly next_pipeline_id: string
  readonly trigger_time: string
  readonly timeout: string
  readonly retry_count: string
  readonly retry_interval: string
  readonly ignore_errors: boolean
  readonly disabled: boolean
}

/** The values of an action that is there, or those to begin with. */
export function actionValues(action?: ActionView): ActionValues {
  const text = (number: number | null | undefined): string => (number == null ? '' : String(number))
  return {
    ...promotionValues(action),
    name: action?.name ?? TYPES[0].name,
    type: action?.type ?? TYPES[0].value,
    comment: action?.comment ?? '',
    variables: action?.variables.map((variable) => ('key' in variable ? variable.key : '')).join(', ') ?? '',
    prevent_self_approval: action?.prevent_self_approval ?? false,
    next_pipeline_id: '',
    trigger_time: action?.trigger_time ?? 'ON_EVERY_EXECUTION',
    timeout: text(action?.timeout),
    retry_count: text(action?.retry_count),
    retry_interval: text(action?.retry_interval),
    ignore_errors: action?.ignore_errors ?? false,
    disabled: action?.disabled ?? false,
  }
}

/** What is sent: what belongs to its type, and of the rest what is not as usual; `whole`: all of it, over what was there. */
export function actionBody(values: ActionValues, whole = false): Record<string, unknown> {
  const { type, name, trigger_time, ignore_errors, disabled } = values
  return {
    name,
    type,
    ...bodyOfType(values),
    ...((whole || trigger_time !== 'ON_EVERY_EXECUTION') && { trigger_time }),
    ...numbers({
      timeout: values.timeout,
      retry_count: values.retry_count,
      retry_interval: values.retry_interval,
    }),
    ...((whole || ignore_errors) && { ignore_errors }),
    ...((whole || disabled) && { disabled }),
  }
}

function bodyOfType(values: ActionValues): Record<string, unknown> {
  const { type, comment, variables, prevent_self_approval, next_pipeline_id } = values
  if (type === 'PROMOTE_IMAGE') return promotionBody(values)
  if (type === 'RUN_NEXT_PIPELINE') return numbers({ next_pipeline_id })
  const keys = variables.split(/[\s,]+/).filter(Boolean)
  return {
    ...given({ comment }),
    ...(prevent_self_approval && { prevent_self_approval }),
    ...(type === 'WAIT_FOR_VARIABLES' && { variables: keys.map((key) => ({ key, value: '' })) }),
  }
}
