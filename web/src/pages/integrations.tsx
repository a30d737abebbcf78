import { ActionIcon, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { IntegrationView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import { EditIntegration, NewIntegration, typeLabel } from './integration-form.tsx'
import { TestConnection } from './trial.tsx'

const route = getRouteApi('/$workspace/-/integrations')

/** The credentials of a workspace's registries, each under a name. */
export function Integrations() {
  const { workspace } = route.useParams()
  const path = pathOf('workspaces', workspace, 'integrations')
  const list = useQuery(thing<{ integrations: IntegrationView[] }>(path))
  const add = (
    <NewIntegration
      workspace={workspace}
      opener={(open) => (
        <Button variant="filled" leftSection={<Icon name="add" />} onClick={open}>
          New integration
        </Button>
      )}
    />
  )
  return (
    <Page
      title="Integrations"
      above={<Crumbs workspace={workspace} />}
      actions={
        <>
          <AsCurl path={path} />
          {list.data?.integrations.length !== 0 && add}
        </>
      }
    >
      <Answer of={list}>
        {({ integrations }) =>
          integrations.length === 0 ? (
            <Empty title="No integration yet" action={add}>
              An integration keeps a registry's credentials, sealed, under a name that actions refer to.
            </Empty>
          ) : (
            <Table label="Integrations" heads={['Name', 'Identifier', 'Type', 'For', '']}>
              {integrations.map((integration) => (
                <Row key={integration.hash_id} workspace={workspace} integration={integration} />
              ))}
            </Table>
          )
        }
      </Answer>
    </Page>
  )
}

function Row({
  workspace,
  integration,
}: {
  readonly workspace: string
  readonly integration: IntegrationView
}) {
  const { hash_id, name, identifier, type, scope, project_name } = integration
  const above = pathOf('workspaces', workspace, 'integrations')
  return (
    <tr>
      <td className={nameCell}>{name}</td>
      <td className="mono">{identifier}</td>
      <td>{typeLabel(type)}</td>
      <td className="dim">{scope === 'PROJECT' ? `project ${project_name}` : 'the workspace'}</td>
      <td className={endCell}>
        <TestConnection workspace={workspace} integration={integration} />
        <EditIntegration
          workspace={workspace}
          integration={integration}
          opener={(open) => (
            <ActionIcon aria-label={`Edit ${name}`} onClick={open}>
              <Icon name="edit" />
            </ActionIcon>
          )}
        />
        <Confirm
          title="Remove the integration?"
          submit="Remove it"
          opener={(open) => (
            <ActionIcon aria-label={`Remove ${name}`} onClick={open}>
              <Icon name="trash" />
            </ActionIcon>
          )}
          act={() => call('DELETE', `${above}/${hash_id}`)}
          then={() => void refresh(above)}
        >
          Actions that refer to {identifier} fail from then on.
        </Confirm>
      </td>
    </tr>
  )
}
