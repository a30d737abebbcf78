import { type Digest, isDigest } from './digest.ts'
import { RegistryError } from './errors.ts'

/** A registry's name as people write it, with its port: `docker.io`, `ghcr.io`, `127.0.0.1:5001`. Lower case. */
export type RegistryName = string & { readonly registry: unique symbol }
/** A repository's name within its registry, Docker Hub's `library/` made explicit. */
export type RepositoryName = string & { readonly repository: unique symbol }
/** A tag. */
export type Tag = string & { readonly tag: unique symbol }

/**
 * A name for an image, parsed: no string that is no reference gets past {@link parseReference}.
 * With a tag and a digest the digest decides, as everywhere.
 */
export interface Reference {
  readonly registry: RegistryName
  readonly repository: RepositoryName
  readonly tag: Tag | undefined
  readonly digest: Digest | undefined
  /** How the registry is spoken to: as written before the name, else http for loopback hosts and https for all others. */
  readonly scheme: 'http' | 'https'
}

const DOCKER_HUB = 'docker.io'
const HUB_HOSTS: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
])

// OCI distribution spec, "Pulling manifests": the grammar of <name> and <reference>.
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::[0-9]{1,5})?$/

/**
 * A reference from text, Docker's habits included: no host means Docker Hub, one name there means `library/`,
 * neither tag nor digest means `latest`. The first part is a host if it has a dot, a colon or capitals, or is `localhost`.
 * @throws RegistryError NAME_INVALID, TAG_INVALID or DIGEST_INVALID, quoting the part that is wrong.
 */
export function parseReference(text: string): Reference {
  const named = parseName(text)
  return named.tag === undefined && named.digest === undefined ? { ...named, tag: parseTag('latest') } : named
}

/**
 * A repository from text: a reference without tag or digest.
 * @throws RegistryError NAME_INVALID also when there is a tag or a digest.
 */
export function parseRepository(text: string): Reference {
  const named = parseName(text)
  if (named.tag !== undefined || named.digest !== undefined)
    throw invalid('a repository has neither tag nor digest', text)
  return named
}

function parseName(text: string): Reference {
  const [, schemeText, rest = ''] = /^(?:(https?):\/\/)?(.*)$/s.exec(text) ?? []
  const at = rest.indexOf('@')
  const digestText = at < 0 ? undefined : rest.slice(at + 1)
  // What stands before an @ in a URL may be a password: it is not quoted.
  if (digestText !== undefined && !isDigest(digestText)) {
    throw new RegistryError('DIGEST_INVALID', 'not a digest behind the @ of the reference')
  }
  const beforeDigest = at < 0 ? rest : rest.slice(0, at)
  const slash = beforeDigest.indexOf('/')
  const first = slash < 0 ? '' : beforeDigest.slice(0, slash)
  const hasHost = slash > 0 && (schemeText !== undefined || looksLikeHost(first))
  if (schemeText !== undefined && !hasHost)
    throw invalid('a scheme needs a host and a repository behind it', text)
  const registry = parseRegistry(hasHost ? first : DOCKER_HUB)
  const path = hasHost ? beforeDigest.slice(slash + 1) : beforeDigest
  const colon = path.lastIndexOf(':')
  const name = colon < 0 ? path : path.slice(0, colon)
  return {
    registry,
    repository: parseRepositoryName(
      registry === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name,
    ),
    tag: colon < 0 ? undefined : parseTag(path.slice(colon + 1)),
    digest: digestText,
    scheme:
      schemeText === 'http' || schemeText === 'https' ? schemeText : isLoopback(registry) ? 'http' : 'https',
  }
}

/**
 * A registry's name: a host with or without a port, in lower case; every spelling of Docker Hub becomes `docker.io`.
 * @throws RegistryError NAME_INVALID
 */
export function parseRegistry(text: string): RegistryName {
  const lower = text.toLowerCase()
  const port = /:(\d+)$/.exec(lower)?.[1]
  if (
    !HOST.test(text) ||
    lower.includes('..') ||
    (port !== undefined && !(Number(port) > 0 && Number(port) < 65536)) ||
    // What looks like an address and is none, like 10.0.0.256, is no part of any URL.
    !URL.canParse(`https://${lower}`)
  ) {
    throw invalid('not the name of a registry', text)
  }
  return (HUB_HOSTS.has(lower.replace(/:443$/, '')) ? DOCKER_HUB : lower) as RegistryName
}

/** @throws RegistryError NAME_INVALID */
export function parseRepositoryName(text: string): RepositoryName {
  if (text.length > 0 && text.length <= 255 && REPOSITORY.test(text)) return text as RepositoryName
  throw invalid('not the name of a repository', text)
}

/** @throws RegistryError TAG_INVALID */
export function parseTag(text: string): Tag {
  if (TAG.test(text)) return text as Tag
  throw new RegistryError('TAG_INVALID', `not a tag: ${quote(text)}`)
}

/** The reference as text that parses to the same value. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest, scheme } = reference
  // A bare word before the slash is a part of Docker Hub unless a scheme says that it is a host.
  const usual = looksLikeHost(registry) ? (isLoopback(registry) ? 'http' : 'https') : undefined
  return `${scheme === usual ? '' : `${scheme}://`}${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Whether two references are in one repository of one registry, spoken to the same way. */
export function sameRepository(a: Reference, b: Reference): boolean {
  return sameRegistry(a, b) && a.repository === b.repository
}

/** Whether two references are in one registry, spoken to the same way. */
export function sameRegistry(a: Reference, b: Reference): boolean {
  return a.registry === b.registry && a.scheme === b.scheme
}

/** Whether the host is written as this machine: `localhost`, `*.localhost`, 127/8 or `[::1]`. Says nothing of what a name resolves to. */
export function isLoopback(registry: RegistryName | string): boolean {
  const host = registry.replace(/:\d+$/, '')
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    host === '[::1]'
  )
}

function looksLikeHost(text: string): boolean {
  return /[.:A-Z[]/.test(text) || text === 'localhost'
}

function invalid(why: string, text: string): RegistryError {
  return new RegistryError('NAME_INVALID', `${why}: ${quote(text)}`)
}

/** What is pasted as a reference may carry `user:password@`: that part is left out, and the rest is kept short. */
function quote(text: string): string {
  return JSON.stringify(text.replace(/^((?:https?:\/\/)?)[^/]*@/, '$1…@').slice(0, 160))
}
