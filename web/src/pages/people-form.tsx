import { ActionIcon, Button } from '@mantine/core'
import { call } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'

/** Asks before somebody, or a group, goes. */
export function Remove({
  what,
  label,
  path,
  above,
}: {
  readonly what: string
  readonly label: string
  readonly path: string
  readonly above: string
}) {
  return (
    <Confirm
      title={`Remove ${label}?`}
      submit="Remove"
      opener={(open) => (
        <ActionIcon aria-label={`Remove ${label}`} onClick={open}>
          <Icon name="trash" />
        </ActionIcon>
      )}
      act={() => call('DELETE', path)}
      then={() => void refresh(above)}
    >
      Here {what} is gone from the next request on.
    </Confirm>
  )
}

/** A button that lets somebody into the workspace. */
export function NewMember({ path }: { readonly path: string }) {
  return (
    <Dialog
      title="New member"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New member
        </Button>
      )}
    >
      {(close) => <NewForm path={path} field="email" label="Email" submit="Let them in" then={close} />}
    </Dialog>
  )
}

/** A button for a new group. */
export function NewGroup({ path }: { readonly path: string }) {
  return (
    <Dialog
      title="New group"
      opener={(open) => (
        <Button leftSection={<Icon name="add" />} onClick={open}>
          New group
        </Button>
      )}
    >
      {(close) => <NewForm path={path} field="name" label="Name" submit="Make the group" then={close} />}
    </Dialog>
  )
}

/** A form of one field: what something new is called. */
function NewForm({
  path,
  field,
  label,
  submit,
  then,
}: {
  readonly path: string
  readonly field: string
  readonly label: string
  readonly submit: string
  readonly then: () => void
}) {
  const form = useForm(
    { value: '' },
    ({ value }) => call('POST', path, given({ [field]: value })),
    () => {
      void refresh(path)
      then()
    },
  )
  return (
    <Form
      of={form}
      fields={[field]}
      submit={submit}
      beside={<AsCurl method="POST" path={path} body={{ [field]: form.values.value }} />}
    >
      <TextField form={form} name="value" field={field} label={label} required focus />
    </Form>
  )
}
