import { type CredentialScope, type Credentials, type Keychain, type Network, RegistryError } from '#oci'
import { findEcr, isGoogle } from './registries.ts'

/** The machine that a person is at, or that a job runs on. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly network: Network
}

/** And what it may do with them. */
export interface MachineKeychain extends Keychain {
  /** Makes the repository at ECR, unless it is there. @throws RegistryError UNAUTHORIZED */
  createRepository(scope: CredentialScope, signal?: AbortSignal): Promise<void>
}

/**
 * What the machine itself has to show at the registries of Amazon and Google, as the vendors' own tools would find it: nothing is looked for
 * before a registry of theirs asks. It is for people at the keyboard and for jobs; a service that others steer has no use of its own identity.
 *
 * Where anybody may pull, at ECR Public and at Google, credentials that are there and of no use are passed over, and `warn` hears why; at a
 * private registry `credentials` throws that RegistryError.
 */
export function machineKeychain(machine: Machine, warn: (error: RegistryError) => void): MachineKeychain {
  const amazon = once(async (signal) => {
    const { findAmazonKeys } = await import('./amazon-default.ts')
    const keys = await findAmazonKeys(machine, signal)
    return keys && (await import('./amazon-ecr.ts')).openEcr(keys, machine.network)
  })
  const google = once(async (signal) => {
    const { findGoogleTokens } = await import('./google-default.ts')
    const tokens = await findGoogleTokens(machine, signal)
    return tokens && (await import('./google.ts')).googleKeychain(tokens)
  })
  return {
    async credentials(scope, signal) {
      if (scope.scheme !== 'https') return undefined
      const ecr = findEcr(scope.registry)
      if (ecr?.service === 'ecr') return ask(amazon, scope, signal)
      const open = ecr === undefined ? (isGoogle(scope) ? google : undefined) : amazon
      return open && ask(open, scope, signal).catch((error) => passOver(error, warn))
    },
    async createRepository(scope, signal) {
      const ecr = await amazon(signal)
      if (ecr !== undefined) return ecr.createRepository(scope, signal)
      const { registry, repository } = scope
      throw new RegistryError(
        'UNAUTHORIZED',
        `${registry}/${repository}: not created (there are no keys for Amazon here)`,
      )
    },
  }
}

type Opening<T extends Keychain = Keychain> = (signal?: AbortSignal) => Promise<T | undefined>

/** Opened at the first question; a failure is the answer to that one alone. */
function once<T extends Keychain>(open: Opening<T>): Opening<T> {
  let opened: Promise<T | undefined> | undefined
  return (signal) => {
    opened ??= open(signal).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

async function ask(
  open: Opening,
  scope: CredentialScope,
  signal: AbortSignal | undefined,
): Promise<Credentials | undefined> {
  return (await open(signal))?.credentials(scope, signal)
}

function passOver(error: unknown, warn: (error: RegistryError) => void): undefined {
  if (!(error instanceof RegistryError) || error.code !== 'UNAUTHORIZED') throw error
  warn(error)
}
