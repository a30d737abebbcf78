import { ActionIcon, Button, Menu, SegmentedControl } from '@mantine/core'
import { ChoiceField, SwitchField, TextField } from '../parts/field.tsx'
import { type FormState, itemOf } from '../parts/form.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { NextRuns } from './next-runs.tsx'
import { type EventValues, eventValues, type PipelineValues, scheduleBody } from './pipeline-values.ts'
import styles from './triggers.module.css'

type Type = EventValues['type']

/** What can start a pipeline here. */
const KINDS: readonly { readonly type: Type; readonly label: string; readonly icon: IconName }[] = [
  { type: 'SCHEDULE', label: 'On a schedule', icon: 'clock' },
  { type: 'PUSH_IMAGE', label: 'When an image is pushed', icon: 'tag' },
  { type: 'WEBHOOK', label: 'By its URL', icon: 'webhook' },
]
export const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map(
  (value) => ({ value, label: value }),
)

/** What each of the triggers says that is not as it should be stands beside its fields. */
export function triggerFields({ events }: PipelineValues): readonly string[] {
  return events.flatMap((_, index) =>
    ['cron', 'timezone', 'start_date', 'delay', 'images', 'tags'].map((field) => `events.${index}.${field}`),
  )
}

/** What starts a pipeline beside people. `path`: of the project's pipelines. */
export function Triggers({
  form,
  path,
}: {
  readonly form: FormState<PipelineValues>
  readonly path: string
}) {
  const { events } = form.values
  const add = (type: Type): void =>
    form.change((before) => ({ ...before, events: [...before.events, eventValues({ type })] }))
  return (
    <div className={styles.list}>
      {events.length === 0 && <p className="dim">Nothing yet: it starts when somebody runs it.</p>}
      {events.map(({ key, type }, index) => (
        <Trigger key={key} form={form} index={index} type={type} path={path} />
      ))}
      <Menu position="bottom-start" width={230}>
        <Menu.Target>
          <Button leftSection={<Icon name="add" />} style={{ justifySelf: 'start' }}>
            Add a trigger
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map(({ type, label, icon }) => (
            <Menu.Item key={type} leftSection={<Icon name={icon} />} onClick={() => add(type)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

function Trigger({
  form: whole,
  index,
  type,
  path,
}: {
  readonly form: FormState<PipelineValues>
  readonly index: number
  readonly type: Type
  readonly path: string
}) {
  const kind = KINDS.find((each) => each.type === type)
  const label = kind?.label ?? type.toLowerCase().replaceAll('_', ' ')
  const form = itemOf<PipelineValues, EventValues>(whole, 'events', index)
  return (
    <section className={styles.item} aria-label={label}>
      <div className={styles.head}>
        <Icon name={kind?.icon ?? 'minus'} />
        <h3>{label}</h3>
        <ActionIcon
          aria-label={`Remove: ${label}`}
          onClick={() =>
            whole.change((before) => ({ ...before, events: before.events.filter((_, at) => at !== index) }))
          }
        >
          <Icon name="trash" />
        </ActionIcon>
      </div>
      {type === 'SCHEDULE' ? (
        <ScheduleFields form={form} at={`events.${index}`} path={path} />
      ) : type === 'PUSH_IMAGE' ? (
        <ImageFields form={form} at={`events.${index}`} />
      ) : type === 'WEBHOOK' ? (
        <SwitchField
          form={form}
          name="totp"
          label="Asks for a one-time password too"
          hint="From an authenticator app, good for half a minute, and once"
        />
      ) : (
        <p className="dim">It is kept, and never happens here: there is no repository.</p>
      )}
    </section>
  )
}

interface FieldsProps {
  readonly form: FormState<EventValues>
  /** What the API calls this one. */
  readonly at: string
}

function ScheduleFields({ form, at, path }: FieldsProps & { readonly path: string }) {
  const { mode } = form.values
  return (
    <>
      <SegmentedControl
        size="xs"
        className={styles.mode ?? ''}
        aria-label="How it repeats"
        value={mode}
        data={[
          { value: 'cron', label: 'At certain times' },
          { value: 'interval', label: 'Every so often' },
        ]}
        onChange={(value) => form.change((before) => ({ ...before, mode: value as typeof mode }))}
      />
      <div className={styles.fields}>
        {mode === 'cron' ? (
          <>
            <TextField
              form={form}
              name="cron"
              field={`${at}.cron`}
              label="Cron expression"
              hint="Minute, hour, day, month, weekday"
              placeholder="30 5 * * 1-5"
              required
              mono
            />
            <ChoiceField
              form={form}
              name="timezone"
              field={`${at}.timezone`}
              label="Time zone"
              hint="Whose clock that is"
              choices={ZONES}
              search
              limit={40}
            />
          </>
        ) : (
          <>
            <TextField
              form={form}
              name="start_date"
              field={`${at}.start_date`}
              label="From"
              hint="In your own time zone"
              type="datetime-local"
              required
            />
            <TextField
              form={form}
              name="delay"
              field={`${at}.delay`}
              label="Every"
              hint="Minutes"
              placeholder="60"
              required
            />
          </>
        )}
      </div>
      <NextRuns of={scheduleBody(form.values)} path={path} />
    </>
  )
}

function ImageFields({ form, at }: FieldsProps) {
  return (
    <>
      <div className={styles.fields}>
        <TextField
          form={form}
          name="images"
          field={`${at}.images`}
          label="Images"
          hint="With commas between; * stands for anything"
          placeholder="ghcr.io/acme/*"
          required
          mono
        />
        <TextField
          form={form}
          name="tags"
          field={`${at}.tags`}
          label="Tags"
          hint="All where there is none"
          placeholder="main, v*"
          mono
        />
      </div>
      <SwitchField
        form={form}
        name="signed"
        label="Only if the registry proves who it is"
        hint="With the secret that belongs to the URL"
      />
    </>
  )
}
