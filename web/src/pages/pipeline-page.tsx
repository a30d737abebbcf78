import { ActionIcon } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { PipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { RunButton } from './run-button.tsx'

/** Where a pipeline's pages are. */
export interface PipelineParams {
  readonly workspace: string
  readonly project: string
  readonly pipeline: string
}

/** The API's path of a pipeline. */
export function pathOfPipeline({ workspace, project, pipeline }: PipelineParams): string {
  return pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
}

/** What the views of a pipeline have in common. */
export function PipelinePage({
  params,
  children,
}: {
  readonly params: PipelineParams
  readonly children: (pipeline: PipelineView, path: string) => ReactNode
}) {
  const { workspace, project, pipeline } = params
  const path = pathOfPipeline(params)
  const query = useQuery(thing<PipelineView>(path))
  return (
    <Page
      title={query.data?.name ?? `Pipeline ${pipeline}`}
      above={<Crumbs workspace={workspace} project={project} />}
      beside={query.data?.disabled ? 'Disabled' : query.data?.paused ? 'Paused' : undefined}
      actions={<Actions of={query} params={params} path={path} />}
      tabs={
        <Tabs
          label="Of the pipeline"
          of={[
            { words: 'Overview', to: '/$workspace/$project/pipelines/pipeline/$pipeline', params },
            {
              words: 'Triggers and rules',
              to: '/$workspace/$project/pipelines/pipeline/$pipeline/settings',
              params,
            },
            {
              words: 'Permissions',
              to: '/$workspace/$project/pipelines/pipeline/$pipeline/permissions',
              params,
            },
            { words: 'As YAML', to: '/$workspace/$project/pipelines/pipeline/$pipeline/yaml', params },
          ]}
        />
      }
    >
      <Answer of={query}>{(data) => children(data, path)}</Answer>
    </Page>
  )
}

function Actions({
  of: { data },
  params,
  path,
}: {
  readonly of: UseQueryResult<PipelineView, Error>
  readonly params: PipelineParams
  readonly path: string
}) {
  const navigate = useNavigate()
  const { workspace, project } = params
  if (data === undefined) return null
  return (
    <>
      <AsCurl path={path} />
      <Confirm
        title="Remove the pipeline?"
        submit="Remove it"
        opener={(open) => (
          <ActionIcon aria-label="Remove the pipeline" onClick={open} size={30}>
            <Icon name="trash" />
          </ActionIcon>
        )}
        act={() => call('DELETE', path)}
        then={() => {
          void refresh(pathOf('workspaces', workspace, 'projects', project, 'pipelines'))
          void navigate({ to: '/$workspace/$project/pipelines', params: { workspace, project } })
        }}
      >
        Its actions and its history go with it. What it promoted stays where it is.
      </Confirm>
      {data.actions.length > 0 && <RunButton of={data} {...params} />}
    </>
  )
}
