import { ActionIcon } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TokenView } from '#api/wire'
import { call } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { session } from '../data/session.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { When } from '../parts/when.tsx'
import { NewToken } from './token-form.tsx'

/** The person's access tokens. */
export function Tokens() {
  const list = useQuery(thing<{ access_tokens: TokenView[] }>('/user/tokens'))
  const { data: who } = useQuery(session)
  return (
    <Page
      title="Access tokens"
      actions={
        <>
          <AsCurl path="/user/tokens" />
          {list.data?.access_tokens.length !== 0 && <NewToken />}
        </>
      }
    >
      <Answer of={list}>
        {({ access_tokens }) =>
          access_tokens.length === 0 ? (
            <Empty title="No token yet" action={<NewToken />}>
              A token lets a script, a client of Buddy's API or a browser in.
            </Empty>
          ) : (
            <Table label="Access tokens" heads={['Name', 'May', 'Workspaces', 'Expires', '']}>
              {access_tokens.map(({ id, name, scopes, workspace_restrictions, expires_at }) => (
                <tr key={id}>
                  <td className={nameCell}>
                    {name}
                    {who?.token.id === id && <span className="dim"> · this session</span>}
                  </td>
                  <td className="dim" title={scopes.join('\n')}>
                    {scopes.length <= 2 ? (
                      <span className="mono">{scopes.join(', ')}</span>
                    ) : (
                      `${scopes.length} scopes`
                    )}
                  </td>
                  <td className="dim">{workspace_restrictions.join(', ') || 'all'}</td>
                  <td className="dim">{expires_at === null ? 'never' : <When at={expires_at} />}</td>
                  <td className={endCell}>
                    <Revoke id={id} name={name} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
    </Page>
  )
}

function Revoke({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <Confirm
      title="Revoke the token?"
      submit="Revoke it"
      opener={(open) => (
        <ActionIcon aria-label={`Revoke ${name}`} onClick={open}>
          <Icon name="trash" />
        </ActionIcon>
      )}
      act={() => call('DELETE', `/user/tokens/${id}`)}
      then={() => void refresh('/user/tokens')}
    >
      Whoever uses {name} is refused from the next request on, and signed out.
    </Confirm>
  )
}
