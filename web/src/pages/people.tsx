import { ActionIcon, Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { MemberView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { useList } from '../data/list.ts'
import { nameOf } from '../data/people.ts'
import { refresh } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Icon } from '../parts/icon.tsx'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { Groups } from './groups.tsx'
import { NewMember, Remove } from './people-form.tsx'
import { PermissionSets } from './permission-sets.tsx'
import { NewToken } from './token-form.tsx'

const route = getRouteApi('/$workspace/-/people')

const membersOf = ({ members }: { readonly members: readonly MemberView[] }) => members

/** Who is in a workspace, in which groups they are spoken of, and what they can be allowed. */
export function People() {
  const { workspace } = route.useParams()
  const above = pathOf('workspaces', workspace)
  const members = useList(`${above}/members`, membersOf)
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
          <>
            <Table label="People" heads={['Name', 'Email', 'Is', '']}>
              {list.map((member) => (
                <Row key={member.id} member={member} path={`${above}/members`} />
              ))}
            </Table>
            <More of={members} />
          </>
        )}
      </Answer>
      <Groups workspace={workspace} />
      <PermissionSets path={above} />
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
      <td className={nameCell}>{nameOf(member)}</td>
      <td className="dim">{name === '' ? '' : email}</td>
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
