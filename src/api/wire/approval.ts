import { Type } from 'typebox'
import type { ActionExecution, Execution } from '#model'
import type { InPipeline } from '../find.ts'
import type { Links } from '../links.ts'
import {
  ActionExecutionView,
  encodeActionExecution,
  encodeExecution,
  ShortExecutionView,
} from './execution.ts'
import { encodePipeline, ShortPipelineView } from './pipeline.ts'
import { HtmlUrl, Url } from './schema.ts'
import { encodeProject, ShortProjectView } from './workspace.ts'

/** A question that an execution asks, and where. */
export const ApprovalView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    may_answer: Type.Boolean({ description: 'Whether the caller is one of those who are asked' }),
    project: ShortProjectView,
    pipeline: ShortPipelineView,
    execution: ShortExecutionView,
    action_execution: ActionExecutionView,
  },
  { title: 'Approval' },
)

export function encodeApproval(
  asked: ActionExecution,
  execution: Execution,
  place: InPipeline,
  mayAnswer: boolean,
  links: Links,
) {
  const action_execution = encodeActionExecution(asked, execution, place, links)
  const { url, html_url } = action_execution
  return {
    ...{ url, html_url, may_answer: mayAnswer },
    project: encodeProject(place.project, place.workspace, links),
    pipeline: encodePipeline(execution.pipeline, place, execution, links),
    execution: encodeExecution(execution, place, links),
    action_execution,
  }
}
