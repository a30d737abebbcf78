import type { Invocation } from './command.ts'
import { line } from './print-result.ts'
import { formatTable } from './print-table.ts'
import { remotely } from './remote.ts'

/** `pipelines`: those of a project, and how they last went. */
export function listPipelines(invocation: Invocation): Promise<number> {
  const { stdout, stderr, options } = invocation
  return remotely(invocation, async ({ tagboat, project, call }) => {
    const pipelines = await Array.fromAsync(tagboat.eachPipeline(project(), { per_page: 50 }, call))
    if (options.has('json')) stdout.write(line({ status: 'done', pipelines }))
    else if (pipelines.length === 0)
      stderr.write('There is no pipeline yet: tagboat apply FILE makes some.\n')
    else {
      const rows = pipelines.map(({ identifier, last_execution_status, disabled, name }) => [
        identifier,
        disabled ? 'disabled' : last_execution_status,
        name,
      ])
      stdout.write(formatTable([['PIPELINE', 'LAST RUN', 'NAME'], ...rows]))
    }
    return 0
  })
}

/** `integrations`: those of a workspace. */
export function listIntegrations(invocation: Invocation): Promise<number> {
  const { stdout, stderr, options } = invocation
  return remotely(invocation, async ({ tagboat, workspace, call }) => {
    const { integrations } = await tagboat.listIntegrations(workspace(), {}, call)
    if (options.has('json')) stdout.write(line({ status: 'done', integrations }))
    else if (integrations.length === 0) stderr.write('There is no integration yet.\n')
    else {
      const rows = integrations.map(({ identifier, type, scope, name }) => [identifier, type, scope, name])
      stdout.write(formatTable([['INTEGRATION', 'TYPE', 'SCOPE', 'NAME'], ...rows]))
    }
    return 0
  })
}
