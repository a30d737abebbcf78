import { getRouteApi } from '@tanstack/react-router'
import type { PipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { ChoiceField, SwitchField, TextField } from '../parts/field.tsx'
import { Form, useForm } from '../parts/form.tsx'
import { Section } from '../parts/page.tsx'
import { Conditions, conditionFields } from './conditions.tsx'
import { PipelinePage } from './pipeline-page.tsx'
import styles from './pipeline-settings.module.css'
import { pipelineBody, pipelineValues } from './pipeline-values.ts'
import { TriggerKey } from './trigger-key.tsx'
import { Triggers, triggerFields } from './triggers.tsx'

const route = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline/settings')

const PRIORITIES = [
  { value: 'HIGH', label: 'High: before all others' },
  { value: 'NORMAL', label: 'Normal' },
  { value: 'LOW', label: 'Low: after all others' },
]
const FIELDS = ['name', 'identifier', 'priority', 'pause_on_repeated_failures', 'disabled_reason']

/** What starts a pipeline, when it may run, and how its runs go together. */
export function PipelineSettings() {
  const params = route.useParams()
  return (
    <PipelinePage params={params}>
      {(pipeline, path) => (
        <>
          <Settings key={pipeline.id} of={pipeline} path={path} params={params} />
          <TriggerKey of={pipeline} path={path} />
        </>
      )}
    </PipelinePage>
  )
}

function Settings({
  of,
  path,
  params: { workspace, project },
}: {
  readonly of: PipelineView
  readonly path: string
  readonly params: { readonly workspace: string; readonly project: string }
}) {
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const form = useForm(
    pipelineValues(of),
    (values) => call<PipelineView>('PATCH', path, pipelineBody(values)),
    () => void refresh(above),
  )
  const { values } = form
  return (
    <Form
      of={form}
      fields={[...FIELDS, ...triggerFields(values), ...conditionFields(values)]}
      submit="Save"
      saved="Saved"
      beside={<AsCurl method="PATCH" path={path} body={pipelineBody(values)} />}
    >
      <Section title="What starts it">
        <Triggers form={form} path={above} />
      </Section>
      <Section title="When it may run">
        <Conditions form={form} />
      </Section>
      <Section title="How its runs go together">
        <div className={styles.panel}>
          <div className={styles.fields}>
            <ChoiceField form={form} name="priority" label="Priority" choices={PRIORITIES} />
            <TextField
              form={form}
              name="pause_on_repeated_failures"
              label="Pauses after failures"
              hint="So many in a row, 1 to 100"
              placeholder="100"
            />
          </div>
          <SwitchField
            form={form}
            name="concurrent_pipeline_runs"
            label="Several runs at once"
            hint="Two promotions to one tag take turns all the same"
          />
          <SwitchField
            form={form}
            name="terminate_stale_runs"
            label="A new run calls off the older ones"
            hint="Those that have not ended"
          />
          <SwitchField
            form={form}
            name="paused"
            label="Paused"
            hint="Nothing starts it but people; it pauses by itself after repeated failures"
          />
          <SwitchField form={form} name="disabled" label="Disabled" hint="Nobody runs it" />
          {values.disabled && (
            <TextField
              form={form}
              name="disabled_reason"
              label="Why"
              hint="For those who would have run it"
            />
          )}
        </div>
      </Section>
      <Section title="What it is called">
        <div className={`${styles.panel} ${styles.fields}`}>
          <TextField form={form} name="name" label="Name" required />
          <TextField form={form} name="identifier" label="Identifier" hint="For scripts and YAML" mono />
        </div>
      </Section>
    </Form>
  )
}
