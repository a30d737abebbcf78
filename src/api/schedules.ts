import { Type } from 'typebox'
import { nextTick } from '#engine'
import { findProject } from './find.ts'
import { type Api, bodyOf, type Context, operation } from './route.ts'
import { decodeSchedule, ScheduleBody } from './wire/pipeline-event.ts'
import { HtmlUrl, Params, Url, When } from './wire/schema.ts'

const NEXT = 3

/** When a schedule would start a pipeline: for those who are about to write one, or look at one. */
export function routeSchedules(api: Api, { store, links, now }: Context): void {
  const NextRuns = Type.Object({ url: Url, html_url: HtmlUrl, next_runs: Type.Array(When) })
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/next_runs',
    operation(
      'previewPipelineSchedule',
      `When a schedule is due next, ${NEXT} times at most; nothing is kept`,
      'pipeline.read',
      { params: Params('workspace', 'project'), body: ScheduleBody },
      { 200: NextRuns },
    ),
    async (request) => {
      const { workspace, project } = await findProject(store, request)
      const schedule = decodeSchedule(bodyOf(request, ScheduleBody), '')
      const next: Date[] = []
      for (let at = nextTick(schedule, now()); at !== undefined && next.length < NEXT; ) {
        next.push(at)
        at = nextTick(schedule, at)
      }
      return {
        url: links(request).api('workspaces', workspace.domain, 'projects', project.name, 'pipelines'),
        html_url: links(request).page(workspace.domain, project.name, 'pipelines'),
        next_runs: next.map((at) => at.toISOString()),
      }
    },
  )
}
