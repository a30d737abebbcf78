import {
  type CredentialScope,
  type Credentials,
  type Keychain,
  type Network,
  parseRegistry,
  RegistryError,
  type RegistryName,
} from '#oci'
import { Kept, type Lease } from './kept.ts'
import { type Ecr, ecrIn, findEcr } from './registries.ts'
import { type AmazonKeys, signRequest } from './signature-v4.ts'
import { askVendor, refused, type VendorAnswer } from './vendor.ts'

/** Gives access keys that are good now, for requests in this region. */
export type KeySource = (ecr: Ecr, signal?: AbortSignal) => Promise<AmazonKeys>

/** What can be done at ECR with somebody's keys. */
export interface AmazonEcr extends Keychain {
  /** The registry of the keys' own account in a region. */
  registry(region: string, signal?: AbortSignal): Promise<RegistryName>
  /** Makes the repository, unless it is there. */
  createRepository(scope: CredentialScope, signal?: AbortSignal): Promise<void>
}

interface Authorization {
  readonly credentials: Credentials
  readonly registry: RegistryName | undefined
}

// The two services have the same operations under different names. Amazon ECR API Reference; Amazon ECR Public API Reference.
const TARGETS = {
  ecr: 'AmazonEC2ContainerRegistry_V20150921',
  'ecr-public': 'SpencerFrontendService',
} as const
const EARLY_MS = 10 * 60_000

/**
 * Credentials for `<account>.dkr.ecr.<region>.amazonaws.com` (and its FIPS, China and dual-stack names) and for `public.ecr.aws`: the
 * twelve-hour token of GetAuthorizationToken, one for each region. A private registry takes it as Basic, the public one as Bearer.
 */
export function openEcr(keys: KeySource, network: Network): AmazonEcr {
  const tokens = new Map<string, Kept<Authorization>>()
  const keptFor = (ecr: Ecr): Kept<Authorization> => {
    const known = tokens.get(ecr.api)
    const kept = known ?? new Kept((signal) => fetchToken(ecr, keys, network, signal), EARLY_MS)
    tokens.set(ecr.api, kept)
    return kept
  }
  return {
    async credentials({ registry, rejected }, signal) {
      const ecr = findEcr(registry)
      if (ecr === undefined) return undefined
      const { credentials } = await keptFor(ecr).get(signal, (kept) => kept.credentials === rejected)
      return credentials
    },
    async registry(region, signal) {
      const ecr = ecrIn(region)
      const { registry } = await keptFor(ecr).get(signal)
      if (registry !== undefined) return registry
      throw new RegistryError('PROTOCOL', `${ecr.api}: the answer names no registry`)
    },
    async createRepository({ registry, repository }, signal) {
      const ecr = findEcr(registry)
      if (ecr === undefined) return
      const answer = await askEcr(
        ecr,
        'CreateRepository',
        { repositoryName: repository },
        keys,
        network,
        signal,
      )
      if (answer.status === 200 || errorName(answer) === 'RepositoryAlreadyExistsException') return
      throw notDone(ecr, answer, `repository ${repository} not created`)
    },
  }
}

async function fetchToken(
  ecr: Ecr,
  keys: KeySource,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<Lease<Authorization>> {
  const answer = await askEcr(ecr, 'GetAuthorizationToken', {}, keys, network, signal)
  if (answer.status !== 200) throw notDone(ecr, answer, 'no credentials')
  const { authorizationData: data } = answer.json
  // A list of one, or in the public service the one.
  const { authorizationToken, expiresAt, proxyEndpoint } = { ...(Array.isArray(data) ? data[0] : data) }
  const token = typeof authorizationToken === 'string' ? authorizationToken : ''
  const text = Buffer.from(token, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1)
    throw new RegistryError('UNAUTHORIZED', `${ecr.api}: the answer holds no token`)
  const credentials: Credentials =
    ecr.service === 'ecr-public'
      ? { kind: 'bearer', token }
      : { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) }
  const host = typeof proxyEndpoint === 'string' ? URL.parse(proxyEndpoint)?.host : undefined
  return {
    value: { credentials, registry: host && findEcr(host) ? parseRegistry(host) : undefined },
    expiresAt: new Date(typeof expiresAt === 'number' ? expiresAt * 1000 : Date.now()),
  }
}

async function askEcr(
  ecr: Ecr,
  operation: string,
  input: object,
  keys: KeySource,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<VendorAnswer> {
  const url = new URL(`https://${ecr.api}/`)
  const body = Buffer.from(JSON.stringify(input))
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${TARGETS[ecr.service]}.${operation}`,
  }
  const signer = { ...(await keys(ecr, signal)), region: ecr.region, service: ecr.service }
  const make = () => ({
    url,
    headers: signRequest({ method: 'POST', url, headers, body }, signer, new Date()),
    body,
  })
  return askVendor(network, make, signal, (answer) => /^Throttling/.test(errorName(answer)))
}

// `com.amazon.coral.service#UnrecognizedClientException` → the part that says something.
function errorName({ json: { __type: type } }: VendorAnswer): string {
  return typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : ''
}

function notDone(ecr: Ecr, answer: VendorAnswer, what: string): RegistryError {
  const { message, Message: other } = answer.json
  return refused(ecr.api, what, answer, [errorName(answer), message ?? other])
}
