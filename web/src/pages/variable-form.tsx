import type { VariableView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { ChoiceField, LongField, SecretField, SwitchField, TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'

/** Of what a variable is; nothing: of the workspace. */
export interface VariableScope {
  readonly project?: { readonly name: string }
  readonly pipeline?: { readonly id: number }
}

const TYPES = [
  { value: 'VAR', label: 'Text' },
  { value: 'FILE', label: 'File' },
  { value: 'SSH_KEY', label: 'SSH key' },
]

/** A new variable, or one that is there. What is secret of it stays unless another value is given. */
export function VariableForm({
  workspace,
  scope,
  before,
  then,
}: {
  readonly workspace: string
  readonly scope: VariableScope
  readonly before?: VariableView
  readonly then: () => void
}) {
  const above = pathOf('workspaces', workspace, 'variables')
  const path = before === undefined ? above : `${above}/${before.id}`
  const method = before === undefined ? 'POST' : 'PATCH'
  const secret = before?.value.startsWith('!encrypted') ?? false
  const initial = {
    key: before?.key ?? '',
    value: secret ? '' : (before?.value ?? ''),
    type: before?.type ?? 'VAR',
    description: before?.description ?? '',
    encrypted: before?.encrypted ?? false,
    settable: before?.settable ?? false,
  }
  const bodyOf = ({ key, type, value, description, encrypted, settable }: typeof initial) => ({
    ...given({ key, description }),
    ...(before === undefined && { type, ...scope }),
    ...((value !== '' || !secret) && { value }),
    encrypted,
    settable,
  })
  const form = useForm(
    initial,
    (values) => call<VariableView>(method, path, bodyOf(values)),
    () => {
      void refresh(above)
      then()
    },
  )
  const { encrypted, type, value } = form.values
  const hidden = encrypted || type === 'SSH_KEY'
  const field = {
    form,
    name: 'value',
    label: 'Value',
    ...(secret && { placeholder: 'Stays as it is' }),
  } as const
  return (
    <Form
      of={form}
      fields={['key', 'value', 'type', 'description']}
      submit={before === undefined ? 'Make the variable' : 'Save'}
      beside={
        <AsCurl
          method={method}
          path={path}
          body={{ ...bodyOf(form.values), ...(hidden && value !== '' && { value: '…' }) }}
        />
      }
    >
      <TextField form={form} name="key" label="Name" placeholder="VERSION" required mono focus />
      {before === undefined && <ChoiceField form={form} name="type" label="Type" choices={TYPES} />}
      {type !== 'VAR' ? (
        <LongField {...field} rows={5} mono />
      ) : encrypted ? (
        <SecretField {...field} />
      ) : (
        <TextField {...field} mono />
      )}
      <TextField form={form} name="description" label="Description" />
      <SwitchField form={form} name="encrypted" label="Secret" hint="Sealed, and shown to nobody again" />
      <SwitchField form={form} name="settable" label="May be set for a run" />
    </Form>
  )
}
