import type { Grants } from './grants.ts'
import type { JsonObject } from './json.ts'
import type { Level } from './permission-set.ts'
import type { PipelineId } from './pipeline.ts'
import type { Secret } from './secret.ts'
import type { WorkspaceId } from './workspace.ts'

/** An integration's key in URLs: random, not guessable. */
export type IntegrationHash = string & { readonly integration: unique symbol }

/** The kinds of integration that give registry credentials. */
export type RegistryIntegrationType =
  | 'docker-hub'
  | 'amazon'
  | 'google-service-account'
  | 'github'
  | 'gitlab'
  | 'digital-ocean'
  | 'azure-cloud'

/** The kinds that are kept and have no use here. */
export const OTHER_INTEGRATION_TYPES = [
  'bitbucket',
  'google',
  'slack',
  'modulus',
  'heroku',
  'shopify',
  'git-hub-enterprise',
  'git-lab-enterprise',
  'pushover',
  'pushbullet',
  'rackspace',
  'custom',
  'cloudflare',
  'new-relic',
  'sentry',
  'rollbar',
  'datadog',
  'do-spaces',
  'honeybadger',
  'vultr',
  'sentry-enterprise',
  'loggly',
  'hip-chat',
  'firebase',
  'telegram',
  'azure',
  'upcloud',
  'ghost-inspector',
  'netlify',
  'microsoft-teams',
  'google-play-store',
  'app-store',
  'git-hub-app',
  'git-hub-app-enterprise',
  'git-hub-api',
  'atop',
  'snyk',
  'stack-hawk',
  'blackfire',
  'backblaze',
  'one-login',
  'okta',
  'contentful',
  'jira',
] as const
export type IntegrationType = RegistryIntegrationType | (typeof OTHER_INTEGRATION_TYPES)[number]

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
  readonly shop?: Secret
  readonly email?: Secret
  readonly partnerToken?: Secret
  /** What an identity provider is told, as a JSON document. */
  readonly config?: Secret
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
  /** Who may use it in actions, and who may change it. The owner may always. */
  readonly permissions: Grants & { readonly admins: Level }
  /** Whether all pipelines in its scope may use it, or only `pipelines`. */
  readonly allPipelines: boolean
  readonly pipelines: readonly PipelineId[]
  readonly extras: JsonObject
}

/** Members use it, admins change it. */
export const USUAL_PERMISSIONS: Integration['permissions'] = Object.freeze({
  admins: 'manage',
  others: 'use-only',
  users: [],
  groups: [],
})

/** What is needed to make one; {@link USUAL_PERMISSIONS} and all pipelines unless it says otherwise. */
export type IntegrationDraft = Omit<Integration, 'hash' | 'createdAt' | keyof Restrictions> &
  Partial<Restrictions>
type Restrictions = Pick<Integration, 'permissions' | 'allPipelines' | 'pipelines'>

/** Keeps integrations, their secrets sealed. `create` and `save` throw CONFLICT (field `identifier`) when the identifier is taken. */
export interface Integrations {
  list(workspaceId: WorkspaceId): Promise<readonly Integration[]>
  find(workspaceId: WorkspaceId, hash: IntegrationHash): Promise<Integration | undefined>
  findByIdentifier(workspaceId: WorkspaceId, identifier: string): Promise<Integration | undefined>
  create(draft: IntegrationDraft): Promise<Integration>
  save(integration: Integration): Promise<Integration>
  remove(hash: IntegrationHash): Promise<void>
}

/** The secrets that a type cannot do without, for those that give registry credentials. */
export const REQUIRED_SECRETS: Readonly<
  Record<RegistryIntegrationType, readonly (keyof IntegrationSecrets)[]>
> = {
  'docker-hub': ['username', 'password'],
  amazon: ['accessKey', 'secretKey'],
  'google-service-account': ['apiKey'],
  github: ['token'],
  gitlab: ['token'],
  'digital-ocean': ['token'],
  'azure-cloud': ['password'],
}
