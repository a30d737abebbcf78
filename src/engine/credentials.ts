import { type IntegrationCredential, integrationKeychain } from '#keychains'
import {
  type ImageDefinition,
  type Integration,
  type IntegrationSecrets,
  type Project,
  type ProjectId,
  REQUIRED_SECRETS,
  type Secret,
  type Store,
} from '#model'
import { ANONYMOUS, type Keychain, type Network } from '#oci'
import type { Side } from '#promotion'
import { ActionError } from './failure.ts'

/**
 * What an image's definition has to show at its registry: its own username and password, else its integration's credentials, as they are
 * now and not as they were when the execution was made, else nothing. Which registries an integration's credentials go to is decided by
 * `integrationKeychain`.
 * @throws ActionError INTEGRATION_UNKNOWN, INTEGRATION_INCOMPLETE; ModelError SECRET_UNREADABLE
 */
export async function keychainOf(
  definition: ImageDefinition,
  side: Side,
  context: { readonly store: Store; readonly network: Network; readonly projectId: ProjectId },
): Promise<Keychain> {
  const { username, password, integration: identifier, region } = definition
  const { store, network, projectId } = context
  if (username !== undefined && password !== undefined)
    return integrationKeychain({ kind: 'basic', username, password: password.reveal() }, network)
  if (identifier === undefined) return ANONYMOUS
  const project = await store.projects.findById(projectId)
  const found = project && (await store.integrations.findByIdentifier(project.workspaceId, identifier))
  if (found === undefined || !serves(found, project)) {
    throw new ActionError(
      'INTEGRATION_UNKNOWN',
      side,
      `integration ${identifier}: not found (removed, or not for this project)`,
    )
  }
  return integrationKeychain(credentialOf(found, side, region), network)
}

function serves(integration: Integration, project: Project | undefined): boolean {
  return integration.scope !== 'project' || integration.projectName === project?.name
}

function credentialOf(
  { identifier, type, secrets }: Integration,
  side: Side,
  region: string | undefined,
): IntegrationCredential {
  const missing = REQUIRED_SECRETS[type].find((name) => secrets[name] === undefined)
  if (missing !== undefined) {
    throw new ActionError(
      'INTEGRATION_INCOMPLETE',
      side,
      `integration ${identifier}: has no ${missing} (${type} needs one)`,
    )
  }
  const text = (name: keyof IntegrationSecrets): string => reveal(secrets[name])
  switch (type) {
    case 'docker-hub':
      return { kind: type, username: text('username'), password: text('password') }
    case 'github':
      return {
        kind: type,
        token: text('token'),
        ...(secrets.username && { username: text('username') }),
      }
    case 'google-service-account':
      return { kind: type, apiKey: text('apiKey') }
    case 'amazon': {
      const where = region ?? secrets.region?.reveal()
      return {
        kind: type,
        accessKey: text('accessKey'),
        secretKey: text('secretKey'),
        ...(where !== undefined && { region: where }),
      }
    }
  }
}

function reveal(secret: Secret | undefined): string {
  return secret?.reveal() ?? ''
}
