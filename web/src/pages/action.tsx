import { useQueries, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { PipelineView, ShortPipelineView } from '#api/wire'
import { pathOf } from '../data/call.ts'
import { useAll } from '../data/list.ts'
import { thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { ActionForm } from './action-form.tsx'

const newRoute = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline/action/new')
const editRoute = getRouteApi('/$workspace/$project/pipelines/action/$action/edit')

/** A new action for a pipeline. */
export function NewAction() {
  const { workspace, project, pipeline } = newRoute.useParams()
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
  const query = useQuery(thing<PipelineView>(path))
  return (
    <Page
      title="New action"
      above={
        <Crumbs
          workspace={workspace}
          project={project}
          pipeline={{ id: pipeline, name: query.data?.name ?? pipeline }}
        />
      }
    >
      <Answer of={query}>
        {({ id }) => <ActionForm workspace={workspace} project={project} pipeline={id} />}
      </Answer>
    </Page>
  )
}

const pipelinesOf = ({ pipelines }: { readonly pipelines: readonly ShortPipelineView[] }) => pipelines

/** An action that is there. Its address does not say which pipeline it is of: where the link did not either, it is looked for. */
export function EditAction() {
  const { workspace, project, action: id } = editRoute.useParams()
  const { pipeline: known } = editRoute.useSearch()
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const list = useAll(above, pipelinesOf, known === undefined)
  const ids = known === undefined ? (list.data?.map((each) => each.id) ?? []) : [known]
  const pipelines = useQueries({ queries: ids.map((each) => thing<PipelineView>(`${above}/${each}`)) })
  const found = pipelines
    .map(({ data }) => ({ pipeline: data, action: data?.actions.find((each) => String(each.id) === id) }))
    .find(({ action }) => action !== undefined)
  const waiting = list.isLoading || pipelines.some(({ isPending }) => isPending)
  return (
    <Page
      title={found?.action?.name ?? 'Action'}
      above={
        <Crumbs
          workspace={workspace}
          project={project}
          {...(found?.pipeline && { pipeline: { id: String(found.pipeline.id), name: found.pipeline.name } })}
        />
      }
    >
      {found?.pipeline !== undefined && found.action !== undefined ? (
        <ActionForm
          key={found.action.id}
          workspace={workspace}
          project={project}
          pipeline={found.pipeline.id}
          action={found.action}
        />
      ) : waiting ? null : (
        <Empty title="There is no such action">It was removed, or your token may not see it.</Empty>
      )}
    </Page>
  )
}
