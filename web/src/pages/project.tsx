import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ProjectView } from '#api/wire'
import { pathOf } from '../data/call.ts'
import { thing } from '../data/query.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { Page } from '../parts/page.tsx'
import { Tabs } from '../parts/tabs.tsx'

/** What the views of a project have in common. */
export function ProjectPage({
  workspace,
  project,
  actions,
  children,
}: {
  readonly workspace: string
  readonly project: string
  readonly actions: ReactNode
  readonly children: ReactNode
}) {
  const { data } = useQuery(thing<ProjectView>(pathOf('workspaces', workspace, 'projects', project)))
  const params = { workspace, project }
  return (
    <Page
      title={data?.display_name ?? project}
      above={<Crumbs workspace={workspace} />}
      actions={actions}
      tabs={
        <Tabs
          label="Of the project"
          of={[
            { words: 'Board', to: '/$workspace/$project', params },
            { words: 'History', to: '/$workspace/$project/history', params },
            { words: 'Pipelines', to: '/$workspace/$project/pipelines', params },
            { words: 'Variables', to: '/$workspace/$project/variables', params },
            { words: 'People', to: '/$workspace/$project/people', params },
          ]}
        />
      }
    >
      {children}
    </Page>
  )
}
