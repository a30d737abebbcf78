import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { PipelineView, ShortPipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { useList } from '../data/list.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { More } from '../parts/more.tsx'
import { Route } from '../parts/place.tsx'
import { Status } from '../parts/status.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { ProjectPage } from './project.tsx'
import { RunButton } from './run-button.tsx'

const route = getRouteApi('/$workspace/$project/pipelines')

const pipelinesOf = ({ pipelines }: { readonly pipelines: readonly ShortPipelineView[] }) => pipelines

/** A project's pipelines, and what each promotes. */
export function Pipelines() {
  const { workspace, project } = route.useParams()
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const list = useList(path, pipelinesOf)
  return (
    <ProjectPage
      workspace={workspace}
      project={project}
      actions={
        <>
          <AsCurl path={path} />
          <Button
            variant="subtle"
            color="gray"
            leftSection={<Icon name="code" />}
            renderRoot={(props) => (
              <Link to="/$workspace/$project/pipelines/yaml" params={{ workspace, project }} {...props} />
            )}
          >
            as YAML
          </Button>
          {list.data?.length !== 0 && <NewPipeline workspace={workspace} project={project} />}
        </>
      }
    >
      <Answer of={list}>
        {(pipelines) =>
          pipelines.length === 0 ? (
            <Empty title="No pipeline yet" action={<NewPipeline workspace={workspace} project={project} />}>
              A pipeline is a row of actions: each promotes an image from one place to another, or waits for
              somebody's yes.
            </Empty>
          ) : (
            <>
              <Table label="Pipelines" heads={['Pipeline', 'Promotes', 'Last run', '']}>
                {pipelines.map((pipeline) => (
                  <Row key={pipeline.id} pipeline={pipeline} workspace={workspace} project={project} />
                ))}
              </Table>
              <More of={list} />
            </>
          )
        }
      </Answer>
    </ProjectPage>
  )
}

interface RowProps {
  readonly pipeline: ShortPipelineView
  readonly workspace: string
  readonly project: string
}

function Row({
  pipeline: { id, name, last_execution_status: status, disabled },
  workspace,
  project,
}: RowProps) {
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines', id)
  const { data } = useQuery(thing<PipelineView>(path))
  const params = { workspace, project, pipeline: String(id) }
  return (
    <tr>
      <td className={nameCell}>
        <Link to="/$workspace/$project/pipelines/pipeline/$pipeline" params={params}>
          {name}
        </Link>
      </td>
      <td>
        {data?.actions.map((action) => (
          <div key={action.id}>
            <Route src={action.src} dest={action.dest} same={action.same_location} />
          </div>
        ))}
        {data?.actions.length === 0 && <span className="dim">No action yet</span>}
      </td>
      <td>
        <Status of={status} />
      </td>
      <td className={endCell}>
        {data !== undefined && data.actions.length > 0 && !disabled && (
          <RunButton of={data} {...params} small />
        )}
      </td>
    </tr>
  )
}

export function NewPipeline({
  workspace,
  project,
}: {
  readonly workspace: string
  readonly project: string
}) {
  return (
    <Dialog
      title="New pipeline"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New pipeline
        </Button>
      )}
    >
      {() => <PipelineForm workspace={workspace} project={project} />}
    </Dialog>
  )
}

function PipelineForm({ workspace, project }: { readonly workspace: string; readonly project: string }) {
  const navigate = useNavigate()
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const form = useForm(
    { name: '', identifier: '' },
    (values) => call<PipelineView>('POST', path, given(values)),
    ({ id }) => {
      void refresh(path)
      void navigate({
        to: '/$workspace/$project/pipelines/pipeline/$pipeline',
        params: { workspace, project, pipeline: String(id) },
      })
    },
  )
  return (
    <Form
      of={form}
      fields={['name', 'identifier']}
      submit="Make the pipeline"
      beside={<AsCurl method="POST" path={path} body={given(form.values)} />}
    >
      <TextField form={form} name="name" label="Name" placeholder="To production" required focus />
      <TextField
        form={form}
        name="identifier"
        label="Identifier"
        hint="For scripts and YAML; made of the name where there is none"
        mono
      />
    </Form>
  )
}
