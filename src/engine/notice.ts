import { createHash } from 'node:crypto'
import {
  isDigest,
  isLoopback,
  parseRegistry,
  parseRepositoryName,
  parseTag,
  type Reference,
  RegistryError,
} from '#oci'

/** An image of which a registry said that it was pushed. */
export interface PushedImage {
  /** With a tag, and the digest if the registry told it. */
  readonly reference: Reference & { readonly tag: NonNullable<Reference['tag']> }
  /** The same for the same push however often it is told; undefined: this registry gives nothing to tell that by. */
  readonly key: string | undefined
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a registry says of one image, as texts that nobody has looked at. */
interface Said {
  readonly registry: string | undefined
  readonly repository: string | undefined
  readonly tag: string | undefined
  readonly digest: string | undefined
  readonly id: string | undefined
}

/** One registry's way of telling. Undefined: the body is none of its notices; empty: it tells of something else. */
type Reader = (body: unknown, headers: Headers) => readonly Said[] | undefined

/**
 * The tags that a registry's notice tells of, whichever registry sent it: Docker Hub, GitHub's packages, Harbor, the distribution and what is
 * made of it (Azure, GitLab), Amazon ECR by EventBridge, Google by Pub/Sub, Quay. Undefined: it is no notice that is known. Nothing that a
 * notice names is ever called.
 */
export function readNotice(body: unknown, headers: Headers): readonly PushedImage[] | undefined {
  for (const read of READERS) {
    const said = read(body, headers)
    if (said !== undefined) return said.flatMap(imageOf)
  }
  return undefined
}

function imageOf({ registry, repository, tag, digest, id }: Said): readonly PushedImage[] {
  if (registry === undefined || repository === undefined || tag === undefined) return []
  try {
    const reference = {
      registry: parseRegistry(registry),
      repository: parseRepositoryName(repository),
      tag: parseTag(tag),
      digest: digest !== undefined && isDigest(digest) ? digest : undefined,
      scheme: isLoopback(registry) ? ('http' as const) : ('https' as const),
    }
    const key = createHash('sha256')
      .update(JSON.stringify([id, reference]))
      .digest('hex')
    return [{ reference, key: id === undefined ? undefined : key }]
  } catch (error) {
    // Harbor gives the digest for a tag where there is none, GitHub an empty text.
    if (error instanceof RegistryError) return []
    throw error
  }
}

const dockerHub: Reader = (body) => {
  const repository = text(body, 'repository', 'repo_name')
  const pushed = at(body, 'push_data')
  if (repository === undefined || typeof pushed !== 'object' || pushed === null) return undefined
  const id = text(pushed, 'pushed_at')
  return [{ registry: 'docker.io', repository, tag: text(pushed, 'tag'), digest: undefined, id }]
}

const github: Reader = (body, headers) => {
  if (typeof headers['x-github-event'] !== 'string') return undefined
  const event = at(body, 'package') ?? at(body, 'registry_package')
  const container = text(event, 'package_type') ?? text(event, 'ecosystem')
  if (text(body, 'action') === 'deleted' || container?.toUpperCase() !== 'CONTAINER') return []
  const version = at(event, 'package_version')
  const tag = at(version, 'container_metadata', 'tag')
  const names = [text(event, 'namespace') ?? text(event, 'owner', 'login'), text(event, 'name')]
  return [
    {
      registry: hostOf(text(event, 'registry', 'url')) ?? 'ghcr.io',
      repository: names.includes(undefined) ? undefined : names.join('/').toLowerCase(),
      tag: text(tag, 'name'),
      digest: text(tag, 'digest') ?? text(version, 'version'),
      id: text(headers, 'x-github-delivery'),
    },
  ]
}

/** Its own format, and CloudEvents, which has the same inside. */
const harbor: Reader = (body) => {
  const type = text(body, 'type')
  const event = at(body, 'event_data') ?? at(body, 'data')
  const resources = at(event, 'resources')
  if (type === undefined || !Array.isArray(resources)) return undefined
  if (!/^(?:PUSH_ARTIFACT|harbor\.artifact\.pushed)$/.test(type)) return []
  return resources.map((resource) => ({
    ...placeOf(text(resource, 'resource_url')?.replace(/(?:@[^/]*|:[^/]*)$/, '')),
    tag: text(resource, 'tag'),
    digest: text(resource, 'digest'),
    id: text(body, 'id') ?? text(body, 'occur_at'),
  }))
}

/** "Notifications" of the distribution, in an envelope or, as Azure has it, one by one. */
const distribution: Reader = (body) => {
  const envelope = at(body, 'events')
  const events = Array.isArray(envelope) ? envelope : [body]
  if (!events.every((event) => text(event, 'action') !== undefined && at(event, 'target') !== undefined))
    return undefined
  return events
    .filter((event) => text(event, 'action') === 'push')
    .map((event) => ({
      registry: text(event, 'request', 'host') ?? hostOf(text(event, 'target', 'url')),
      repository: text(event, 'target', 'repository'),
      tag: text(event, 'target', 'tag'),
      digest: text(event, 'target', 'digest'),
      id: text(event, 'id'),
    }))
}

const amazon: Reader = (body) => {
  if (text(body, 'source') !== 'aws.ecr') return undefined
  const detail = at(body, 'detail')
  if (text(detail, 'action-type') !== 'PUSH' || text(detail, 'result') !== 'SUCCESS') return []
  const region = text(body, 'region')
  const domain = region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return [
    {
      registry: `${text(body, 'account')}.dkr.ecr.${region}.${domain}`,
      repository: text(detail, 'repository-name'),
      tag: text(detail, 'image-tag'),
      digest: text(detail, 'image-digest'),
      id: text(body, 'id'),
    },
  ]
}

/** What Artifact Registry tells its Pub/Sub topic, pushed. */
const google: Reader = (body) => {
  const encoded = text(body, 'message', 'data')
  if (encoded === undefined) return undefined
  const told = parsed(Buffer.from(encoded, 'base64').toString())
  const [, place, tag] = /^(.+):([^:/]+)$/.exec(text(told, 'tag') ?? '') ?? []
  if (text(told, 'action') !== 'INSERT') return []
  const digest = text(told, 'digest')?.split('@').at(-1)
  return [{ ...placeOf(place), tag, digest, id: text(body, 'message', 'messageId') }]
}

const quay: Reader = (body) => {
  const place = text(body, 'docker_url')
  const tags = at(body, 'updated_tags')
  if (place === undefined || typeof tags !== 'object' || tags === null) return undefined
  const names = Array.isArray(tags) ? tags : Object.keys(tags)
  return names.map((tag) => ({ ...placeOf(place), tag: String(tag), digest: undefined, id: undefined }))
}

const READERS: readonly Reader[] = [dockerHub, github, harbor, distribution, amazon, google, quay]

/** What stands at the end of a path; undefined where it leads nowhere. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, name)
        ? (found as Record<string, unknown>)[name]
        : undefined,
    value,
  )
}

/** The text, or the number, at the end of a path. */
function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}

/** A registry and what it has, of a text like `registry.example.com/team/app`. */
function placeOf(place: string | undefined): Pick<Said, 'registry' | 'repository'> {
  const [, registry, repository] = /^([^/]+)\/(.+)$/.exec(place ?? '') ?? []
  return { registry, repository }
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.host
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
