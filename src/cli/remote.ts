import { ApiError, type Pipeline, Tagboat } from '#client'
import { readConfig } from '#serve'
import type { Invocation } from './command.ts'
import { describeError } from './print-error.ts'
import { line } from './print-result.ts'
import { UsageError } from './usage-error.ts'

/** The API that a command works through. */
export interface Remote {
  readonly tagboat: Tagboat
  /** @throws UsageError when nobody says which one. */
  workspace(): { readonly workspace: string }
  /** @throws UsageError when nobody says which one. */
  project(): { readonly workspace: string; readonly project: string }
  readonly call: { readonly signal: AbortSignal }
}

/** Does something through the API. With `--json` a failure is told on standard output too. */
export async function remotely(
  invocation: Invocation,
  work: (remote: Remote) => Promise<number>,
): Promise<number> {
  const remote = openRemote(invocation)
  try {
    return await work(remote)
  } catch (error) {
    if (invocation.options.has('json') && !(error instanceof UsageError))
      invocation.stdout.write(line({ status: 'failed', error: describeError(error) }))
    throw error
  }
}

/** The pipeline that was typed, by its identifier or its number. @throws ApiError where there is none. */
export async function findPipeline(
  { tagboat, project, call }: Remote,
  text: string,
): Promise<Pick<Pipeline, 'id' | 'identifier' | 'name'>> {
  const all = await Array.fromAsync(tagboat.eachPipeline(project(), { per_page: 50 }, call))
  const found = all.find((one) => one.identifier === text) ?? all.find((one) => String(one.id) === text)
  if (found !== undefined) return found
  const { workspace, project: name } = project()
  const message = `there is no pipeline ${JSON.stringify(text)} in ${workspace}/${name}`
  throw new ApiError([{ code: 'NOT_FOUND', message }], 404)
}

function openRemote({ env, options, signal }: Invocation): Remote {
  const config = readConfig(env)
  if (config.token === undefined)
    throw new UsageError('TAGBOAT_TOKEN is not set: tagboat token create NAME makes a token')
  const { host, port } = config.listen
  const url = config.url ?? new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const named = (what: 'workspace' | 'project', fallback: string | undefined): string => {
    const name = options.text(what) ?? fallback
    if (name !== undefined) return name
    throw new UsageError(`which ${what}? --${what} NAME or TAGBOAT_${what.toUpperCase()} says it`)
  }
  const workspace = () => ({ workspace: named('workspace', config.workspace) })
  return {
    tagboat: new Tagboat({ url, token: config.token.reveal() }),
    workspace,
    project: () => ({ ...workspace(), project: named('project', config.project) }),
    call: { signal },
  }
}
