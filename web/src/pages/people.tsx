import { ActionIcon, Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { GroupView, MemberView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page, Section } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { NewToken } from './token-form.tsx'

const route = getRouteApi('/$workspace/-/people')

/** Who is in a workspace, and in which groups they are spoken of. */
export function People() {
  const { workspace } = route.useParams()
  const above = pathOf('workspaces', workspace)
  const members = useQuery(thing<{ members: MemberView[] }>(`${above}/members?per_page=50`))
  const groups = useQuery(thing<{ groups: GroupView[] }>(`${above}/groups`))
  return (
    <Page
      title="People"
      above={<Crumbs workspace={workspace} />}
      actions={
        <>
          <AsCurl path={`${above}/members`} />
          <NewMember path={`${above}/members`} />
        </>
      }
    >
      <Answer of={members}>
        {(list) => (
          <Table label="People" heads={['Name', 'Email', 'Is', '']}>
            {list.members.map((member) => (
              <Row key={member.id} member={member} path={`${above}/members`} />
            ))}
          </Table>
        )}
      </Answer>
      <Section title="Groups" actions={<NewGroup path={`${above}/groups`} />}>
        <Answer of={groups}>
          {(list) =>
            list.groups.length === 0 ? (
              <p className="dim">
                None yet. Projects and approvals can be for groups, so that people come and go.
              </p>
            ) : (
              <Table label="Groups" heads={['Name', 'Description', '']}>
                {list.groups.map(({ id, name, description }) => (
                  <tr key={id}>
                    <td className={nameCell}>{name}</td>
                    <td className="dim">{description}</td>
                    <td className={endCell}>
                      <Remove
                        what={`the group ${name}`}
                        label={name}
                        path={`${above}/groups/${id}`}
                        above={`${above}/groups`}
                      />
                    </td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Answer>
      </Section>
    </Page>
  )
}

function Row({ member, path }: { readonly member: MemberView; readonly path: string }) {
  const { id, name, email, admin, workspace_owner: owner } = member
  const change = useMutation({
    mutationFn: () => call('PATCH', `${path}/${id}`, { admin: !admin }),
    onSettled: () => refresh(path),
  })
  return (
    <tr>
      <td className={nameCell}>{name}</td>
      <td className="dim">{email}</td>
      <td>{owner ? 'Owner' : admin ? 'Admin' : 'Member'}</td>
      <td className={endCell}>
        {change.error !== null && <span role="alert">{change.error.message} </span>}
        {!owner && (
          <>
            <Button size="compact-xs" loading={change.isPending} onClick={() => change.mutate()}>
              {admin ? 'Make a member' : 'Make an admin'}
              <span className="visually-hidden"> of {name}</span>
            </Button>
            <NewToken
              path={`${path}/${id}/tokens`}
              title={`New token for ${name}`}
              opener={(open) => (
                <ActionIcon aria-label={`New token for ${name}`} onClick={open}>
                  <Icon name="key" />
                </ActionIcon>
              )}
            />
            <Remove what={name} label={name} path={`${path}/${id}`} above={path} />
          </>
        )}
      </td>
    </tr>
  )
}

function Remove({
  what,
  label,
  path,
  above,
}: {
  readonly what: string
  readonly label: string
  readonly path: string
  readonly above: string
}) {
  return (
    <Confirm
      title={`Remove ${label}?`}
      submit="Remove"
      opener={(open) => (
        <ActionIcon aria-label={`Remove ${label}`} onClick={open}>
          <Icon name="trash" />
        </ActionIcon>
      )}
      act={() => call('DELETE', path)}
      then={() => void refresh(above)}
    >
      Here {what} is gone from the next request on.
    </Confirm>
  )
}

function NewMember({ path }: { readonly path: string }) {
  return (
    <Dialog
      title="New member"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New member
        </Button>
      )}
    >
      {(close) => <NewForm path={path} field="email" label="Email" submit="Let them in" then={close} />}
    </Dialog>
  )
}

function NewGroup({ path }: { readonly path: string }) {
  return (
    <Dialog
      title="New group"
      opener={(open) => (
        <Button leftSection={<Icon name="add" />} onClick={open}>
          New group
        </Button>
      )}
    >
      {(close) => <NewForm path={path} field="name" label="Name" submit="Make the group" then={close} />}
    </Dialog>
  )
}

/** A form of one field: what something new is called. */
function NewForm({
  path,
  field,
  label,
  submit,
  then,
}: {
  readonly path: string
  readonly field: string
  readonly label: string
  readonly submit: string
  readonly then: () => void
}) {
  const form = useForm(
    { value: '' },
    ({ value }) => call('POST', path, given({ [field]: value })),
    () => {
      void refresh(path)
      then()
    },
  )
  return (
    <Form
      of={form}
      fields={[field]}
      submit={submit}
      beside={<AsCurl method="POST" path={path} body={{ [field]: form.values.value }} />}
    >
      <TextField form={form} name="value" field={field} label={label} required focus />
    </Form>
  )
}
