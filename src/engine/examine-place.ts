import { type ImageDefinition, type Integration, type IntegrationType, ModelError } from '#model'
import type { Examined, Network } from '#oci'
import type { OwnCredential } from './credentials.ts'
import { withRegistry } from './ecr.ts'
import type { Trial } from './examine.ts'
import { carriedHost, locate } from './locate.ts'
import { NOTHING } from './settle.ts'

/** The kinds of registry that integrations are for, where nothing else is named. */
const KINDS: Partial<Record<IntegrationType, ImageDefinition['kind']>> = {
  'docker-hub': 'docker-hub',
  amazon: 'amazon-ecr',
  'google-service-account': 'google-artifact-registry',
  github: 'github',
  'digital-ocean': 'digital-ocean',
}

/** Whether the network may dial what was named, as far as that can be told from how it is written, be it the name of a registry or not. */
export function mayDial(network: Network, { image, registry }: Trial): boolean {
  const hosts = [registry, image === undefined ? undefined : carriedHost(image)]
  return hosts.every((host) => {
    const url = host === undefined ? null : URL.parse(/^https?:\/\//.test(host) ? host : `https://${host}`)
    return url === null || network.permits(url)
  })
}

/**
 * Where the integration is to be tried: at what was named, else at the registry that it is for, which Amazon may be asked for.
 * @throws ModelError INVALID; ActionError INTEGRATION_INCOMPLETE; PromotionError as keychains do
 */
export async function placeOf(
  integration: Integration,
  own: OwnCredential,
  trial: Trial,
  context: { readonly network: Network; readonly signal: AbortSignal },
): Promise<Examined> {
  const { image, registry, region } = trial
  const { identifier, type, extras } = integration
  const named = registry !== undefined || (image !== undefined && carriedHost(image) !== undefined)
  const usual = type === 'gitlab' ? gitlabRegistry(extras.host_url) : undefined
  const definition: ImageDefinition = {
    ...NOTHING,
    kind: named ? 'other' : kindOf(type, image),
    // Where there is none it plays no part.
    image: image ?? 'any',
    registry: named ? registry : usual,
    region,
    integration: identifier,
  }
  within(() => locate(definition, 'src'))
  const complete = await withRegistry(definition, own, 'source', context)
  const place = within(() => locate(complete, 'src'))
  return image === undefined ? { ...place, repository: undefined, tag: undefined } : place
}

function kindOf(type: IntegrationType, image: string | undefined): ImageDefinition['kind'] {
  // An image is in one region's registry; what the key is good for is known everywhere.
  if (type === 'google-service-account' && image === undefined) return 'google-gcr'
  return KINDS[type] ?? 'other'
}

function gitlabRegistry(hostUrl: unknown): string {
  const host = typeof hostUrl === 'string' ? URL.parse(hostUrl)?.hostname : undefined
  return `registry.${host || 'gitlab.com'}`
}

/** What is refused is a field of the request itself, and not of a side of an action. */
function within<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ModelError) || error.field === undefined) throw error
    const [message, field] = [error.message, error.field].map((text) => text.replace(/^src\./, ''))
    throw new ModelError('INVALID', message ?? '', { field: field ?? '' })
  }
}
