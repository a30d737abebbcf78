import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ExecutionView, PipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { Route } from '../parts/place.tsx'

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
  const form = useForm(
    { comment: '' },
    (values) => call<ExecutionView>('POST', path, given(values)),
    ({ id }) => {
      void refresh(above)
      void navigate({
        to: '/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution',
        params: { workspace, project, pipeline, execution: String(id) },
      })
    },
  )
  return (
    <Form
      of={form}
      fields={['comment']}
      submit="Run"
      beside={<AsCurl method="POST" path={path} body={given(form.values)} />}
    >
      <ul>
        {of.actions
          .filter(({ disabled }) => !disabled)
          .map((action) => (
            <li key={action.id}>
              <Route src={action.src} dest={action.dest} same={action.same_location} />
            </li>
          ))}
      </ul>
      <TextField form={form} name="comment" label="Comment" hint="Why, for those who look later" focus />
    </Form>
  )
}
