import { findEcr } from '#keychains'
import { type ImageDefinition, ModelError, type PromotionDefinition, type RegistryKind } from '#model'
import {
  type Digest,
  isDigest,
  isLoopback,
  parseReference,
  parseRegistry,
  parseTag,
  type Reference,
  RegistryError,
  type RegistryName,
  type Tag,
} from '#oci'

/** The two images of a promotion, in the words of those who define it. */
export type ImageField = 'src' | 'dest'

/** Registries that are one place, whoever asks. */
const FIXED: Partial<Record<RegistryKind, string>> = {
  'docker-hub': 'docker.io',
  github: 'ghcr.io',
  'digital-ocean': 'registry.digitalocean.com',
}

const USUAL: Partial<Record<RegistryKind, string>> = { ...FIXED, 'google-gcr': 'gcr.io' }

/** Whether images of this kind of registry are in one place, whatever their definition says. */
export function isFixed(kind: RegistryKind): boolean {
  return FIXED[kind] !== undefined
}

/** What a registry's field is good for, said where it is missing. */
const WANTED: Partial<Record<RegistryKind, string>> = {
  'google-artifact-registry': "the region's host, like us-central1-docker.pkg.dev",
  'amazon-ecr':
    "the registry's host, like 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or an integration whose account it is of",
  none: 'an image with its host in front, like registry.example.com/team/app',
}

