import { type IntegrationCredential, integrationKeychain, servesRegistry } from '#keychains'
import {
  type ImageDefinition,
  type Integration,
  type IntegrationSecrets,
  type IntegrationType,
  type JsonObject,
  type Pipeline,
  type Project,
  REQUIRED_SECRETS,
  type RegistryIntegrationType,
  type Role,
  type Store,
} from '#model'
import { ANONYMOUS, type Keychain, type Network, type Reference } from '#oci'
import type { Side } from '#promotion'
import { ActionError } from './failure.ts'

/** Where credentials are looked for, and for whom. */
export interface CredentialContext {
  readonly store: Store
  readonly network: Network
  /** Whose action it is that shows them. */
  readonly pipeline: Pick<Pipeline, 'id' | 'projectId'>
}

/**
 * What an image's definition has to show at its registry: its own username and password, else its integration's credentials, as they are
 * now and not as they were when the execution was made, else nothing.
 * @throws ActionError INTEGRATION_UNKNOWN, INTEGRATION_DENIED, INTEGRATION_UNSUITABLE, INTEGRATION_INCOMPLETE; ModelError SECRET_UNREADABLE
 */
export async function findCredential(
  definition: ImageDefinition,
  side: Side,
  { store, pipeline }: CredentialContext,
): Promise<OwnCredential | undefined> {
  const { username, password, integration: identifier } = definition
  if (username !== undefined && password !== undefined)
    return { credential: { kind: 'basic', username, password: password.reveal() }, region: undefined }
  if (identifier === undefined) return undefined
  const project = await store.projects.findById(pipeline.projectId)
  const found = project && (await store.integrations.findByIdentifier(project.workspaceId, identifier))
  if (found === undefined || !serves(found, project)) {
    throw new ActionError(
      'INTEGRATION_UNKNOWN',
      side,
      `integration ${identifier}: not found (removed, or not for this project)`,
    )
  }
  if (!found.allPipelines && !found.pipelines.includes(pipeline.id)) {
    const message = `integration ${identifier}: not for this pipeline (others alone may use it)`
    throw new ActionError('INTEGRATION_DENIED', side, message)
  }
  return credentialOf(found, side)
}

/**
 * The keychain of what {@link findCredential} found; for nothing it knows nobody. Which registries an integration's credentials go to is
 * decided by `integrationKeychain`.
 */
export function keychainOf(own: OwnCredential | undefined, network: Network): Keychain {
  return own === undefined ? ANONYMOUS : integrationKeychain(own.credential, network)
}

/** What there is to show, and the region that an integration of Amazon is for. */
export interface OwnCredential {
  readonly credential: IntegrationCredential
  readonly region: string | undefined
}

/** Says that an integration's credentials stay where they are, because they are for other registries; undefined where they are shown. */
export function notShown(
  { integration }: ImageDefinition,
  own: OwnCredential | undefined,
  place: Reference,
): string | undefined {
  if (own === undefined || servesRegistry(own.credential, place)) return undefined
  return `integration ${integration}: not for ${place.registry}, so nothing of it is shown there`
}

function serves(integration: Integration, project: Project | undefined): boolean {
  return integration.scope !== 'project' || integration.projectName === project?.name
}

/** @throws ActionError INTEGRATION_UNSUITABLE, INTEGRATION_INCOMPLETE; ModelError SECRET_UNREADABLE */
export function credentialOf(
  { identifier, type, secrets, extras }: Integration,
  side: Side | undefined,
): OwnCredential {
  if (!givesCredentials(type)) {
    const message = `integration ${identifier}: gives no credentials for registries (its type is ${type})`
    throw new ActionError('INTEGRATION_UNSUITABLE', side, message)
  }
  const missing = REQUIRED_SECRETS[type].find((name) => secrets[name] === undefined)
  if (missing !== undefined) {
    throw new ActionError(
      'INTEGRATION_INCOMPLETE',
      side,
      `integration ${identifier}: has no ${missing} (${type} needs one)`,
    )
  }
  return { credential: shownBy(type, secrets, extras), region: secrets.region?.reveal() || undefined }
}

function givesCredentials(type: IntegrationType): type is RegistryIntegrationType {
  return Object.hasOwn(REQUIRED_SECRETS, type)
}

function shownBy(
  type: RegistryIntegrationType,
  secrets: IntegrationSecrets,
  extras: JsonObject,
): IntegrationCredential {
  const text = (name: keyof IntegrationSecrets): string => secrets[name]?.reveal() ?? ''
  const username = text('username')
  switch (type) {
    case 'docker-hub':
      return { kind: type, username, password: text('password') }
    case 'github':
      return { kind: type, token: text('token'), username }
    case 'gitlab':
      return { kind: type, token: text('token'), username, hostUrl: String(extras.host_url ?? '') }
    case 'digital-ocean':
      return { kind: type, token: text('token') }
    case 'azure-cloud':
      return { kind: type, appId: String(extras.app_id ?? ''), password: text('password') }
    case 'google-service-account':
      return { kind: type, apiKey: text('apiKey') }
    case 'amazon': {
      const sessionToken = text('sessionToken')
      return {
        kind: type,
        accessKey: text('accessKey'),
        secretKey: text('secretKey'),
        ...(sessionToken !== '' && { sessionToken }),
        roles: JSON.parse(text('roles') || '[]') as readonly Role[],
      }
    }
  }
}
