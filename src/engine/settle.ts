import {
  hasVariables,
  type ImageDefinition,
  ModelError,
  type PromotionDefinition,
  type RegistryKind,
  type Secret,
} from '#model'
import { parsePlatform, type Reference, RegistryError, sameRegistry, sameRepository } from '#oci'
import { bareImage, carriedHost, invalid, lacksRegistry, locate, locatePromotion } from './locate.ts'

/** One image as it was asked for; undefined: not given. An empty text is not given either. */
export interface ImageDraft {
  readonly kind: RegistryKind | undefined
  readonly image: string | undefined
  readonly registry: string | undefined
  readonly tag: string | undefined
  readonly integration: string | undefined
  readonly region: string | undefined
  readonly username: string | undefined
  readonly password: Secret | undefined
  readonly createRepository?: boolean | undefined
}

/** A promotion as it was asked for. */
export interface PromotionDraft {
  /** Undefined: true when the target is in the source's repository, or is nothing but a tag. */
  readonly sameLocation: boolean | undefined
  readonly copyReferrers?: boolean | undefined
  readonly platforms?: readonly string[] | undefined
  readonly source: ImageDraft
  readonly target: ImageDraft
}

/**
 * The promotion that a draft means, every rule checked, its words kept as they were given. Of what has variables in it, that is checked which
 * they leave open to nobody; the rest is when they are filled in and it is settled once more.
 *
 * `sameLocation: true` lets the target leave out what it shares with the source: all but the tag. Where the target names another registry
 * or repository all the same, the target is believed and `sameLocation` becomes false: a tag is never moved in a place that was not named.
 * @throws ModelError INVALID with the field: `src.image`, `dest.docker_registry`, `dest.tag`, …
 */
export function settlePromotion(draft: PromotionDraft): PromotionDefinition {
  const source = complete(given(draft.source), 'src')
  const from = placeOf(source, 'src')
  const said = given(draft.target)
  const named = targetOf(draft.sameLocation, said, source)
  const to = placeOf(named, 'dest')
  const asSaid = draft.sameLocation ?? isOnlyTag(said)
  const same = from && to ? sameRepository(from, to) : asSaid
  const near = from && to ? sameRegistry(from, to) : asSaid
  const alike = draft.sameLocation === undefined ? same : draft.sameLocation && near
  const target = alike ? withCredentials(named, source) : named
  const { copyReferrers, platforms = [] } = draft
  for (const platform of platforms) checkPlatform(platform)
  const sameLocation = draft.sameLocation !== false && same
  const definition = { sameLocation, copyReferrers, platforms, source, target }
  if (isOpen(source) || isOpen(target)) return definition
  const places = locatePromotion(definition)
  if (same && places.source.digest === undefined && places.source.tag === places.target.tag)
    throw invalid('dest', 'tag', 'the source itself: an image is promoted to another tag or place')
  return definition
}

/** Whether variables have a say in where the image is. */
export function isOpen({ image, registry, tag, region, integration }: ImageDefinition): boolean {
  return [image, registry, tag, region, integration].some(hasVariables)
}

/**
 * The draft that settles to this promotion again, to be changed and settled anew: where the location is the same, the target is its tag and
 * what it does not share with the source, so that it follows when the source goes elsewhere.
 */
export function draftPromotion(definition: PromotionDefinition): PromotionDraft {
  const { sameLocation, copyReferrers, platforms, source, target } = definition
  const tag =
    isOpen(source) || isOpen(target)
      ? (target.tag ?? tagIn(target.image))
      : locatePromotion(definition).target.tag
  if (!sameLocation || tag === undefined) return definition
  const shares = source.integration === target.integration && source.username === target.username
  return {
    ...{ sameLocation, copyReferrers, platforms, source },
    target: { ...NOTHING, tag, ...(shares ? {} : credentialsOf(target)) },
  }
}

function checkPlatform(text: string): void {
  try {
    parsePlatform(text)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new ModelError('INVALID', `platforms: ${error.message}`, { field: 'platforms' })
  }
}

/** Whether both are in one registry, whatever the variables in them are. */
export function sameHost(one: ImageDefinition, other: ImageDefinition, side: 'src' | 'dest'): boolean {
  const [here, there] = [placeOf(one, side), placeOf(other, side)]
  if (here && there) return sameRegistry(here, there)
  return one.kind === other.kind && one.registry === other.registry && one.image === other.image
}

