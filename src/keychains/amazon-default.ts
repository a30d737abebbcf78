import type { KeySource } from './amazon-ecr.ts'
import { fromProfile } from './amazon-profile.ts'
import { assumeRoleWithWebIdentity } from './amazon-role.ts'
import { fromContainer, fromEnvironment, fromInstance } from './amazon-surroundings.ts'
import type { Machine } from './machine.ts'
import { readNamed } from './read-file.ts'

/**
 * Access keys as all of Amazon's tools find them on a machine: in the environment, for a web identity token, in the shared config and
 * credentials files, from the container, from the instance. The first that is there has answered; undefined where there is none.
 * AWS SDKs and Tools Reference Guide, "Standardized credential providers".
 * @throws RegistryError UNAUTHORIZED when one of them is there and of no use.
 */
export async function findAmazonKeys(machine: Machine, signal?: AbortSignal): Promise<KeySource | undefined> {
  return (
    fromEnvironment(machine) ??
    fromWebIdentity(machine) ??
    (await fromProfile(machine, machine.env.AWS_PROFILE || machine.env.AWS_DEFAULT_PROFILE)) ??
    fromContainer(machine) ??
    fromInstance(machine, signal)
  )
}

/** As in a pod of EKS, or a job that a workflow vouches for. */
function fromWebIdentity({ env, network }: Machine): KeySource | undefined {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: arn } = env
  if (!file || !arn) return undefined
  return assumeRoleWithWebIdentity(arn, async () => (await readNamed(file)).trim(), network)
}
