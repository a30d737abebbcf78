import type { CredentialScope } from '#oci'

// Whose registry it is, by its name as it stands in a reference. Every pattern is anchored at both ends: gcr.io.example.com is somebody else.

type Place = Pick<CredentialScope, 'registry'>

/** A region's ECR, or ECR Public: the host of its API, and what signatures for it are scoped to. */
export interface Ecr {
  readonly service: 'ecr' | 'ecr-public'
  readonly region: string
  readonly api: string
  /** The domain of the region's other services. */
  readonly domain: 'amazonaws.com' | 'amazonaws.com.cn'
}

// The account is a number. AWS, "Amazon ECR endpoints and quotas".
const ECR =
  /^\d{12}\.dkr(?:\.ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)|-ecr\.([a-z0-9-]+)\.on\.aws)(?::443)?$/
const GOOGLE = /^(?:(?:[a-z0-9-]+\.)*gcr\.io|(?:[a-z0-9-]+\.)+pkg\.dev)(?::443)?$/
const GITHUB = /^(?:ghcr\.io|docker\.pkg\.github\.com|containers\.[a-z0-9-]+\.ghe\.com)(?::443)?$/
const AZURE = /^[a-z0-9-]+\.azurecr\.(?:io|cn|us)(?::443)?$/

/** What is known of the registry if it is ECR's or ECR Public's. */
export function findEcr(registry: string): Ecr | undefined {
  if (/^public\.ecr\.aws(?::443)?$/.test(registry)) {
    const api = 'api.ecr-public.us-east-1.amazonaws.com'
    return { service: 'ecr-public', region: 'us-east-1', api, domain: 'amazonaws.com' }
  }
  const [, fips, region, domain, dualRegion] = ECR.exec(registry) ?? []
  if (dualRegion !== undefined) return { ...ecrIn(dualRegion), api: `ecr.${dualRegion}.api.aws` }
  if (region === undefined || domain === undefined) return undefined
  const api = `${fips === undefined ? 'api.ecr' : 'ecr-fips'}.${region}.${domain}`
  return { ...ecrIn(region), api, domain: domain as Ecr['domain'] }
}

/** The private ECR of a region, whoever's account it is. */
export function ecrIn(region: string): Ecr {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return { service: 'ecr', region, api: `api.ecr.${region}.${domain}`, domain }
}

// Every spelling of Docker Hub is this one by the time a reference is parsed.
export const isDockerHub = ({ registry }: Place): boolean => registry === 'docker.io'

export const isEcr = ({ registry }: Place): boolean => findEcr(registry) !== undefined

export const isGoogle = ({ registry }: Place): boolean => GOOGLE.test(registry)

export const isGithub = ({ registry }: Place): boolean => GITHUB.test(registry)

export const isDigitalOcean = ({ registry }: Place): boolean =>
  /^registry\.digitalocean\.com(?::443)?$/.test(registry)

/** A container registry of Azure, in any of its clouds. */
export const isAzure = ({ registry }: Place): boolean => AZURE.test(registry)

/**
 * The registry of a GitLab: gitlab.com's own, or for `hostUrl` the same host on whatever port, or `registry.` before it. GitLab, "Container
 * registry administration", knows these two ways.
 */
export function isGitlab({ registry }: Place, hostUrl: string | undefined): boolean {
  const host = URL.parse(hostUrl || 'https://gitlab.com')?.hostname
  const name = registry.replace(/:\d+$/, '')
  if (host === undefined || host === '') return false
  return host === 'gitlab.com'
    ? /^registry\.gitlab\.com(?::443)?$/.test(registry)
    : name === host || name === `registry.${host}`
}
