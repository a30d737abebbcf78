import { type Keychain, type Network, RegistryError } from '#oci'
import { Kept, type Lease } from './kept.ts'
import { signRequest } from './signature-v4.ts'
import { askVendor, refused } from './vendor.ts'

interface AmazonCredential {
  readonly accessKey: string
  readonly secretKey: string
}

interface Pair {
  readonly username: string
  readonly password: string
}

// Anchored at both ends, and the account is a number: a look-alike gets nothing. AWS, "Amazon ECR endpoints and quotas".
const ECR =
  /^\d{12}\.dkr(?:\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?|-ecr\.([a-z0-9-]+)\.on\.aws)(?::443)?$/
const EARLY_MS = 10 * 60_000

/** A region of ECR and the host that gives out its tokens; undefined for registries that are not private ECR. */
export function findEcr(registry: string): { readonly region: string; readonly api: string } | undefined {
  const found = ECR.exec(registry)
  if (found === null) return undefined
  const [, fips, region, china = '', dualRegion] = found
  if (dualRegion !== undefined) return { region: dualRegion, api: `ecr.${dualRegion}.api.aws` }
  if (region === undefined) return undefined
  const prefix = fips === undefined ? 'api.ecr' : 'ecr-fips'
  return { region, api: `${prefix}.${region}.amazonaws.com${china}` }
}

/**
 * Credentials for `<account>.dkr.ecr.<region>.amazonaws.com` (and its FIPS, China and dual-stack names): the twelve-hour token of
 * GetAuthorizationToken, one for each region. Amazon ECR API Reference, "GetAuthorizationToken".
 */
export function amazonKeychain(credential: AmazonCredential, network: Network): Keychain {
  const tokens = new Map<string, Kept<Pair>>()
  return {
    async credentials({ registry }, signal) {
      const ecr = findEcr(registry)
      if (ecr === undefined) return undefined
      let kept = tokens.get(ecr.api)
      if (kept === undefined) {
        kept = new Kept((signal) => fetchToken(ecr, credential, network, signal), EARLY_MS)
        tokens.set(ecr.api, kept)
      }
      return { kind: 'basic', ...(await kept.get(signal)) }
    },
  }
}

async function fetchToken(
  ecr: { readonly region: string; readonly api: string },
  { accessKey, secretKey }: AmazonCredential,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<Lease<Pair>> {
  const url = new URL(`https://${ecr.api}/`)
  const body = Buffer.from('{}')
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
  }
  const signer = { accessKey, secretKey, region: ecr.region, service: 'ecr' }
  const make = () => ({
    url,
    headers: signRequest({ method: 'POST', url, headers, body }, signer, new Date()),
    body,
  })
  const answer = await askVendor(network, make, signal)
  if (answer.status !== 200) throw refused(url, answer, [errorName(answer.json.__type), answer.json.message])
  return parseToken(answer.json, ecr.api)
}

function parseToken(json: Readonly<Record<string, unknown>>, where: string): Lease<Pair> {
  const { authorizationData: list } = json
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  const { authorizationToken: token, expiresAt } = { ...(first as Record<string, unknown> | undefined) }
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8') : ''
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) {
    throw new RegistryError('UNAUTHORIZED', `${where}: the answer holds no token`)
  }
  return {
    value: { username: text.slice(0, colon), password: text.slice(colon + 1) },
    expiresAt: new Date(typeof expiresAt === 'number' ? expiresAt * 1000 : Date.now()),
  }
}

// `com.amazon.coral.service#UnrecognizedClientException` → the part that says something.
const errorName = (type: unknown): unknown =>
  typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : undefined
