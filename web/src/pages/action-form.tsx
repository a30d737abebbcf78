import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ActionView, IntegrationView, ShortPipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { useAll } from '../data/list.ts'
import { refresh, thing } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { ChoiceField, LongField, SwitchField, TextField } from '../parts/field.tsx'
import { Form, type FormState, useForm } from '../parts/form.tsx'
import styles from './action-form.module.css'
import { type ActionValues, actionBody, actionValues, TYPES } from './action-values.ts'
import { PROMOTION_FIELDS, PromotionFields } from './promotion-form.tsx'

const TRIGGER_TIMES = [
  { value: 'ON_EVERY_EXECUTION', label: 'In every run' },
  { value: 'ON_SUCCESS', label: 'After success' },
  { value: 'ON_FAILURE', label: 'After a failure' },
  { value: 'ON_BACK_TO_SUCCESS', label: 'After success that follows a failure' },
  { value: 'ON_WARNING', label: 'After an error that was ignored' },
  { value: 'ON_WAIT_FOR_APPROVE', label: 'When somebody is waited for' },
  { value: 'ON_TERMINATE', label: 'When the run is called off' },
]
const FIELDS = [
  ...PROMOTION_FIELDS,
  ...['comment', 'variables', 'next_pipeline_id', 'trigger_time', 'timeout', 'retry_count', 'retry_interval'],
]

interface ActionFormProps {
  readonly workspace: string
  readonly project: string
  readonly pipeline: number
  readonly action?: ActionView
}

/** An action of any type, new or there already. Its type is for ever. */
export function ActionForm({ workspace, project, pipeline, action }: ActionFormProps) {
  const navigate = useNavigate()
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
  const path = action === undefined ? `${above}/actions` : `${above}/actions/${action.id}`
  const method = action === undefined ? 'POST' : 'PATCH'
  const integrations = useQuery(
    thing<{ integrations: IntegrationView[] }>(pathOf('workspaces', workspace, 'integrations')),
  )
  const form = useForm(
    actionValues(action),
    (values) => call<ActionView>(method, path, actionBody(values, action !== undefined)),
    () => {
      void refresh(above)
      void navigate({
        to: '/$workspace/$project/pipelines/pipeline/$pipeline',
        params: { workspace, project, pipeline: String(pipeline) },
      })
    },
  )
  const { type } = form.values
  return (
    <Form
      of={form}
      fields={FIELDS}
      submit={action === undefined ? 'Add the action' : 'Save'}
      beside={<AsCurl method={method} path={path} body={actionBody(form.values, action !== undefined)} />}
    >
      {action === undefined && (
        <SegmentedControl
          className={styles.types ?? ''}
          value={type}
          aria-label="What it does"
          data={TYPES.map(({ value, label }) => ({ value, label }))}
          onChange={(value) =>
            form.change((before) => ({
              ...before,
              type: value,
              name: TYPES.find((each) => each.value === value)?.name ?? before.name,
            }))
          }
        />
      )}
      <TextField form={form} name="name" label="Name" required />
      {type === 'PROMOTE_IMAGE' && (
        <PromotionFields
          form={form}
          workspace={workspace}
          integrations={integrations.data?.integrations ?? []}
        />
      )}
      {type.startsWith('WAIT_FOR_') && <QuestionFields form={form} />}
      {type === 'RUN_NEXT_PIPELINE' && <NextFields form={form} workspace={workspace} project={project} />}
      <More form={form} />
    </Form>
  )
}

function QuestionFields({ form }: { readonly form: FormState<ActionValues> }) {
  const forVariables = form.values.type === 'WAIT_FOR_VARIABLES'
  return (
    <>
      <LongField
        form={form}
        name="comment"
        label="Question"
        placeholder={forVariables ? 'Which version?' : 'Ship $VERSION to production?'}
        rows={2}
      />
      {forVariables && (
        <TextField
          form={form}
          name="variables"
          label="Variables"
          hint="Their names, with commas between"
          placeholder="VERSION"
          required
          mono
        />
      )}
      <SwitchField
        form={form}
        name="prevent_self_approval"
        label="Another person has to answer"
        hint="Not the one who started the run"
      />
    </>
  )
}

const pipelinesOf = ({ pipelines }: { readonly pipelines: readonly ShortPipelineView[] }) => pipelines

function NextFields({
  form,
  workspace,
  project,
}: {
  readonly form: FormState<ActionValues>
  readonly workspace: string
  readonly project: string
}) {
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const { data: pipelines = [] } = useAll(path, pipelinesOf)
  return (
    <ChoiceField
      form={form}
      name="next_pipeline_id"
      label="Pipeline"
      choices={pipelines.map(({ id, name }) => ({ value: String(id), label: name }))}
      required
      search
    />
  )
}

/** What most actions leave as it is. */
function More({ form }: { readonly form: FormState<ActionValues> }) {
  return (
    <details className={styles.more}>
      <summary>When, and what if it fails</summary>
      <div className={styles.fields}>
        <ChoiceField form={form} name="trigger_time" label="Runs" choices={TRIGGER_TIMES} />
        <TextField form={form} name="timeout" label="Timeout" hint="Seconds" placeholder="none" />
        <TextField form={form} name="retry_count" label="Tries again" hint="Times" placeholder="never" />
        <TextField
          form={form}
          name="retry_interval"
          label="Waits before that"
          hint="Seconds"
          placeholder="0"
        />
        <SwitchField form={form} name="ignore_errors" label="Go on when it fails" />
        <SwitchField form={form} name="disabled" label="Disabled" />
      </div>
    </details>
  )
}
