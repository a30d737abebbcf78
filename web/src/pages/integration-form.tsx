import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { IntegrationView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ChoiceField, LongField, SecretField, TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'

const SECRETS = {
  username: '',
  password: '',
  token: '',
  access_key: '',
  secret_key: '',
  region: '',
  api_key: '',
  app_id: '',
  tenant_id: '',
}
type Secrets = typeof SECRETS
type SecretName = keyof Secrets

/** What each type asks for, in the API's names. `plain`: shown while it is typed. */
const TYPES: Readonly<
  Record<
    string,
    {
      readonly label: string
      readonly fields: readonly [SecretName, string, ('plain' | 'long' | 'maybe')?][]
    }
  >
> = {
  DOCKER_HUB: {
    label: 'Docker Hub',
    fields: [
      ['username', 'User name', 'plain'],
      ['password', 'Password or access token'],
    ],
  },
  GIT_HUB: { label: 'GitHub', fields: [['token', 'Token (classic, with read:packages or write:packages)']] },
  AMAZON: {
    label: 'Amazon Web Services',
    fields: [
      ['access_key', 'Access key', 'plain'],
      ['secret_key', 'Secret key'],
      ['region', 'Region', 'maybe'],
    ],
  },
  GOOGLE_SERVICE_ACCOUNT: { label: 'Google service account', fields: [['api_key', 'Key, as JSON', 'long']] },
  GIT_LAB: {
    label: 'GitLab',
    fields: [
      ['username', 'User name', 'maybe'],
      ['token', 'Token'],
    ],
  },
  DIGITAL_OCEAN: { label: 'DigitalOcean', fields: [['token', 'Token']] },
  AZURE_CLOUD: {
    label: 'Azure',
    fields: [
      ['app_id', 'Application ID', 'plain'],
      ['tenant_id', 'Tenant ID', 'plain'],
      ['password', 'Password'],
    ],
  },
}

export function typeLabel(type: string): string {
  return TYPES[type]?.label ?? type
}

/** A button for a new integration, of any type or of those that fit. */
export function NewIntegration({
  workspace,
  types = Object.keys(TYPES),
  opener,
  then = () => {},
}: {
  readonly workspace: string
  readonly types?: readonly string[]
  readonly opener?: (open: () => void) => ReactNode
  readonly then?: (made: IntegrationView) => void
}) {
  return (
    <Dialog
      title="New integration"
      opener={
        opener ??
        ((open) => (
          <Button leftSection={<Icon name="add" />} size="sm" onClick={open}>
            New
          </Button>
        ))
      }
    >
      {(close) => (
        <IntegrationForm
          workspace={workspace}
          types={types}
          then={(made) => {
            close()
            then(made)
          }}
        />
      )}
    </Dialog>
  )
}

/** An integration that is there. Secrets that are left empty stay as they are. */
export function EditIntegration({
  workspace,
  integration,
  opener,
}: {
  readonly workspace: string
  readonly integration: IntegrationView
  readonly opener: (open: () => void) => ReactNode
}) {
  return (
    <Dialog title={integration.name} opener={opener}>
      {(close) => (
        <IntegrationForm workspace={workspace} types={[integration.type]} before={integration} then={close} />
      )}
    </Dialog>
  )
}

interface IntegrationFormProps {
  readonly workspace: string
  readonly types: readonly string[]
  readonly before?: IntegrationView
  readonly then: (made: IntegrationView) => void
}

function IntegrationForm({ workspace, types, before, then }: IntegrationFormProps) {
  const above = pathOf('workspaces', workspace, 'integrations')
  const path = before === undefined ? above : `${above}/${before.hash_id}`
  const method = before === undefined ? 'POST' : 'PATCH'
  const bodyOf = ({ type, name, identifier, ...secrets }: typeof initial) => {
    const wanted = TYPES[type]?.fields.map(([field]) => [field, secrets[field]] as const) ?? []
    return { type, ...given({ name, identifier, ...Object.fromEntries(wanted) }) }
  }
  const initial = {
    type: types[0] ?? 'DOCKER_HUB',
    name: before?.name ?? typeLabel(types[0] ?? ''),
    identifier: before?.identifier ?? '',
    ...SECRETS,
  }
  const form = useForm(
    initial,
    (values) => call<IntegrationView>(method, path, bodyOf(values)),
    (made) => {
      void refresh(above)
      then(made)
    },
  )
  const { type } = form.values
  const hidden = Object.fromEntries(
    Object.entries(bodyOf(form.values)).map(([name, value]) => [name, name in SECRETS ? '…' : value]),
  )
  return (
    <Form
      of={form}
      fields={['name', 'identifier', 'type', ...Object.keys(SECRETS)]}
      submit={before === undefined ? 'Keep the credentials' : 'Save'}
      beside={<AsCurl method={method} path={path} body={hidden} />}
    >
      {types.length > 1 && (
        <ChoiceField
          form={form}
          name="type"
          label="Type"
          choices={types.map((value) => ({ value, label: typeLabel(value) }))}
        />
      )}
      <TextField form={form} name="name" label="Name" required focus />
      <TextField
        form={form}
        name="identifier"
        label="Identifier"
        hint="What actions call it; made of the name where there is none"
        mono
      />
      {TYPES[type]?.fields.map(([name, label, how]) => {
        const field = {
          ...{ form, name, label },
          ...(before !== undefined && { placeholder: 'Stays as it is' }),
          required: how !== 'maybe' && before === undefined,
        }
        if (how === 'long') return <LongField key={name} {...field} rows={6} mono />
        return how === undefined ? <SecretField key={name} {...field} /> : <TextField key={name} {...field} />
      })}
    </Form>
  )
}
