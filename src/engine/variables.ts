import {
  type ActionExecution,
  type Binding,
  bindingOf,
  type Execution,
  fillIn,
  type Person,
  type Pipeline,
  type Project,
  Secret,
  type Store,
  type Workspace,
} from '#model'
import type { Side } from '#promotion'
import { ActionError } from './failure.ts'

/** The variables as one action of an execution sees them, or the execution as a whole. */
export interface VariableView {
  find(key: string): Binding | undefined
}

/** `baseUrl`: below which people see the pages of executions; without it there are no variables with addresses. */
export function variablesOf(
  execution: Execution,
  action: ActionExecution | undefined,
  baseUrl?: string,
): VariableView {
  const bindings = [...execution.variables, ...(action?.loop ?? [])]
  return {
    find: (key) => {
      const name = newNameOf(key)
      const value = name.startsWith('BUDDY_') ? builtIn(name, execution, action, baseUrl) : undefined
      if (value !== undefined) return given(key, value)
      const binding = bindingOf(bindings, key, action?.action.id)
      return binding ?? bindingOf(bindings, name, action?.action.id)
    },
  }
}

/** The text with its variables filled in. @throws ActionError VARIABLE_UNDEFINED, naming field and variable; ModelError INVALID */
export function fill(text: string, view: VariableView, field: string, side?: Side): string {
  return fillIn(text, (key) => bound(view, key, field, side).value.reveal())
}

/** The same for what is only shown: what is not known stays as it is. */
export function fillKnown(text: string, view: VariableView): string {
  return fillIn(text, (key) => view.find(key)?.value.reveal() ?? `\${${key}}`)
}

/** @throws ActionError VARIABLE_UNDEFINED */
export function bound(view: VariableView, key: string, field: string, side?: Side): Binding {
  const binding = view.find(key)
  if (binding !== undefined) return binding
  throw new ActionError('VARIABLE_UNDEFINED', side, `${field}: there is no variable ${key}`)
}

/** Takes the values of secret variables out of texts that people see. */
export function maskFor(execution: Execution): (text: string) => string {
  const all = [...execution.variables, ...execution.actions.flatMap(({ loop }) => loop)]
  const secrets = all.filter(({ encrypted }) => encrypted).map(({ value }) => value.reveal())
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)])
  // The longest first: one may begin with another.
  const known = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length)
  return (text) => known.reduce((masked, form) => masked.replaceAll(form, '[secret]'), text)
}

/** What a run of this pipeline sees, as it is now, and what is passed to it. */
export async function freezeVariables(
  store: Store,
  place: { readonly workspace: Workspace; readonly project: Project; readonly pipeline: Pipeline },
  creator: Person,
  passed: readonly Binding[],
): Promise<readonly Binding[]> {
  const { workspace, project, pipeline } = place
  const seen = await store.variables.seenBy({
    workspaceId: workspace.id,
    projectId: project.id,
    pipelineId: pipeline.id,
  })
  const kept = seen
    .filter(({ kind }) => kind === 'var')
    .map(({ key, value, encrypted, settable, runOnlySettable, ...scope }): Binding => {
      const where = scope.actionId ? 'action' : scope.pipelineId ? 'pipeline' : undefined
      return {
        scope: where ?? (scope.projectId ? 'project' : 'workspace'),
        actionId: scope.actionId,
        ...{ key, value, encrypted },
        settable: settable || runOnlySettable,
      }
    })
  const facts: Readonly<Record<string, string | undefined>> = {
    BUDDY: 'true',
    BUDDY_WORKSPACE_ID: String(workspace.id),
    BUDDY_WORKSPACE_DOMAIN: workspace.domain,
    BUDDY_WORKSPACE_NAME: workspace.name,
    BUDDY_PROJECT_NAME: project.displayName,
    BUDDY_PROJECT_NAME_ID: project.name,
    BUDDY_INVOKER_ID: String(creator.id),
    BUDDY_INVOKER_NAME: creator.name,
    BUDDY_INVOKER_EMAIL: creator.email,
  }
  const known = Object.entries(facts).flatMap(([key, value]) =>
    value === undefined ? [] : given(key, value),
  )
  return [...known, ...kept, ...passed]
}

// Those that are called otherwise beside their beginning.
const RENAMED: Readonly<Record<string, string>> = {
  BUDDY_EXECUTION_REVISION: 'BUDDY_RUN_COMMIT',
  BUDDY_EXECUTION_PREVIOUS_REVISION: 'BUDDY_RUN_PRE_COMMIT',
  BUDDY_EXECUTION_PULL_REQUEST_NO: 'BUDDY_RUN_PR_NO',
}

/** The older names are as good as the newer ones. */
function newNameOf(key: string): string {
  return RENAMED[key] ?? key.replace(/^BUDDY_EXECUTION_/, 'BUDDY_RUN_')
}

/** What the execution itself tells, by its new name. */
function builtIn(
  key: string,
  execution: Execution,
  action: ActionExecution | undefined,
  baseUrl: string | undefined,
): string | undefined {
  const { pipeline, number, comment, actions, variables } = execution
  const failed = actions.find(({ status }) => status === 'failed')?.action.name
  const of = (name: string): string =>
    encodeURIComponent(bindingOf(variables, name, undefined)?.value.reveal() ?? '')
  const page =
    baseUrl &&
    `${baseUrl}/ui/${of('BUDDY_WORKSPACE_DOMAIN')}/${of('BUDDY_PROJECT_NAME_ID')}/pipelines/pipeline/${pipeline.id}`
  const run = page && `${page}/execution/${number}`
  const facts: Readonly<Record<string, string | undefined>> = {
    BUDDY_RUN_ID: String(number),
    BUDDY_RUN_COMMENT: comment ?? '',
    BUDDY_RUN_URL: run,
    BUDDY_RUN_APPROVE_URL: run,
    BUDDY_PIPELINE_ID: String(pipeline.id),
    BUDDY_PIPELINE_NAME: pipeline.name,
    BUDDY_PIPELINE_IDENTIFIER: pipeline.identifier,
    BUDDY_PIPELINE_TRIGGER_MODE: execution.triggeredOn.toUpperCase(),
    BUDDY_PIPELINE_URL: page,
    BUDDY_ACTION_ID: action && String(action.action.id),
    BUDDY_ACTION_NAME: action?.action.name,
    BUDDY_ACTION_RUN_HASH: action?.id,
    BUDDY_FAILED_ACTION_NAME: failed,
  }
  return facts[key]
}

function given(key: string, value: string): Binding {
  return {
    scope: 'built-in',
    actionId: undefined,
    key,
    value: new Secret(value),
    encrypted: false,
    settable: false,
  }
}
