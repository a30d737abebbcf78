import { isLoopback, RegistryError } from '#oci'
import type { KeySource } from './amazon-ecr.ts'
import { Kept, type Lease } from './kept.ts'
import type { Machine } from './machine.ts'
import { readNamed } from './read-file.ts'
import type { AmazonKeys } from './signature-v4.ts'
import { askVendor, refused } from './vendor.ts'

const EARLY_MS = 5 * 60_000
// Where there is no metadata service nobody answers at all.
const PATIENCE_MS = 1_000
const CONTAINER_HOSTS = /^(?:169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/

/** The keys in the environment, if there are any. */
export function fromEnvironment({ env }: Pick<Machine, 'env'>): KeySource | undefined {
  const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey, AWS_SESSION_TOKEN: token } = env
  if (!accessKey || !secretKey) return undefined
  const keys = { accessKey, secretKey, ...(token && { sessionToken: token }) }
  return async () => keys
}

/** The keys of the task or pod that the process runs in, if the environment names where to ask. AWS, "Container credential provider". */
export function fromContainer({ env, network }: Machine): KeySource | undefined {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI
  const text = relative ? `http://169.254.170.2${relative}` : full
  if (!text) return undefined
  const url = URL.parse(text)
  const safe =
    url?.protocol === 'https:' || (url && (isLoopback(url.host) || CONTAINER_HOSTS.test(url.hostname)))
  if (!url || !safe)
    throw new RegistryError(
      'UNAUTHORIZED',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI: not usable (its host may not be asked over http)',
    )
  return kept(async (signal) => {
    const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
    const token = file ? (await readNamed(file)).trim() : env.AWS_CONTAINER_AUTHORIZATION_TOKEN
    const headers = { accept: 'application/json', ...(token && { authorization: token }) }
    const answer = await askVendor(network, () => ({ method: 'GET', url, headers }), signal)
    if (answer.status !== 200)
      throw refused(url.host, 'no keys for the container', answer, [answer.json.message])
    return parseKeys(answer.json, url.host)
  })
}

/** The keys of the instance's role; undefined where nobody answers, or the instance has no role. AWS, "IMDS credential provider" (version 2). */
export async function fromInstance(
  { env, network }: Machine,
  signal?: AbortSignal,
): Promise<KeySource | undefined> {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined
  const usual =
    env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6'
      ? '[fd00:ec2::254]'
      : '169.254.169.254'
  const base = env.AWS_EC2_METADATA_SERVICE_ENDPOINT || `http://${usual}`
  const ask = async (
    method: 'GET' | 'PUT',
    path: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ) => {
    const url = new URL(`/latest/${path}`, base)
    return askVendor(network, () => ({ method, url, headers }), signal)
  }
  const roles = 'meta-data/iam/security-credentials/'
  const fetch = async (signal?: AbortSignal): Promise<Lease<AmazonKeys> | undefined> => {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    const soon = signal === undefined ? patience : AbortSignal.any([signal, patience])
    const token = await ask('PUT', 'api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }, soon)
    if (token.status !== 200) return undefined
    const headers = { 'x-aws-ec2-metadata-token': token.text }
    const role = await ask('GET', roles, headers, signal)
    const name = role.text.trim().split('\n', 1)[0] ?? ''
    if (role.status !== 200 || !/^[\w+=,.@-]+$/.test(name)) return undefined
    const answer = await ask('GET', `${roles}${name}`, headers, signal)
    if (answer.status !== 200 || answer.json.Code !== 'Success')
      throw refused(new URL(base).host, `no keys for the instance's role ${name}`, answer, [answer.json.Code])
    return parseKeys(answer.json, new URL(base).host)
  }
  const first = await fetch(signal).catch((error) => {
    if (signal?.aborted || (error instanceof RegistryError && error.code === 'UNAUTHORIZED')) throw error
    return undefined
  })
  if (first === undefined) return undefined
  return kept(async (signal) => (await fetch(signal)) ?? first, first)
}

function kept(
  fetch: (signal?: AbortSignal) => Promise<Lease<AmazonKeys>>,
  first?: Lease<AmazonKeys>,
): KeySource {
  let begun = first
  const keys = new Kept(async (signal) => {
    const lease = begun ?? (await fetch(signal))
    begun = undefined
    return lease
  }, EARLY_MS)
  return (_, signal) => keys.get(signal)
}

/** Keys in the shape that containers, instances and credential processes all answer with. */
export function parseKeys(json: Readonly<Record<string, unknown>>, where: string): Lease<AmazonKeys> {
  const { AccessKeyId: accessKey, SecretAccessKey: secretKey, Token, SessionToken = Token, Expiration } = json
  const at = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.POSITIVE_INFINITY
  if (typeof accessKey !== 'string' || typeof secretKey !== 'string' || Number.isNaN(at))
    throw new RegistryError('UNAUTHORIZED', `${where}: the answer holds no keys`)
  return {
    value: { accessKey, secretKey, ...(typeof SessionToken === 'string' && { sessionToken: SessionToken }) },
    // As far away as a date can be.
    expiresAt: new Date(Math.min(at, 8.64e15)),
  }
}
