import { Button } from '@mantine/core'
import { useState } from 'react'
import type { IntegrationView, TrialView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { SwitchField, TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Mark } from '../parts/status.tsx'
import { REGISTRIES } from './registries.ts'
import styles from './trial.module.css'

const WORDS: Readonly<Record<string, string>> = {
  name: 'Name',
  connection: 'Connection',
  tls: 'Certificate',
  credentials: 'Credentials',
  pull: 'Pull',
  push: 'Push',
  repository: 'Repository',
  quota: 'Quota',
}
const MARKS: Readonly<Record<string, string>> = { ok: 'SUCCESSFUL', failed: 'FAILED', skipped: 'SKIPPED' }

/** Tries an integration's credentials before anything is copied with them. */
export function TestConnection({
  workspace,
  integration,
}: {
  readonly workspace: string
  readonly integration: IntegrationView
}) {
  return (
    <Dialog
      title={`Test ${integration.name}`}
      opener={(open) => (
        <Button size="compact-xs" onClick={open}>
          Test<span className="visually-hidden"> {integration.name}</span>
        </Button>
      )}
    >
      {() => <TrialForm workspace={workspace} integration={integration} />}
    </Dialog>
  )
}

function TrialForm({ workspace, integration: { hash_id, type } }: Parameters<typeof TestConnection>[0]) {
  const kind = REGISTRIES.find(({ integrations }) => integrations.includes(type))
  const path = `${pathOf('workspaces', workspace, 'integrations', hash_id)}/test`
  const [result, setResult] = useState<TrialView>()
  const form = useForm(
    { registry: '', image: '', push: true },
    (values) => {
      setResult(undefined)
      return call<TrialView>('POST', path, given(values))
    },
    setResult,
  )
  return (
    <Form
      of={form}
      fields={['registry', 'image']}
      submit="Test the connection"
      beside={<AsCurl method="POST" path={path} body={given(form.values)} />}
    >
      {kind?.registry !== undefined && (
        <TextField
          form={form}
          name="registry"
          label={kind.registry.label}
          placeholder={kind.registry.placeholder}
          required={kind.registry.needed}
          mono
        />
      )}
      <TextField
        form={form}
        name="image"
        label="Image"
        hint="To see what may be done with it; without one, the registry alone is asked"
        placeholder={kind?.image ?? 'team/shop'}
        mono
        focus
      />
      <SwitchField
        form={form}
        name="push"
        label="Try to push, too"
        hint="Begins an upload and gives it up again"
      />
      {result !== undefined && <Steps of={result} />}
    </Form>
  )
}

function Steps({ of: { status, registry, steps } }: { readonly of: TrialView }) {
  return (
    <section className={styles.result} aria-label="What was found" role="status">
      <h2>
        {status === 'ok' ? 'All is well' : 'Something is missing'}
        {registry !== null && <span className="dim mono"> {registry}</span>}
      </h2>
      <ol>
        {steps.map(({ step, status: how, code, message, advice }) => (
          <li key={step} className={styles.step}>
            <Mark of={MARKS[how] ?? ''} />
            <div>
              {WORDS[step] ?? step}
              <span className="visually-hidden"> {how}:</span>
              <span className="dim"> {message}</span>
              {code !== null && <code className={styles.code}> {code}</code>}
              {advice !== null && <div>{advice}</div>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
