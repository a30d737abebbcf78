import { ActionIcon, Button, Select } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { GroupView, MemberView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { nameOf, usePeople } from '../data/people.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import styles from './groups.module.css'
import { NewGroup, Remove } from './people-form.tsx'

/** In which groups a workspace's people are spoken of. */
export function Groups({ workspace }: { readonly workspace: string }) {
  const path = `${pathOf('workspaces', workspace)}/groups`
  const list = useQuery(thing<{ groups: GroupView[] }>(path))
  return (
    <Section title="Groups" actions={<NewGroup path={path} />}>
      <Answer of={list}>
        {({ groups }) =>
          groups.length === 0 ? (
            <p className="dim">
              None yet. Projects and approvals can be for groups, so that people come and go.
            </p>
          ) : (
            <Table label="Groups" heads={['Name', 'About', '']}>
              {groups.map(({ id, name, description }) => (
                <tr key={id}>
                  <td className={nameCell}>{name}</td>
                  <td className="dim">{description}</td>
                  <td className={endCell}>
                    <Dialog
                      title={`Who is in ${name}`}
                      opener={(open) => (
                        <Button size="compact-xs" onClick={open}>
                          Members<span className="visually-hidden"> of {name}</span>
                        </Button>
                      )}
                    >
                      {() => <Members workspace={workspace} path={`${path}/${id}/members`} />}
                    </Dialog>
                    <Remove what={`the group ${name}`} label={name} path={`${path}/${id}`} above={path} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
    </Section>
  )
}

/** Who is in a group: each change is made at once. */
function Members({ workspace, path }: { readonly workspace: string; readonly path: string }) {
  const people = usePeople(workspace)
  const list = useQuery(thing<{ members: MemberView[] }>(path))
  const change = useMutation({
    mutationFn: ({ id, out }: { readonly id: number; readonly out: boolean }) =>
      out ? call('DELETE', `${path}/${id}`) : call('POST', path, { id }),
    onSettled: () => refresh(path),
  })
  return (
    <Answer of={list}>
      {({ members }) => {
        const others = people.members.filter(({ id }) => !members.some((each) => each.id === id))
        return (
          <div className={styles.members}>
            {members.length === 0 && <p className="dim">Nobody yet: put somebody in.</p>}
            <ul>
              {members.map((member) => (
                <li key={member.id} className={styles.member}>
                  <Icon name="person" />
                  <span>{nameOf(member)}</span>
                  <ActionIcon
                    aria-label={`Take ${nameOf(member)} out`}
                    onClick={() => change.mutate({ id: member.id, out: true })}
                  >
                    <Icon name="trash" />
                  </ActionIcon>
                </li>
              ))}
            </ul>
            {change.error !== null && <p role="alert">{change.error.message}</p>}
            <Select
              label="Put in"
              placeholder={others.length === 0 ? 'Everybody is in' : 'Choose somebody'}
              value={null}
              searchable
              data={others.map((member) => ({ value: String(member.id), label: nameOf(member) }))}
              onChange={(id) => id !== null && change.mutate({ id: Number(id), out: false })}
            />
          </div>
        )
      }}
    </Answer>
  )
}
