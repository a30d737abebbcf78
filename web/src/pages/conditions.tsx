import { ActionIcon, Button, Checkbox } from '@mantine/core'
import { ChoiceField, TextField } from '../parts/field.tsx'
import { errorOf, type FormState, itemOf } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { type ConditionValues, conditionValues, type PipelineValues } from './pipeline-values.ts'
import styles from './triggers.module.css'
import { ZONES } from './triggers.tsx'

const KINDS = [
  { value: 'DAY', label: 'On these days' },
  { value: 'HOUR', label: 'In these hours' },
  { value: 'DATETIME', label: 'On these days, in these hours' },
  { value: 'VAR_IS', label: 'A variable is' },
  { value: 'VAR_IS_NOT', label: 'A variable is not' },
  { value: 'VAR_CONTAINS', label: 'A variable contains' },
  { value: 'VAR_NOT_CONTAINS', label: 'A variable does not contain' },
  { value: 'VAR_LESS_THAN', label: 'A variable is less than' },
  { value: 'VAR_LESS_THAN_OR_EQUAL', label: 'A variable is at most' },
  { value: 'VAR_GREATER_THAN', label: 'A variable is greater than' },
  { value: 'VAR_GREATER_THAN_OR_EQUAL', label: 'A variable is at least' },
  { value: 'SUCCESS_PIPELINE', label: 'A pipeline was successful' },
  { value: 'TRIGGERING_USER_IS', label: 'Started by' },
  { value: 'TRIGGERING_USER_IS_NOT', label: 'Not started by' },
  { value: 'TRIGGERING_USER_IS_IN_GROUP', label: 'Started by one of the group' },
  { value: 'TRIGGERING_USER_IS_NOT_IN_GROUP', label: 'Started by nobody of the group' },
]
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** What the API says of a condition stands at it. */
export function conditionFields({ conditions }: PipelineValues): readonly string[] {
  return conditions.map((_, index) => `trigger_conditions.${index}`)
}

/** What must be so for a run to do anything: all of a group, of one group. */
export function Conditions({ form }: { readonly form: FormState<PipelineValues> }) {
  const { conditions } = form.values
  const add = (...kinds: ConditionValues['kind'][]): void =>
    form.change((before) => ({
      ...before,
      conditions: [
        ...before.conditions,
        ...kinds.map((trigger_condition) => conditionValues({ trigger_condition })),
      ],
    }))
  return (
    <div className={styles.list}>
      {conditions.length === 0 && <p className="dim">None: whatever starts it, it runs.</p>}
      {conditions.map(({ key }, index) => (
        <Condition key={key} form={form} index={index} />
      ))}
      <div style={{ display: 'flex', gap: 8 }}>
        <Button leftSection={<Icon name="add" />} onClick={() => add('DAY')}>
          Add a condition
        </Button>
        {conditions.length > 0 && conditions.at(-1)?.kind !== 'OR' && (
          <Button onClick={() => add('OR', 'DAY')}>Or else</Button>
        )}
      </div>
    </div>
  )
}

function Condition({
  form: whole,
  index,
}: {
  readonly form: FormState<PipelineValues>
  readonly index: number
}) {
  const form = itemOf<PipelineValues, ConditionValues>(whole, 'conditions', index)
  const at = `trigger_conditions.${index}`
  const { kind } = form.values
  const remove = (
    <ActionIcon
      aria-label={kind === 'OR' ? 'Join the two groups' : 'Remove the condition'}
      onClick={() =>
        whole.change((before) => ({
          ...before,
          conditions: before.conditions.filter((_, each) => each !== index),
        }))
      }
    >
      <Icon name="trash" />
    </ActionIcon>
  )
  if (kind === 'OR') return <div className={styles.or}>or, if all of these are so {remove}</div>
  return (
    <section className={styles.item} aria-label={`Condition ${index + 1}`}>
      <div className={styles.fields} style={{ gridTemplateColumns: 'minmax(0, 1fr) auto' }}>
        <ChoiceField
          form={form}
          name="kind"
          field={`${at}.trigger_condition`}
          label="Runs only if"
          choices={
            KINDS.some(({ value }) => value === kind)
              ? KINDS
              : [...KINDS, { value: kind, label: kind.toLowerCase().replaceAll('_', ' ') }]
          }
        />
        <div style={{ alignSelf: 'end', paddingBottom: 4 }}>{remove}</div>
      </div>
      <ConditionFields form={form} at={at} />
    </section>
  )
}

function ConditionFields({ form, at }: { readonly form: FormState<ConditionValues>; readonly at: string }) {
  const { kind } = form.values
  if (kind.startsWith('VAR_'))
    return (
      <div className={styles.fields}>
        <TextField
          form={form}
          name="variable"
          field={`${at}.trigger_variable_key`}
          label="Variable"
          placeholder="RELEASE"
          required
          mono
        />
        <TextField form={form} name="value" field={`${at}.trigger_variable_value`} label="Value" mono />
      </div>
    )
  if (kind === 'DATETIME' || kind === 'DAY' || kind === 'HOUR') return <TimeFields form={form} at={at} />
  if (kind === 'SUCCESS_PIPELINE')
    return (
      <div className={styles.fields}>
        <TextField
          form={form}
          name="pipeline"
          field={`${at}.trigger_pipeline_name`}
          label="Pipeline"
          hint="By its name"
          required
        />
        <TextField
          form={form}
          name="project"
          field={`${at}.trigger_project_name`}
          label="Project"
          hint="This one where there is none"
        />
      </div>
    )
  if (kind.endsWith('_IN_GROUP'))
    return <TextField form={form} name="group" field={`${at}.trigger_group`} label="Group" required />
  if (kind.startsWith('TRIGGERING_USER'))
    return <TextField form={form} name="user" field={`${at}.trigger_user`} label="Their email" required />
  return null
}

function TimeFields({ form, at }: { readonly form: FormState<ConditionValues>; readonly at: string }) {
  const { kind, days } = form.values
  const error = errorOf(form, `${at}.trigger_days`)
  return (
    <>
      {kind !== 'HOUR' && (
        <Checkbox.Group
          label="Days"
          value={[...days]}
          onChange={(value) => form.set('days', value)}
          {...(error !== undefined && { error })}
        >
          <div className={styles.days}>
            {DAYS.map((label, day) => (
              <Checkbox key={label} value={String(day + 1)} label={label} size="xs" />
            ))}
          </div>
        </Checkbox.Group>
      )}
      <div className={styles.fields}>
        {kind !== 'DAY' && (
          <TextField
            form={form}
            name="hours"
            field={`${at}.trigger_hours`}
            label="Hours"
            hint="1 to 24: 9 begins at 9:00, 24 at midnight"
            placeholder="9-17"
            mono
          />
        )}
        <ChoiceField
          form={form}
          name="timezone"
          field={`${at}.timezone`}
          label="Time zone"
          choices={ZONES}
          search
          limit={40}
        />
      </div>
    </>
  )
}
