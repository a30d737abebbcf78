import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { ApiError } from '../data/call.ts'
import styles from './form.module.css'

type Values = Readonly<Record<string, unknown>>

/** A form's values, and what the API said of each of them. */
export interface FormState<V extends Values> {
  readonly values: V
  readonly busy: boolean
  readonly errors: readonly FieldError[]
  /** Whether the last thing that was done with it was to send it, and it was taken. */
  readonly saved: boolean
  set<K extends keyof V>(name: K, value: V[K]): void
  /** For what depends on the values as they are by then. */
  change(update: (values: V) => V): void
  submit(): Promise<void>
}

interface FieldError {
  readonly field: string | undefined
  readonly message: string
}

/** A form that sends its values and shows what the API has against them. `send` throws what the API says; `then` hears what it made. */
export function useForm<V extends Values, T>(
  initial: V,
  send: (values: V) => Promise<T>,
  then: (made: T) => void,
): FormState<V> {
  const [values, setValues] = useState(initial)
  const [errors, setErrors] = useState<readonly FieldError[]>([])
  const [busy, setBusy] = useState(false)
  const [saved, setSaved] = useState(false)
  const change = (update: (values: V) => V): void => {
    setSaved(false)
    setValues(update)
  }
  return {
    values,
    errors,
    busy,
    saved,
    set: (name, value) => change((before) => ({ ...before, [name]: value })),
    change,
    async submit() {
      setBusy(true)
      try {
        const made = await send(values)
        setErrors([])
        setSaved(true)
        then(made)
      } catch (error) {
        setErrors(errorsOf(error))
      } finally {
        setBusy(false)
      }
    },
  }
}

/** The API's message begins with the field's name, which stands beside the field already. */
function errorsOf(error: unknown): readonly FieldError[] {
  if (!(error instanceof ApiError)) return [{ field: undefined, message: String((error as Error).message) }]
  return error.errors.map(({ field, message }) => ({
    field,
    message:
      field !== undefined && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message,
  }))
}

/** What the API said of a field, or of what is in it, for the input that shows it. */
export function errorOf(form: Pick<FormState<Values>, 'errors'>, field: string): string | undefined {
  const said = form.errors.filter((error) => error.field === field || error.field?.startsWith(`${field}.`))
  return said.length === 0 ? undefined : said.map(({ message }) => message).join('; ')
}

/** The form itself. `fields`: those that show their errors themselves; what the API says of anything else stands above the button. */
export function Form<V extends Values>({
  of: form,
  fields,
  submit,
  saved,
  danger = false,
  beside,
  children,
}: {
  readonly of: FormState<V>
  readonly fields: readonly string[]
  readonly submit: string
  /** What is said when it was taken, of a form that stays. */
  readonly saved?: string
  readonly danger?: boolean
  readonly beside?: ReactNode
  readonly children?: ReactNode
}) {
  const ref = useRef<HTMLFormElement>(null)
  const { errors } = form
  useEffect(() => {
    if (errors.length > 0) ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [errors])
  const others = errors.filter(
    ({ field }) =>
      field === undefined || !fields.some((each) => field === each || field.startsWith(`${each}.`)),
  )
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    // A form in a dialog of another form is no part of it, though React thinks so.
    event.stopPropagation()
    void form.submit()
  }
  return (
    <form ref={ref} className={styles.form} onSubmit={onSubmit} noValidate>
      {children}
      {others.length > 0 && (
        <div role="alert" className={styles.errors}>
          {others.map(({ field, message }) => (
            <p key={`${field} ${message}`}>{field === undefined ? message : `${field}: ${message}`}</p>
          ))}
        </div>
      )}
      <div className={styles.foot}>
        {saved !== undefined && (
          <span role="status" className="dim">
            {form.saved ? saved : ''}
          </span>
        )}
        {beside}
        <Button type="submit" variant="filled" loading={form.busy} {...(danger && { color: 'red' })}>
          {submit}
        </Button>
      </div>
    </form>
  )
}

/** The values that were given: nothing is sent of an input that is empty. */
export function given<V extends Values>(values: V): Partial<V> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined),
  ) as Partial<V>
}

/** Texts as the numbers that they are; what is none is sent as it was typed, for the API to say so. Nothing is sent of one that is empty. */
export function numbers(texts: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text.trim() !== '')
      .map(([name, text]) => [name, /^\d+$/.test(text.trim()) ? Number(text) : text]),
  )
}

/** What was typed as a list, with commas or spaces between. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean)
}

/** The part of a form that is one of a list of its values. */
export function itemOf<V extends Values, I extends Values>(
  form: FormState<V>,
  list: keyof V & string,
  index: number,
): FormState<I> {
  const change = (update: (item: I) => I): void =>
    form.change((before) => ({
      ...before,
      [list]: (before[list] as readonly I[]).map((item, at) => (at === index ? update(item) : item)),
    }))
  return {
    ...form,
    values: (form.values[list] as readonly I[])[index] as I,
    change,
    set: (name, value) => change((before) => ({ ...before, [name]: value })),
  }
}
