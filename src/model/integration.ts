import type { JsonObject } from './json.ts'
import type { Secret } from './secret.ts'
import type { WorkspaceId } from './workspace.ts'

/** An integration's key in URLs: random, not guessable. */
export type IntegrationHash = string & { readonly integration: unique symbol }

/** The kinds of integration that give registry credentials. */
export type IntegrationType =
  | 'docker-hub'
  | 'amazon'
  | 'google-service-account'
  | 'github'
  | 'gitlab'
  | 'digital-ocean'
  | 'azure-cloud'

/** What an integration knows and never tells. Which are there depends on the type. */
export interface IntegrationSecrets {
  readonly username?: Secret
  readonly password?: Secret
  readonly token?: Secret
  readonly accessKey?: Secret
  readonly secretKey?: Secret
  /** Of access keys that end. */
  readonly sessionToken?: Secret
  /** The roles to be taken on with the keys: a JSON list of {@link Role}. */
  readonly roles?: Secret
  readonly region?: Secret
  readonly tenantId?: Secret
  /** A Google service account key: the JSON document as text. */
  readonly apiKey?: Secret
}

/** A role at Amazon, to be taken on with access keys or with the role before it. */
export interface Role {
  readonly arn: string
  readonly externalId?: string
  readonly durationS?: number
}

/** Credentials with a name. Actions refer to it by `identifier`, unique in its workspace. */
export interface Integration {
  readonly hash: IntegrationHash
  readonly workspaceId: WorkspaceId
  readonly identifier: string
  readonly name: string
  readonly type: IntegrationType
  readonly authType: string
  readonly scope: 'workspace' | 'project' | 'environment'
  readonly projectName: string | undefined
  readonly createdAt: Date
  readonly secrets: IntegrationSecrets
  readonly extras: JsonObject
}

/** Keeps integrations, their secrets sealed. `create` and `save` throw CONFLICT (field `identifier`) when the identifier is taken. */
export interface Integrations {
  list(workspaceId: WorkspaceId): Promise<readonly Integration[]>
  find(workspaceId: WorkspaceId, hash: IntegrationHash): Promise<Integration | undefined>
  findByIdentifier(workspaceId: WorkspaceId, identifier: string): Promise<Integration | undefined>
  create(draft: Omit<Integration, 'hash' | 'createdAt'>): Promise<Integration>
  save(integration: Integration): Promise<Integration>
  remove(hash: IntegrationHash): Promise<void>
}

/** The secrets that a type cannot do without. */
export const REQUIRED_SECRETS: Readonly<Record<IntegrationType, readonly (keyof IntegrationSecrets)[]>> = {
  'docker-hub': ['username', 'password'],
  amazon: ['accessKey', 'secretKey'],
  'google-service-account': ['apiKey'],
  github: ['token'],
  gitlab: ['token'],
  'digital-ocean': ['token'],
  'azure-cloud': ['password'],
}
