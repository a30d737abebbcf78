import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ShortWorkspaceView, WorkspaceView } from '#api/wire'
import { call } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { nameCell, Table } from '../parts/table.tsx'

/** All workspaces that the token may see. */
export function Workspaces() {
  const list = useQuery(thing<{ workspaces: ShortWorkspaceView[] }>('/workspaces'))
  return (
    <Page
      title="Workspaces"
      actions={
        <>
          <AsCurl path="/workspaces" />
          {list.data?.workspaces.length !== 0 && <NewWorkspace />}
        </>
      }
    >
      <Answer of={list}>
        {({ workspaces }) =>
          workspaces.length === 0 ? (
            <Empty title="No workspace yet" action={<NewWorkspace />}>
              A workspace holds what one team promotes: its projects with their pipelines, and the credentials
              of its registries.
            </Empty>
          ) : (
            <Table label="Workspaces" heads={['Name', 'Domain']}>
              {workspaces.map(({ domain, name }) => (
                <tr key={domain}>
                  <td className={nameCell}>
                    <Link to="/$workspace" params={{ workspace: domain }}>
                      {name}
                    </Link>
                  </td>
                  <td className="mono dim">{domain}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
    </Page>
  )
}

function NewWorkspace() {
  return (
    <Dialog
      title="New workspace"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New workspace
        </Button>
      )}
    >
      {() => <WorkspaceForm />}
    </Dialog>
  )
}

function WorkspaceForm() {
  const navigate = useNavigate()
  const form = useForm(
    { name: '', domain: '' },
    (values) => call<WorkspaceView>('POST', '/workspaces', given(values)),
    ({ domain }) => {
      void refresh('/workspaces')
      void navigate({ to: '/$workspace', params: { workspace: domain } })
    },
  )
  return (
    <Form
      of={form}
      fields={['name', 'domain']}
      submit="Make the workspace"
      beside={<AsCurl method="POST" path="/workspaces" body={given(form.values)} />}
    >
      <TextField
        form={form}
        name="domain"
        label="Domain"
        hint="Stands in every address, and stays"
        required
        focus
      />
      <TextField form={form} name="name" label="Name" hint="For people; the domain where there is none" />
    </Form>
  )
}
