import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { ProjectView, ShortProjectView, WorkspaceView } from '#api/wire'
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
import { Page } from '../parts/page.tsx'
import { nameCell, Table } from '../parts/table.tsx'
import { When } from '../parts/when.tsx'

const route = getRouteApi('/$workspace')

const projectsOf = ({ projects }: { readonly projects: readonly ShortProjectView[] }) => projects

/** A workspace's projects. */
export function Workspace() {
  const { workspace } = route.useParams()
  const path = pathOf('workspaces', workspace)
  const { data } = useQuery(thing<WorkspaceView>(path))
  const list = useList(`${path}/projects`, projectsOf)
  return (
    <Page
      title={data?.name ?? workspace}
      actions={
        <>
          <AsCurl path={`${path}/projects`} />
          {list.data?.length !== 0 && <NewProject workspace={workspace} />}
        </>
      }
    >
      <Answer of={list}>
        {(projects) =>
          projects.length === 0 ? (
            <Empty title="No project yet" action={<NewProject workspace={workspace} />}>
              A project holds pipelines, and its board shows which image runs under which tag where.
            </Empty>
          ) : (
            <>
              <Table label="Projects" heads={['Project', 'Name', 'Made']}>
                {projects.map(({ name, display_name, create_date }) => (
                  <tr key={name}>
                    <td className={nameCell}>
                      <Link to="/$workspace/$project" params={{ workspace, project: name }}>
                        {display_name}
                      </Link>
                    </td>
                    <td className="mono dim">{name}</td>
                    <td className="dim">
                      <When at={create_date} />
                    </td>
                  </tr>
                ))}
              </Table>
              <More of={list} />
            </>
          )
        }
      </Answer>
    </Page>
  )
}

function NewProject({ workspace }: { readonly workspace: string }) {
  return (
    <Dialog
      title="New project"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New project
        </Button>
      )}
    >
      {() => <ProjectForm workspace={workspace} />}
    </Dialog>
  )
}

function ProjectForm({ workspace }: { readonly workspace: string }) {
  const navigate = useNavigate()
  const path = pathOf('workspaces', workspace, 'projects')
  const form = useForm(
    { display_name: '', name: '' },
    (values) => call<ProjectView>('POST', path, given(values)),
    ({ name }) => {
      void refresh(path)
      void navigate({ to: '/$workspace/$project', params: { workspace, project: name } })
    },
  )
  return (
    <Form
      of={form}
      fields={['display_name', 'name']}
      submit="Make the project"
      beside={<AsCurl method="POST" path={path} body={given(form.values)} />}
    >
      <TextField form={form} name="display_name" label="Project" required focus />
      <TextField
        form={form}
        name="name"
        label="Name in addresses"
        hint="Made of the above where there is none"
      />
    </Form>
  )
}
