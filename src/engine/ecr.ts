import { createEcrRepository, findEcrRegistry } from '#keychains'
import type { ImageDefinition } from '#model'
import type { Network, Reference } from '#oci'
import { on, PromotionError, type Side } from '#promotion'
import type { OwnCredential } from './credentials.ts'
import { ActionError } from './failure.ts'
import { lacksRegistry } from './locate.ts'

/**
 * The definition with its registry: an image of ECR may leave it out, and then it is the one of the integration's account, in the region
 * that the image names or the integration is for. Amazon is asked only then.
 * @throws ActionError INTEGRATION_INCOMPLETE; PromotionError as keychains do
 */
export async function withRegistry(
  definition: ImageDefinition,
  own: OwnCredential | undefined,
  side: Side,
  { network, signal }: { readonly network: Network; readonly signal: AbortSignal },
): Promise<ImageDefinition> {
  if (!lacksRegistry(definition)) return definition
  const region = definition.region ?? own?.region
  const incomplete = (why: string): ActionError =>
    new ActionError('INTEGRATION_INCOMPLETE', side, `integration ${definition.integration}: ${why}`)
  if (own?.credential.kind !== 'amazon')
    throw incomplete('is not of Amazon, whose keys say which registry is meant (or name it with the image)')
  if (region === undefined)
    throw incomplete('has no region, and neither has the image (one of them needs it)')
  return { ...definition, registry: await on(side, findEcrRegistry(own.credential, region, network, signal)) }
}

/**
 * Does the work. Where it fails for want of the target's repository and that is to be made, it is made and the work done once more.
 * @throws what the work throws; PromotionError as keychains do
 */
export async function makingRepository<T>(
  work: () => Promise<T>,
  { createRepository }: ImageDefinition,
  own: OwnCredential | undefined,
  target: Reference,
  {
    network,
    signal,
    made,
  }: { readonly network: Network; readonly signal: AbortSignal; readonly made: () => void },
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const missing =
      error instanceof PromotionError && error.side === 'target' && error.code === 'NAME_UNKNOWN'
    if (!missing || !createRepository || own?.credential.kind !== 'amazon') throw error
    await on('target', createEcrRepository(own.credential, target, network, signal))
    made()
    return work()
  }
}
