import { Checkbox } from '@mantine/core'
import type { WebhookView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { SecretField, TextField } from '../parts/field.tsx'
import { errorOf, Form, given, useForm } from '../parts/form.tsx'

const EVENTS: readonly (readonly [string, string])[] = [
  ['EXECUTION_STARTED', 'a run starts'],
  ['EXECUTION_SUCCESSFUL', 'it succeeds'],
  ['EXECUTION_FAILED', 'it fails'],
  ['EXECUTION_FINISHED', 'it ends, whichever way'],
]

export function eventWords(event: string): string {
  return EVENTS.find(([name]) => name === event)?.[1] ?? event.toLowerCase()
}

/** A new webhook, or one that is there. */
export function WebhookForm({
  workspace,
  before,
  then,
}: {
  readonly workspace: string
  readonly before?: WebhookView
  readonly then: (made: WebhookView) => void
}) {
  const above = pathOf('workspaces', workspace, 'webhooks')
  const path = before === undefined ? above : `${above}/${before.id}`
  const method = before === undefined ? 'POST' : 'PATCH'
  const form = useForm(
    {
      target_url: before?.target_url ?? '',
      events: (before?.events ?? ['EXECUTION_FINISHED']) as readonly string[],
      projects: before?.projects.join(', ') ?? '',
      secret_key: '',
    },
    (values) => call<WebhookView>(method, path, bodyOf(values)),
    (made) => {
      void refresh(above)
      then(made)
    },
  )
  const error = errorOf(form, 'events')
  return (
    <Form
      of={form}
      fields={['target_url', 'events', 'projects', 'secret_key']}
      submit={before === undefined ? 'Make the webhook' : 'Save'}
      beside={
        <AsCurl
          method={method}
          path={path}
          body={{ ...bodyOf(form.values), ...(form.values.secret_key !== '' && { secret_key: '…' }) }}
        />
      }
    >
      <TextField
        form={form}
        name="target_url"
        label="URL"
        placeholder="https://example.com/hooks/tagboat"
        required
        focus
        mono
      />
      <Checkbox.Group
        label="When"
        value={[...form.values.events]}
        onChange={(value) => form.set('events', value)}
        {...(error !== undefined && { error })}
      >
        <div style={{ display: 'grid', gap: 8, paddingTop: 8 }}>
          {EVENTS.map(([value, label]) => (
            <Checkbox key={value} value={value} label={label} size="xs" />
          ))}
        </div>
      </Checkbox.Group>
      <TextField
        form={form}
        name="projects"
        label="Projects"
        hint="Their names, with commas between; none means all"
      />
      <SecretField
        form={form}
        name="secret_key"
        label="Secret key"
        hint={before === undefined ? 'Sent along in every body' : 'Stays as it is where this is empty'}
      />
    </Form>
  )
}

function bodyOf({
  projects,
  ...values
}: {
  readonly target_url: string
  readonly events: readonly string[]
  readonly projects: string
  readonly secret_key: string
}) {
  return { ...given(values), projects: projects.split(/[\s,]+/).filter(Boolean) }
}
