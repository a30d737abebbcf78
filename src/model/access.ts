import type { Secret } from './secret.ts'

/** A person's number. */
export type PersonId = number & { readonly person: unique symbol }
/** A token's public id (a UUID). */
export type TokenId = string & { readonly token: unique symbol }

/** Somebody who can ask. The first one is the owner. */
export interface Person {
  readonly id: PersonId
  readonly name: string
  readonly email: string | undefined
  readonly owner: boolean
}

/** What can be allowed; each use case asks for one. */
export type Permission =
  | 'workspace.read'
  | 'workspace.manage'
  | 'project.read'
  | 'project.write'
  | 'project.remove'
  | 'pipeline.read'
  | 'pipeline.run'
  | 'pipeline.manage'
  | 'integration.read'
  | 'integration.add'
  | 'integration.manage'
  | 'webhook.read'
  | 'webhook.add'
  | 'webhook.manage'
  | 'token.read'
  | 'token.manage'

/** Which permissions each scope of a token grants, the wider ones including the narrower. */
export const SCOPES: Readonly<Record<string, readonly Permission[]>> = {
  WORKSPACE: ['workspace.read', 'project.read', 'project.write'],
  WORKSPACES_MANAGE: ['workspace.read', 'workspace.manage'],
  PROJECT_READ: ['project.read'],
  PROJECT_WRITE: ['project.read', 'project.write'],
  PROJECT_DELETE: ['project.read', 'project.remove'],
  EXECUTION_INFO: ['pipeline.read'],
  EXECUTION_RUN: ['pipeline.read', 'pipeline.run'],
  EXECUTION_MANAGE: ['pipeline.read', 'pipeline.run', 'pipeline.manage'],
  PIPELINE_READ: ['pipeline.read'],
  PIPELINE_RUN: ['pipeline.read', 'pipeline.run'],
  PIPELINE_WRITE: ['pipeline.read', 'pipeline.run', 'pipeline.manage'],
  PIPELINE_MANAGE: ['pipeline.read', 'pipeline.run', 'pipeline.manage'],
  INTEGRATION_INFO: ['integration.read'],
  INTEGRATION_READ: ['integration.read'],
  INTEGRATION_ADD: ['integration.read', 'integration.add'],
  INTEGRATION_MANAGE: ['integration.read', 'integration.add', 'integration.manage'],
  WEBHOOK_INFO: ['webhook.read'],
  WEBHOOK_ADD: ['webhook.read', 'webhook.add'],
  WEBHOOK_MANAGE: ['webhook.read', 'webhook.add', 'webhook.manage'],
  TOKEN_INFO: ['token.read'],
  TOKEN_MANAGE: ['token.read', 'token.manage'],
}

/** A token as it is kept: only the hash of its text. `workspaces` empty: all. */
export interface Token {
  readonly id: TokenId
  readonly personId: PersonId
  readonly name: string
  readonly scopes: readonly string[]
  readonly workspaces: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
}

/** Who is asking, and what for they may ask. */
export interface Caller {
  readonly person: Person
  readonly token: Token
}

/** What a scope grants; undefined for what is no scope. */
export function permissionsOf(scope: string): readonly Permission[] | undefined {
  return Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined
}

/** Whether this caller's token grants the permission. */
export function permits(caller: Caller, permission: Permission): boolean {
  return caller.token.scopes.some((scope) => permissionsOf(scope)?.includes(permission) ?? false)
}

/** Whether this caller may see the workspace at all. */
export function sees(caller: Caller, domain: string): boolean {
  return caller.token.workspaces.length === 0 || caller.token.workspaces.includes(domain)
}

/** Keeps tokens by hash, and the people behind them. The text of a token is never kept. */
export interface Tokens {
  /** Who presents this token now; undefined when it is unknown, revoked or expired. */
  authenticate(text: Secret, now: Date): Promise<Caller | undefined>
  /** Makes a token and returns its text, once. */
  create(draft: Omit<Token, 'id' | 'createdAt'>): Promise<{ readonly token: Token; readonly text: Secret }>
  /** Makes `text` the owner's token with every scope, in place of the one set this way before. */
  setOwner(text: Secret): Promise<Token>
  list(personId: PersonId): Promise<readonly Token[]>
  find(personId: PersonId, id: TokenId): Promise<Token | undefined>
  remove(id: TokenId): Promise<void>
  /** The owner, made at the first start. */
  owner(): Promise<Person>
}
