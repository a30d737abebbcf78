import { PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { errorOf, type FormState } from './form.tsx'

type Values = Readonly<Record<string, unknown>>
type TextNames<V> = { [K in keyof V]: V[K] extends string ? K : never }[keyof V] & string

interface FieldProps<V extends Values> {
  readonly form: FormState<V>
  readonly name: TextNames<V>
  readonly label: string
  readonly hint?: ReactNode
  readonly placeholder?: string
  readonly required?: boolean
  /** What the API calls it, where that is another name. */
  readonly field?: string
  readonly mono?: boolean
  readonly focus?: boolean
}

function bind<V extends Values>({
  form,
  name,
  label,
  hint,
  placeholder,
  required,
  field,
  focus,
}: FieldProps<V>) {
  const error = errorOf(form, field ?? name)
  return {
    label,
    value: form.values[name] as string,
    ...(hint !== undefined && { description: hint }),
    ...(placeholder !== undefined && { placeholder }),
    ...(required && { withAsterisk: true }),
    ...(error !== undefined && { error }),
    ...(focus && { 'data-autofocus': true, autoFocus: true }),
    autoComplete: 'off',
    spellCheck: false,
  }
}

function set<V extends Values>({ form, name }: FieldProps<V>, value: string): void {
  form.set(name, value as V[typeof name])
}

export function TextField<V extends Values>(props: FieldProps<V> & { readonly type?: 'datetime-local' }) {
  return (
    <TextInput
      {...bind(props)}
      type={props.type ?? 'text'}
      onChange={({ currentTarget }) => set(props, currentTarget.value)}
      {...(props.mono && { styles: { input: { fontFamily: 'var(--mono)', fontSize: 12 } } })}
    />
  )
}

/** What is typed in here is shown to nobody, and offered to no password manager. */
export function SecretField<V extends Values>(props: FieldProps<V>) {
  return (
    <PasswordInput
      {...bind(props)}
      autoComplete="new-password"
      onChange={({ currentTarget }) => set(props, currentTarget.value)}
    />
  )
}

export function LongField<V extends Values>(props: FieldProps<V> & { readonly rows?: number }) {
  return (
    <Textarea
      {...bind(props)}
      rows={props.rows ?? 3}
      onChange={({ currentTarget }) => set(props, currentTarget.value)}
      {...(props.mono && { styles: { input: { fontFamily: 'var(--mono)', fontSize: 12 } } })}
    />
  )
}

export function ChoiceField<V extends Values>(
  props: FieldProps<V> & {
    readonly choices: readonly { readonly value: string; readonly label: string }[]
    readonly search?: boolean
    readonly clear?: boolean
    /** How many are shown at once of those that fit what is searched for. */
    readonly limit?: number
  },
) {
  return (
    <Select
      {...bind(props)}
      value={(props.form.values[props.name] as string) || null}
      data={[...props.choices]}
      searchable={props.search ?? false}
      clearable={props.clear ?? false}
      limit={props.limit ?? Number.POSITIVE_INFINITY}
      onChange={(value) => set(props, value ?? '')}
    />
  )
}

export function SwitchField<V extends Values>({
  form,
  name,
  label,
  hint,
}: {
  readonly form: FormState<V>
  readonly name: keyof V & string
  readonly label: string
  readonly hint?: string
}) {
  return (
    <Switch
      label={label}
      {...(hint !== undefined && { description: hint })}
      checked={form.values[name] === true}
      onChange={({ currentTarget }) => form.set(name, currentTarget.checked as V[typeof name])}
    />
  )
}
