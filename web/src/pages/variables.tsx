import { ActionIcon, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { VariableView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { endCell, Table } from '../parts/table.tsx'
import { ProjectPage } from './project.tsx'
import { VariableForm, type VariableScope } from './variable-form.tsx'

const inWorkspace = getRouteApi('/$workspace/-/environment-variables')
const inProject = getRouteApi('/$workspace/$project/variables')

/** The variables of a workspace. */
export function WorkspaceVariables() {
  const { workspace } = inWorkspace.useParams()
  return (
    <Page
      title="Variables"
      above={<Crumbs workspace={workspace} />}
      actions={
        <>
          <AsCurl path={pathOf('workspaces', workspace, 'variables')} />
          <NewVariable workspace={workspace} scope={{}} />
        </>
      }
    >
      <Variables workspace={workspace} scope={{}} />
    </Page>
  )
}

/** Those of a project, which go before the workspace's. */
export function ProjectVariables() {
  const { workspace, project } = inProject.useParams()
  const scope = { project: { name: project } }
  return (
    <ProjectPage
      workspace={workspace}
      project={project}
      actions={<NewVariable workspace={workspace} scope={scope} />}
    >
      <Variables workspace={workspace} scope={scope} />
    </ProjectPage>
  )
}

interface ScopeProps {
  readonly workspace: string
  readonly scope: VariableScope
}

/** The variables of one scope. */
export function Variables({ workspace, scope }: ScopeProps) {
  const path = pathOf('workspaces', workspace, 'variables')
  const list = useQuery(thing<{ variables: VariableView[] }>(path + queryOf(scope)))
  return (
    <Answer of={list}>
      {({ variables }) =>
        variables.length === 0 ? (
          <Empty title="No variable yet">
            An image, a tag or a registry may name one, as in <code>acme/shop:$VERSION</code>. A pipeline's go
            before its project's, and these before the workspace's.
          </Empty>
        ) : (
          <Table label="Variables" heads={['Name', 'Value', 'Description', '']}>
            {variables.map((variable) => (
              <Row key={variable.id} variable={variable} workspace={workspace} scope={scope} path={path} />
            ))}
          </Table>
        )
      }
    </Answer>
  )
}

function Row({
  variable,
  workspace,
  scope,
  path,
}: ScopeProps & { readonly variable: VariableView; readonly path: string }) {
  const { id, key, value, encrypted, settable, type, description } = variable
  const hidden = encrypted || value.startsWith('!encrypted')
  return (
    <tr>
      <td className="mono">{key}</td>
      <td>
        {hidden ? (
          <span className="dim">secret</span>
        ) : (
          <span className="mono">{type === 'VAR' ? value : type.toLowerCase().replaceAll('_', ' ')}</span>
        )}
        {settable && <span className="dim"> · may be set for a run</span>}
      </td>
      <td className="dim">{description}</td>
      <td className={endCell}>
        <Dialog
          title={`Edit ${key}`}
          opener={(open) => (
            <ActionIcon aria-label={`Edit ${key}`} onClick={open}>
              <Icon name="edit" />
            </ActionIcon>
          )}
        >
          {(close) => <VariableForm workspace={workspace} scope={scope} before={variable} then={close} />}
        </Dialog>
        <Confirm
          title="Remove the variable?"
          submit="Remove it"
          opener={(open) => (
            <ActionIcon aria-label={`Remove ${key}`} onClick={open}>
              <Icon name="trash" />
            </ActionIcon>
          )}
          act={() => call('DELETE', `${path}/${id}`)}
          then={() => void refresh(path)}
        >
          Actions that name ${key} fail from the next run on, unless another scope has it.
        </Confirm>
      </td>
    </tr>
  )
}

export function NewVariable({ workspace, scope }: ScopeProps) {
  return (
    <Dialog
      title="New variable"
      opener={(open) => (
        <Button leftSection={<Icon name="add" />} onClick={open}>
          New variable
        </Button>
      )}
    >
      {(close) => <VariableForm workspace={workspace} scope={scope} then={close} />}
    </Dialog>
  )
}

function queryOf({ project, pipeline }: VariableScope): string {
  if (pipeline !== undefined) return `?pipeline_id=${pipeline.id}`
  return project === undefined ? '' : `?project_name=${encodeURIComponent(project.name)}`
}