/** The parts of an image's text. `host` and what follows it are not looked into. */
interface ImageText {
  readonly scheme: string | undefined
  readonly host: string | undefined
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/**
 * Where the image is: registry, repository, and the tag and digest as far as they were given; neither is made up.
 * A host may stand in `image` or in `registry` (there as a URL too), or in both if it is the same one. Where {@link lacksRegistry} says that
 * it is still to be found out, a name stands for it that only compares.
 * @throws ModelError INVALID; `field` is `src.image`, `src.registry`, `src.tag`, … with `side` in front.
 */
export function locate(definition: ImageDefinition, side: ImageField): Reference {
  const text = splitImage(definition.image)
  const host = hostOf(definition, text, side)
  checkRegion(definition, host.registry, side)
  const place = reading(side, 'image', () => parseReference(`${host.scheme}://${host.registry}/${text.path}`))
  return { ...place, tag: tagOf(definition, text, side), digest: digestOf(text, side) }
}

/** Whether the registry is still to be found out: an image of ECR may leave it to its integration's keys. */
export function lacksRegistry({
  kind,
  image,
  registry,
}: Pick<ImageDefinition, 'kind' | 'image' | 'registry'>): boolean {
  return kind === 'amazon-ecr' && registry === undefined && carriedHost(image) === undefined
}

/**
 * Source and target of a promotion that was settled, complete: a source without tag and digest means `latest`, a target without tag takes
 * the source's.
 * @throws ModelError INVALID as {@link locate}; `dest.tag` when there is no tag to take over.
 */
export function locatePromotion(definition: Pick<PromotionDefinition, 'source' | 'target'>): {
  readonly source: Reference
  readonly target: Reference & { readonly tag: Tag }
} {
  const source = locate(definition.source, 'src')
  const target = locate(definition.target, 'dest')
  if (target.digest !== undefined) {
    throw invalid('dest', 'image', 'a target is named by a tag: its digest is the one of the source')
  }
  const sourceTag = source.tag ?? (source.digest === undefined ? parseTag('latest') : undefined)
  const tag = target.tag ?? sourceTag
  if (tag === undefined) throw invalid('dest', 'tag', 'a source given by its digest has no tag to take over')
  return { source: { ...source, tag: sourceTag }, target: { ...target, tag } }
}

/** `registry/repository:tag`, or `@digest` where there is no tag: one place, whoever names it and however. */
export function placeOf({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`
}

/** The image's text without tag and digest. */
export function bareImage(image: string): string {
  const { scheme, host, path } = splitImage(image)
  return `${scheme === undefined ? '' : `${scheme}://`}${host === undefined ? '' : `${host}/`}${path}`
}

/** The host that an image's text begins with, with its scheme if that was written; undefined where there is none. */
export function carriedHost(image: string): string | undefined {
  const { scheme, host } = splitImage(image)
  return host === undefined ? undefined : `${scheme === undefined ? '' : `${scheme}://`}${host}`
}

function splitImage(text: string): ImageText {
  const [, scheme, rest = ''] = /^(?:(https?):\/\/)?(.*)$/s.exec(text) ?? []
  const [, name = '', tag, digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(rest) ?? []
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  // What parseReference takes for a host too.
  const hasHost = slash > 0 && (scheme !== undefined || /[.:A-Z[]/.test(first) || first === 'localhost')
  return {
    scheme,
    host: hasHost ? first : undefined,
    path: hasHost ? name.slice(slash + 1) : name,
    tag,
    digest,
  }
}

function hostOf(
  definition: ImageDefinition,
  text: ImageText,
  side: ImageField,
): { readonly scheme: string; readonly registry: RegistryName } {
  const { kind, registry } = definition
  const [, urlScheme, rest = ''] = /^(?:(https?):\/\/)?(.*)$/s.exec(registry ?? '') ?? []
  // People paste what `docker login` shows them: https://index.docker.io/v1/
  const bare = rest.replace(/\/(?:v[12]\/?)?$/, '')
  if (bare.includes('/'))
    throw invalid(side, 'registry', 'a host, with its port if need be, and no path behind it')
  const inField = bare === '' ? undefined : reading(side, 'registry', () => parseRegistry(bare))
  const { host } = text
  const inImage = host === undefined ? undefined : reading(side, 'image', () => parseRegistry(host))
  const fixed = FIXED[kind]
  for (const [name, found] of Object.entries({ registry: inField, image: inImage })) {
    if (fixed !== undefined && found !== undefined && found !== fixed)
      throw invalid(side, name, `${found} is not ${fixed}, where images of this kind of registry are`)
  }
  if (inField !== undefined && inImage !== undefined && inField !== inImage)
    throw invalid(side, 'registry', `${inField}, and the image names ${inImage}`)
  if (urlScheme !== undefined && text.scheme !== undefined && urlScheme !== text.scheme)
    throw invalid(side, 'registry', `${urlScheme}, and the image says ${text.scheme}`)
  const found =
    inField ?? inImage ?? (USUAL[kind] as RegistryName | undefined) ?? pendingEcr(definition, side)
  if (found === undefined) {
    const wanted = WANTED[kind] ?? "the registry's host, like registry.example.com:5000"
    throw invalid(side, kind === 'none' ? 'image' : 'registry', `is needed: ${wanted}`)
  }
  return { scheme: urlScheme ?? text.scheme ?? (isLoopback(found) ? 'http' : 'https'), registry: found }
}

/**
 * What stands for the registry of an integration's account until Amazon has said which it is: the same for the same integration and region,
 * and a name that no host can have. RFC 6761, "invalid".
 */
function pendingEcr(definition: ImageDefinition, side: ImageField): RegistryName | undefined {
  const { kind, integration, region } = definition
  if (kind !== 'amazon-ecr' || integration === undefined) return undefined
  checkRegion(definition, undefined, side)
  return parseRegistry(`${region ?? 'usual'}.${Buffer.from(integration).toString('hex')}.ecr.invalid`)
}

/** @throws ModelError INVALID for what is no region, or not the one in the registry's name. */
function checkRegion(
  { kind, region }: ImageDefinition,
  registry: RegistryName | undefined,
  side: ImageField,
): void {
  if (kind !== 'amazon-ecr' || region === undefined) return
  if (!/^[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}$/.test(region))
    throw invalid(side, 'region', 'not a region like eu-west-1')
  const there = registry === undefined ? undefined : findEcr(registry)
  if (there?.service === 'ecr' && there.region !== region)
    throw invalid(side, 'region', `${region}, and the registry is in ${there.region}`)
}

function tagOf({ tag }: ImageDefinition, text: ImageText, side: ImageField): Tag | undefined {
  const inImage = text.tag
  if (tag !== undefined && inImage !== undefined && tag !== inImage)
    throw invalid(side, 'tag', 'one tag here and another one in the image')
  if (tag !== undefined) return reading(side, 'tag', () => parseTag(tag))
  return inImage === undefined ? undefined : reading(side, 'image', () => parseTag(inImage))
}

function digestOf({ digest }: ImageText, side: ImageField): Digest | undefined {
  if (digest === undefined || isDigest(digest)) return digest
  // What stands before an @ may be a password, and what stands behind it a host: neither is quoted.
  throw invalid(side, 'image', 'not a digest behind the @')
}

/** Says what is wrong with which field. The name of the field stands in front of the words. */
export function invalid(side: ImageField, name: string, why: string): ModelError {
  return new ModelError('INVALID', `${side}.${name}: ${why}`, { field: `${side}.${name}` })
}

function reading<T>(side: ImageField, name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RegistryError) throw invalid(side, name, error.message)
    throw error
  }
}
