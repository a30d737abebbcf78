import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { Form, useForm } from './form.tsx'

/** Asks before something is done that cannot be undone. */
export function Confirm({
  title,
  submit,
  opener,
  act,
  then,
  children,
}: {
  readonly title: string
  readonly submit: string
  readonly opener: (open: () => void) => ReactNode
  readonly act: () => Promise<unknown>
  readonly then: () => void
  readonly children: ReactNode
}) {
  return (
    <Dialog title={title} opener={opener}>
      {(close) => (
        <Sure
          submit={submit}
          act={act}
          then={() => {
            close()
            then()
          }}
        >
          {children}
        </Sure>
      )}
    </Dialog>
  )
}

function Sure({
  submit,
  act,
  then,
  children,
}: {
  readonly submit: string
  readonly act: () => Promise<unknown>
  readonly then: () => void
  readonly children: ReactNode
}) {
  const form = useForm({}, act, then)
  return (
    <Form of={form} fields={[]} submit={submit} danger>
      <p>{children}</p>
    </Form>
  )
}
