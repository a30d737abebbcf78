import { ActionIcon, Button, Select } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { PermissionSetView, ProjectGroupView, ProjectMemberView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { useAll } from '../data/list.ts'
import { nameOf, usePeople } from '../data/people.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { ChoiceField } from '../parts/field.tsx'
import { Form, numbers, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { ProjectPage } from './project.tsx'
import styles from './team.module.css'

const route = getRouteApi('/$workspace/$project/people')

const membersOf = ({ members }: { readonly members: readonly ProjectMemberView[] }) => members

/** Who is in a project, by themselves or with a group, and what they may do there. */
export function Team() {
  const { workspace, project } = route.useParams()
  const path = pathOf('workspaces', workspace, 'projects', project)
  const members = useAll(`${path}/members`, membersOf)
  const groups = useQuery(thing<{ groups: ProjectGroupView[] }>(`${path}/groups`))
  const people = usePeople(workspace)
  const add = <Add workspace={workspace} path={path} members={members.data} groups={groups.data?.groups} />
  return (
    <ProjectPage
      workspace={workspace}
      project={project}
      actions={
        <>
          <AsCurl path={`${path}/members`} />
          {add}
        </>
      }
    >
      <Answer of={members}>
        {(each) => (
          <Answer of={groups}>
            {({ groups: all }) =>
              each.length + all.length === 0 ? (
                <Empty title="Nobody yet" action={add}>
                  The workspace's owner and its admins see every project. Let others in here, each with a
                  permission set that says what they may do.
                </Empty>
              ) : (
                <Table label="Team" heads={['Who', 'About', 'Permission set', '']}>
                  {all.map(({ id, name, description, permission_set }) => (
                    <Row
                      key={`group ${id}`}
                      icon="people"
                      name={name}
                      about={description ?? 'A group'}
                      set={permission_set}
                      sets={people.sets}
                      path={`${path}/groups/${id}`}
                      above={`${path}/groups`}
                    />
                  ))}
                  {each.map((member) => (
                    <Row
                      key={`member ${member.id}`}
                      icon="person"
                      name={nameOf(member)}
                      about={member.email !== nameOf(member) ? (member.email ?? '') : ''}
                      set={member.permission_set}
                      sets={people.sets}
                      path={`${path}/members/${member.id}`}
                      above={`${path}/members`}
                    />
                  ))}
                </Table>
              )
            }
          </Answer>
        )}
      </Answer>
      <p className="dim">
        What a permission set allows is said under{' '}
        <Link to="/$workspace/-/people" params={{ workspace }} className={styles.link}>
          People
        </Link>
        .
      </p>
    </ProjectPage>
  )
}

function Row({
  icon,
  name,
  about,
  set,
  sets,
  path,
  above,
}: {
  readonly icon: 'people' | 'person'
  readonly name: string
  readonly about: string
  readonly set: PermissionSetView
  readonly sets: readonly PermissionSetView[]
  readonly path: string
  readonly above: string
}) {
  const change = useMutation({
    mutationFn: (id: string | null) => call('PATCH', path, { permission_set: { id: Number(id) } }),
    onSettled: () => refresh(above),
  })
  const known = sets.some(({ id }) => id === set.id) ? sets : [set, ...sets]
  return (
    <tr>
      <td className={nameCell}>
        <span className={styles.who}>
          <Icon name={icon} />
          {name}
        </span>
      </td>
      <td className="dim">{about}</td>
      <td>
        <Select
          size="xs"
          w={190}
          aria-label={`Permission set of ${name}`}
          value={String(change.isPending ? change.variables : set.id)}
          data={known.map((each) => ({ value: String(each.id), label: each.name }))}
          onChange={(id) => change.mutate(id)}
          {...(change.error !== null && { error: change.error.message })}
        />
      </td>
      <td className={endCell}>
        <Confirm
          title={`Take ${name} out of the project?`}
          submit="Take them out"
          opener={(open) => (
            <ActionIcon aria-label={`Remove ${name}`} onClick={open}>
              <Icon name="trash" />
            </ActionIcon>
          )}
          act={() => call('DELETE', path)}
          then={() => void refresh(above)}
        >
          What they may do here by themselves ends with the next request. They stay in the workspace.
        </Confirm>
      </td>
    </tr>
  )
}

interface AddProps {
  readonly workspace: string
  readonly path: string
  readonly members: readonly { readonly id: number }[] | undefined
  readonly groups: readonly { readonly id: number }[] | undefined
}

function Add(props: AddProps) {
  return (
    <Dialog
      title="Add to the project"
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          Add people
        </Button>
      )}
    >
      {(close) => <AddForm {...props} then={close} />}
    </Dialog>
  )
}

function AddForm({
  workspace,
  path,
  members = [],
  groups = [],
  then,
}: AddProps & { readonly then: () => void }) {
  const people = usePeople(workspace)
  const left = <T extends { readonly id: number }>(
    all: readonly T[],
    there: readonly { readonly id: number }[],
  ) => all.filter(({ id }) => !there.some((each) => each.id === id))
  const choices = [
    ...left(people.groups, groups).map(({ id, name }) => ({
      value: `groups ${id}`,
      label: `${name} (group)`,
    })),
    ...left(people.members, members).map((member) => ({
      value: `members ${member.id}`,
      label: nameOf(member),
    })),
  ]
  const partsOf = ({ who, set }: { readonly who: string; readonly set: string }) => {
    const [kind = 'members', id = ''] = who.split(' ')
    return { url: `${path}/${kind}`, body: { ...numbers({ id }), permission_set: numbers({ id: set }) } }
  }
  const form = useForm(
    { who: '', set: '' },
    (values) => {
      const { url, body } = partsOf(values)
      return call('POST', url, body)
    },
    () => {
      void refresh(partsOf(form.values).url)
      then()
    },
  )
  const { url, body } = partsOf(form.values)
  return (
    <Form
      of={form}
      fields={['id', 'permission_set']}
      submit="Add"
      beside={<AsCurl method="POST" path={url} body={body} />}
    >
      <ChoiceField
        form={form}
        name="who"
        field="id"
        label="Who"
        hint="People and groups of the workspace who are not in yet"
        placeholder={choices.length === 0 ? 'Everybody is in already' : 'Choose'}
        choices={choices}
        required
        search
      />
      <ChoiceField
        form={form}
        name="set"
        field="permission_set"
        label="May do what this set says"
        placeholder="Choose"
        choices={people.sets.map(({ id, name }) => ({ value: String(id), label: name }))}
        required
      />
    </Form>
  )
}
