import { type Network, RegistryError } from '#oci'
import type { KeySource } from './amazon-ecr.ts'
import { Kept, type Lease } from './kept.ts'
import type { Ecr } from './registries.ts'
import { type AmazonKeys, signRequest } from './signature-v4.ts'
import { askVendor, refused, type VendorRequest } from './vendor.ts'

/** A role to be taken on. AWS Security Token Service API Reference, "AssumeRole". */
export interface RoleAssumption {
  readonly arn: string
  /** What the role's owner asks for beside the keys. */
  readonly externalId?: string
  /** How long its keys live; an hour unless given. */
  readonly durationS?: number
}

const EARLY_MS = 5 * 60_000
const SESSION = 'tagboat'

/**
 * The keys of the last of these roles, each taken on with the keys of the one before. They are kept until shortly before their end.
 * The source throws RegistryError UNAUTHORIZED, naming the role and with STS's own words, when one is not to be had.
 */
export function assumeRoles(keys: KeySource, roles: readonly RoleAssumption[], network: Network): KeySource {
  return roles.reduce((before, role) => assumeRole(before, role, network), keys)
}

function assumeRole(before: KeySource, role: RoleAssumption, network: Network): KeySource {
  const input = {
    Action: 'AssumeRole',
    RoleArn: role.arn,
    RoleSessionName: SESSION,
    ...(role.externalId !== undefined && { ExternalId: role.externalId }),
    ...(role.durationS !== undefined && { DurationSeconds: String(role.durationS) }),
  }
  return keptKeys(async (ecr, signal) => {
    const signer = { ...(await before(ecr, signal)), region: ecr.region, service: 'sts' }
    return askSts(network, ecr, role.arn, input, signal, (request) => ({
      ...request,
      headers: signRequest({ method: 'POST', ...request }, signer, new Date()),
    }))
  })
}

/** The keys of a role for whoever holds a token of an identity provider: no keys are needed for it. `token` is asked each time. */
export function assumeRoleWithWebIdentity(
  arn: string,
  token: () => Promise<string>,
  network: Network,
): KeySource {
  return keptKeys(async (ecr, signal) => {
    const input = { Action: 'AssumeRoleWithWebIdentity', RoleArn: arn, RoleSessionName: SESSION }
    return askSts(network, ecr, arn, { ...input, WebIdentityToken: await token() }, signal, (same) => same)
  })
}

/** One set of keys for each region's STS: the keys are good everywhere, and not every region can be reached from everywhere. */
function keptKeys(fetch: (ecr: Ecr, signal?: AbortSignal) => Promise<Lease<AmazonKeys>>): KeySource {
  const byRegion = new Map<string, Kept<AmazonKeys>>()
  return (ecr, signal) => {
    const kept = byRegion.get(ecr.region) ?? new Kept((signal) => fetch(ecr, signal), EARLY_MS)
    byRegion.set(ecr.region, kept)
    return kept.get(signal)
  }
}

type Plain = Required<Pick<VendorRequest, 'url' | 'headers' | 'body'>>

async function askSts(
  network: Network,
  { region, domain }: Ecr,
  arn: string,
  input: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  sign: (request: Plain) => Plain,
): Promise<Lease<AmazonKeys>> {
  const host = `sts.${region}.${domain}`
  const make = (): Plain =>
    sign({
      url: new URL(`https://${host}/`),
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: Buffer.from(new URLSearchParams({ ...input, Version: '2011-06-15' }).toString()),
    })
  const { status, text } = await askVendor(network, make, signal, (answer) =>
    /<Code>Throttling/.test(answer.text),
  )
  if (status !== 200)
    throw refused(host, `role ${arn} not taken on`, { status }, [
      element(text, 'Code'),
      element(text, 'Message'),
    ])
  const keys = {
    accessKey: element(text, 'AccessKeyId'),
    secretKey: element(text, 'SecretAccessKey'),
    sessionToken: element(text, 'SessionToken'),
  }
  const expiresAt = new Date(element(text, 'Expiration'))
  if (Object.values(keys).includes('') || Number.isNaN(expiresAt.getTime()))
    throw new RegistryError('UNAUTHORIZED', `${host}: role ${arn} not taken on (the answer holds no keys)`)
  return { value: keys, expiresAt }
}

/** The text of an element that stands once in STS's answers, which have no attributes where it matters, and no two names alike. */
function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return text.trim().replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
