import { Button, Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { TokenView } from '#api/wire'
import { call } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { session } from '../data/session.ts'
import { AsCurl, Code } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ChoiceField, TextField } from '../parts/field.tsx'
import { errorOf, Form, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import styles from './token-form.module.css'

const DAYS = [
  { value: '7', label: 'In a week' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
]

/** A button for a new token. Its text is shown once, when it was made. */
export function NewToken({
  path = '/user/tokens',
  title = 'New access token',
  opener,
}: {
  readonly path?: string
  readonly title?: string
  readonly opener?: (open: () => void) => ReactNode
}) {
  return (
    <Dialog
      title={title}
      wide
      opener={
        opener ??
        ((open) => (
          <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
            New token
          </Button>
        ))
      }
    >
      {() => <TokenForm path={path} />}
    </Dialog>
  )
}

function TokenForm({ path }: { readonly path: string }) {
  // A member's token is for the workspace that it is made in.
  const own = path === '/user/tokens'
  const { data: who } = useQuery(session)
  const [made, setMade] = useState<TokenView>()
  const mine = who?.token.scopes ?? []
  const form = useForm(
    { name: '', expires_in: '90', scopes: mine as readonly string[], workspaces: '' },
    (values) => call<TokenView>('POST', path, bodyOf(values)),
    (token) => {
      void refresh('/user/tokens')
      setMade(token)
    },
  )
  if (made?.token !== undefined)
    return (
      <div className={styles.made}>
        <p>Copy it now: it is kept as a hash, and nobody can show it again.</p>
        <Code>{made.token}</Code>
      </div>
    )
  const { scopes } = form.values
  const error = errorOf(form, 'scopes')
  return (
    <Form
      of={form}
      fields={['name', 'expires_in', 'scopes', 'workspace_restrictions']}
      submit="Make the token"
      beside={<AsCurl method="POST" path={path} body={bodyOf(form.values)} />}
    >
      <TextField form={form} name="name" label="Name" hint="What it is for" required focus />
      <ChoiceField form={form} name="expires_in" label="Expires" choices={DAYS} />
      {own && (
        <TextField
          form={form}
          name="workspaces"
          field="workspace_restrictions"
          label="Workspaces"
          hint="Domains, with commas between; none means all that this session may see"
        />
      )}
      <Checkbox.Group
        label="May"
        value={[...scopes]}
        onChange={(value) => form.set('scopes', value)}
        {...(error !== undefined && { error })}
      >
        <div className={styles.scopes}>
          {mine.map((scope) => (
            <Checkbox key={scope} value={scope} label={scope} size="xs" />
          ))}
        </div>
      </Checkbox.Group>
    </Form>
  )
}

function bodyOf(values: {
  readonly name: string
  readonly expires_in: string
  readonly scopes: readonly string[]
  readonly workspaces: string
}) {
  const domains = values.workspaces.split(/[\s,]+/).filter(Boolean)
  return {
    name: values.name,
    scopes: values.scopes,
    ...(values.expires_in !== '' && { expires_in: Number(values.expires_in) }),
    ...(domains.length > 0 && { workspace_restrictions: domains }),
  }
}
