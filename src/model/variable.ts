import type { ActionId } from './action.ts'
import { ModelError } from './errors.ts'
import type { PipelineId } from './pipeline.ts'
import type { Secret } from './secret.ts'
import type { ProjectId, WorkspaceId } from './workspace.ts'

/** A variable's number. */
export type VariableId = number & { readonly variable: unique symbol }

/** What a variable holds. Only `var` is filled in where a text names it. */
export type VariableKind =
  | 'var'
  | 'file'
  | 'ssh-key'
  | 'ssh-public-key'
  | 'ios-keychain'
  | 'ios-provision-profiles'
  | 'gpg-key'

/** Where a variable holds: the innermost of these that is given. */
export interface VariableScope {
  readonly workspaceId: WorkspaceId
  readonly projectId: ProjectId | undefined
  readonly pipelineId: PipelineId | undefined
  readonly actionId: ActionId | undefined
}

/** A value with a name, for all that is in its scope. */
export interface Variable extends VariableScope {
  readonly id: VariableId
  readonly key: string
  readonly kind: VariableKind
  /** Shown to nobody when `encrypted`. */
  readonly value: Secret
  readonly encrypted: boolean
  readonly settable: boolean
  readonly runOnlySettable: boolean
  readonly description: string | undefined
  /** Of a file or key: where Buddy would put it; kept and given back. */
  readonly file: {
    readonly place: 'none' | 'container'
    readonly path: string | undefined
    readonly chmod: string | undefined
  }
  /** What can be told of a file or key without telling it. */
  readonly derived: Derived
  /** Of a key: what opens it. */
  readonly passphrase: Secret | undefined
  readonly password: Secret | undefined
}

/** What follows from a value that is not a plain one. */
export interface Derived {
  /** SHA-256 of the value, in hexadecimal. */
  readonly checksum: string | undefined
  /** Of an SSH key: its public half, as it stands in `authorized_keys`. */
  readonly publicValue: string | undefined
  /** Of an SSH key: `SHA256:…`, as OpenSSH prints it. */
  readonly fingerprint: string | undefined
}

/** A variable to be made. */
export type VariableDraft = Omit<Variable, 'id'>

/** The scopes whose variables a list or a run is about: those that are given, and nothing further inside. */
export interface VariableFilter {
  readonly workspaceId: WorkspaceId
  readonly projectId?: ProjectId
  readonly pipelineId?: PipelineId
  readonly actionId?: ActionId
}

/** Keeps variables, their values sealed. They go with what they are of. `create` and `save` throw CONFLICT (field `key`) when the key is taken in the scope. */
export interface Variables {
  /** Those of exactly this scope, by number. */
  list(filter: VariableFilter): Promise<readonly Variable[]>
  /** All that a run of this pipeline sees, those of its actions too. */
  seenBy(scope: {
    readonly workspaceId: WorkspaceId
    readonly projectId: ProjectId
    readonly pipelineId: PipelineId
  }): Promise<readonly Variable[]>
  find(workspaceId: WorkspaceId, id: VariableId): Promise<Variable | undefined>
  create(draft: VariableDraft): Promise<Variable>
  save(variable: Variable): Promise<Variable>
  remove(id: VariableId): Promise<void>
}

/** Whose value counts, from the one that beats all to the one that all beat. */
export const PRECEDENCE = ['built-in', 'loop', 'run', 'action', 'pipeline', 'project', 'workspace'] as const

/** A variable as a run sees it, frozen with it. */
export interface Binding {
  readonly scope: (typeof PRECEDENCE)[number]
  /** For this action alone; undefined: for all. */
  readonly actionId: ActionId | undefined
  readonly key: string
  readonly value: Secret
  readonly encrypted: boolean
  readonly settable: boolean
}

/** The binding that counts for the action, or for none in particular; undefined: there is no such variable. */
export function bindingOf(
  bindings: readonly Binding[],
  key: string,
  actionId: ActionId | undefined,
): Binding | undefined {
  const named = bindings.filter(
    (binding) => binding.key === key && (binding.actionId === undefined || binding.actionId === actionId),
  )
  const rank = (binding: Binding): number => PRECEDENCE.indexOf(binding.scope)
  return named.reduce<Binding | undefined>(
    // Of the same scope the later one: it was passed later.
    (best, binding) => (best === undefined || rank(binding) <= rank(best) ? binding : best),
    undefined,
  )
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const REFERENCE = /\$(?:\$|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g

/** Whether `text` can be a variable's key: letters, digits and `_`, no digit first, at most 255. */
export function isVariableKey(text: string): boolean {
  return text.length <= 255 && NAME.test(text)
}

/** Whether the text is another one once its variables are filled in. */
export function hasVariables(text: string | undefined): boolean {
  return text !== undefined && text.search(REFERENCE) >= 0
}

/** The variable that the text is as a whole: `$NAME` or `${NAME}`. Undefined: it is something else. */
export function wholeVariable(text: string): string | undefined {
  const [, braced, bare] = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))$/.exec(text) ?? []
  return braced ?? bare
}

/**
 * The text with `$NAME` and `${NAME}` filled in. `$$` stands for one `$`; any other `$` for itself. Values are taken as they are: what looks
 * like a variable in one is none.
 * @throws ModelError INVALID for `${` with no name in it; and what `lookUp` throws
 */
export function fillIn(text: string, lookUp: (key: string) => string): string {
  return text.replace(REFERENCE, (found, braced?: string, bare?: string) => {
    if (found === '$$') return '$'
    const key = braced ?? bare ?? ''
    if (!NAME.test(key)) throw new ModelError('INVALID', `\${${key.slice(0, 100)}} names no variable`)
    return lookUp(key)
  })
}
