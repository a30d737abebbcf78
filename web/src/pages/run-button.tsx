import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ExecutionView, PipelineView, PlannedView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, type FormState, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { expected, Plan } from '../parts/plan.tsx'

interface RunProps {
  readonly pipeline: string
  readonly workspace: string
  readonly project: string
  readonly of: PipelineView
}

/** Runs a pipeline, after it was shown what that will promote. */
export function RunButton({ small = false, ...props }: RunProps & { readonly small?: boolean }) {
  return (
    <Dialog
      title={`Run ${props.of.name}`}
      wide
      opener={(open) => (
        <Button
          {...(small ? { size: 'compact-xs' } : { variant: 'filled' })}
          leftSection={<Icon name="play" size={14} />}
          onClick={open}
          {...(small && { 'aria-label': `Run ${props.of.name}` })}
        >
          Run
        </Button>
      )}
    >
      {() => <RunForm {...props} />}
    </Dialog>
  )
}

function RunForm({ of, workspace, project, pipeline }: RunProps) {
  const navigate = useNavigate()
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
  const path = `${above}/executions`
  const asked = of.variables.filter(({ settable, type }) => settable && type === 'VAR')
  const [initial] = useState(() => ({
    comment: '',
    ...Object.fromEntries(asked.map(({ key, value, encrypted }) => [key, encrypted ? '' : value])),
  }))
  const changed = (values: typeof initial) =>
    asked.flatMap(({ key, value }) => {
      const now = (values as Readonly<Record<string, string>>)[key] ?? ''
      return now === '' || now === value ? [] : [{ key, value: now }]
    })
  // The registries are asked while somebody reads on; nothing waits for their answer.
  const plan = useMutation({
    mutationFn: (values: typeof initial) =>
      call<{ plan: PlannedView[] }>('POST', `${above}/plan`, { variables: changed(values) }),
  })
  const { mutate } = plan
  const body = (values: typeof initial) => ({
    ...given({ comment: values.comment }),
    ...(changed(values).length > 0 && { variables: changed(values) }),
    ...expected(plan.data?.plan ?? []),
  })
  const form = useForm(
    initial,
    (values) => call<ExecutionView>('POST', path, body(values)),
    ({ id }) => {
      void refresh(above)
      void navigate({
        to: '/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution',
        params: { workspace, project, pipeline, execution: String(id) },
      })
    },
  )
  const [values] = useDebouncedValue(form.values, 400)
  const key = JSON.stringify(changed(values))
  // biome-ignore lint/correctness/useExhaustiveDependencies: other values, another plan
  useEffect(() => mutate(values), [key, mutate])
  return (
    <Form
      of={form}
      fields={['comment']}
      submit="Run"
      beside={<AsCurl method="POST" path={path} body={body(form.values)} />}
    >
      {plan.data !== undefined ? (
        <Plan of={plan.data.plan} />
      ) : plan.error !== null ? (
        <p role="alert">{plan.error.message}</p>
      ) : (
        <p className="dim" role="status">
          Asking the registries what this would do …
        </p>
      )}
      {asked.map((variable) => (
        <TextField
          key={variable.key}
          form={form as FormState<Record<string, string>>}
          name={variable.key}
          label={variable.key}
          {...(variable.description !== null && { hint: variable.description })}
          {...(variable.encrypted && { placeholder: 'Stays as it is' })}
          mono
        />
      ))}
      <TextField form={form} name="comment" label="Comment" hint="Why, for those who look later" focus />
    </Form>
  )
}
