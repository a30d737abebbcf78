import { Type } from 'typebox'
import type { Execution, Person, Pipeline, Project, Workspace } from '#model'
import type { Links } from '../links.ts'
import { ActionView } from './action.ts'
import { encodeFullExtras, encodePipeline, fullViews, ShortPipelineView } from './pipeline.ts'
import { Member } from './schema.ts'
import { encodeMember, encodeProject, ShortProjectView } from './workspace.ts'

/** A pipeline by itself, with its actions. */
export const PipelineView = Type.Object({
  ...ShortPipelineView.properties,
  project: ShortProjectView,
  creator: Member,
  actions: Type.Array(ActionView),
  ...fullViews,
})

export function encodeFullPipeline(
  pipeline: Pipeline,
  place: { readonly workspace: Workspace; readonly project: Project },
  more: {
    readonly latest: Execution | undefined
    readonly owner: Person
    readonly actions: readonly object[]
  },
  links: Links,
) {
  return {
    ...encodePipeline(pipeline, place, more.latest, links),
    project: encodeProject(place.project, place.workspace, links),
    creator: encodeMember(more.owner, place.workspace, links),
    actions: more.actions,
    ...encodeFullExtras(pipeline),
  }
}
