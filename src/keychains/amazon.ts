import type { CredentialScope, Network, RegistryName } from '#oci'
import type { AmazonEcr } from './amazon-ecr.ts'
import type { RoleAssumption } from './amazon-role.ts'
import { shared } from './shared.ts'
import type { AmazonKeys } from './signature-v4.ts'

/** Access keys, and the roles to be taken on with them, one after the other. */
export interface AmazonCredential extends AmazonKeys {
  readonly kind: 'amazon'
  readonly roles?: readonly RoleAssumption[]
}

/** The registry of the account that the keys are of, in a region. Asks Amazon. @throws RegistryError as keychains do. */
export async function findEcrRegistry(
  credential: AmazonCredential,
  region: string,
  network: Network,
  signal?: AbortSignal,
): Promise<RegistryName> {
  return (await openAmazon(credential, network)).registry(region, signal)
}

/** Makes the repository at ECR unless it is there; anywhere else nothing. @throws RegistryError as keychains do. */
export async function createEcrRepository(
  credential: AmazonCredential,
  scope: CredentialScope,
  network: Network,
  signal?: AbortSignal,
): Promise<void> {
  return (await openAmazon(credential, network)).createRepository(scope, signal)
}

/** ECR with these keys and roles. Amazon's protocols are loaded, and nobody is asked yet. */
export function openAmazon(
  { roles = [], ...credential }: AmazonCredential,
  network: Network,
): Promise<AmazonEcr> {
  const { accessKey, secretKey, sessionToken } = credential
  const keys = { accessKey, secretKey, ...(sessionToken !== undefined && { sessionToken }) }
  return shared(network, { roles, ...credential }, async () => {
    const [{ openEcr }, { assumeRoles }] = await Promise.all([
      import('./amazon-ecr.ts'),
      import('./amazon-role.ts'),
    ])
    return openEcr(
      assumeRoles(async () => keys, roles, network),
      network,
    )
  })
}