/** The repository, and the tag as far as there are no variables in it; undefined where they decide about more. */
function placeOf(definition: ImageDefinition, side: 'src' | 'dest'): Reference | undefined {
  const { image, registry, region, integration, tag } = definition
  const bare = bareImage(image)
  if ([bare, registry, region, integration].some(hasVariables)) return undefined
  const open = [image, tag].some(hasVariables)
  return locate(open ? { ...definition, image: bare, tag: undefined } : definition, side)
}

function tagIn(image: string): string | undefined {
  const [, tag] = /^:([^@]+)/.exec(image.slice(bareImage(image).length)) ?? []
  return tag
}

/** An image of which nothing was said. */
export const NOTHING: ImageDraft = {
  kind: undefined,
  image: undefined,
  registry: undefined,
  tag: undefined,
  integration: undefined,
  region: undefined,
  username: undefined,
  password: undefined,
  createRepository: undefined,
}

type Credentials = Pick<ImageDraft, 'integration' | 'username' | 'password'>

function credentialsOf({ integration, username, password }: ImageDraft): Credentials {
  return { integration, username, password }
}

function given(draft: ImageDraft): ImageDraft {
  const entries = Object.entries(NOTHING).map(([name]) => {
    const value = draft[name as keyof ImageDraft]
    return [name, value === '' ? undefined : value]
  })
  return Object.fromEntries(entries) as ImageDraft
}

function targetOf(
  sameLocation: boolean | undefined,
  said: ImageDraft,
  source: ImageDefinition,
): ImageDefinition {
  if (sameLocation ?? isOnlyTag(said)) return inherit(said, source)
  if (said.image !== undefined && said.kind === undefined && sameLocation === undefined) {
    // Without a kind it can only be the source's repository under its own name.
    const inherited = inherit(said, source)
    const [from, to] = [placeOf(source, 'src'), placeOf(inherited, 'dest')]
    if (from && to && sameRepository(from, to)) return inherited
  }
  return complete(said, 'dest')
}

function isOnlyTag({ tag, ...others }: ImageDraft): boolean {
  return tag !== undefined && Object.values(others).every((value) => value === undefined)
}

function inherit(said: ImageDraft, source: ImageDefinition): ImageDefinition {
  const kind = said.kind ?? source.kind
  const elsewhere = kind !== source.kind || (said.registry ?? source.registry) !== source.registry
  if (said.image === undefined && elsewhere) throw invalid('dest', 'image', 'is needed for another registry')
  const image = said.image ?? bareImage(source.image)
  const host = kind === source.kind ? (source.registry ?? carriedHost(source.image)) : undefined
  const carried = carriedHost(image)
  // One host under both names is spoken to as the source's field says.
  const inherits = carried === undefined || host?.replace(/^https?:\/\//, '') === carried
  const registry = said.registry ?? (inherits ? host : undefined)
  const region = said.region ?? (kind === source.kind ? source.region : undefined)
  const named = { ...said, kind, image, registry, region }
  // Whose keys they are says which registry it is.
  const integration = said.integration ?? (lacksRegistry(named) ? source.integration : undefined)
  return complete({ ...named, integration }, 'dest')
}

/** Whoever says nothing about credentials for the same place means the same ones. */
function withCredentials(target: ImageDefinition, source: ImageDefinition): ImageDefinition {
  const { integration, username, password } = target
  return (integration ?? username ?? password) ? target : { ...target, ...credentialsOf(source) }
}

function complete(draft: ImageDraft, side: 'src' | 'dest'): ImageDefinition {
  const { kind, image, username, password } = draft
  if (image === undefined) throw invalid(side, 'image', 'is needed')
  if (kind === undefined) throw invalid(side, 'docker_registry', 'is needed')
  if (username === undefined && password !== undefined)
    throw invalid(side, 'username', 'is needed with a password')
  if (username !== undefined && password === undefined)
    throw invalid(side, 'password', 'is needed with a username')
  if (draft.createRepository && (side === 'src' || kind !== 'amazon-ecr'))
    throw invalid(side, 'create_repository', 'is for a target at AMAZON_ECR')
  return { ...draft, kind, image }
}
