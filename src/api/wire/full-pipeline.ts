import { Type } from 'typebox'
import type { Execution, Member, Pipeline, Project, Workspace } from '#model'
import type { Links } from '../links.ts'
import { ActionView } from './action-schema.ts'
import { encodeFullExtras, encodePipeline, fullViews, ShortPipelineView } from './pipeline.ts'
import { MemberRef } from './schema.ts'
import { encodeMember, encodeProject, ShortProjectView } from './workspace.ts'

/** A pipeline by itself, with its actions. */
export const PipelineView = Type.Object(
  {
    ...ShortPipelineView.properties,
    project: ShortProjectView,
    creator: MemberRef,
    actions: Type.Array(ActionView),
    ...fullViews,
  },
  { title: 'Pipeline' },
)

export function encodeFullPipeline(
  pipeline: Pipeline,
  place: { readonly workspace: Workspace; readonly project: Project },
  more: {
    readonly latest: Pick<Execution, 'status'> | undefined
    readonly creator: Member
    readonly actions: readonly object[]
    readonly variables: readonly object[]
  },
  links: Links,
) {
  return {
    ...encodePipeline(pipeline, place, more.latest, links),
    project: encodeProject(place.project, place.workspace, links),
    creator: encodeMember(more.creator, place.workspace, links),
    actions: more.actions,
    variables: more.variables,
    ...encodeFullExtras(pipeline),
  }
}
