import {
  type ImageDefinition,
  ModelError,
  type PromotionDefinition,
  type RegistryKind,
  type Secret,
} from '#model'
import { parsePlatform, RegistryError, sameRegistry, sameRepository } from '#oci'
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
 * The promotion that a draft means, every rule checked, its words kept as they were given.
 *
 * `sameLocation: true` lets the target leave out what it shares with the source: all but the tag. Where the target names another registry
 * or repository all the same, the target is believed and `sameLocation` becomes false: a tag is never moved in a place that was not named.
 * @throws ModelError INVALID with the field: `src.image`, `dest.docker_registry`, `dest.tag`, …
 */
export function settlePromotion(draft: PromotionDraft): PromotionDefinition {
  const source = complete(given(draft.source), 'src')
  const from = locate(source, 'src')
  const said = given(draft.target)
  const named = targetOf(draft.sameLocation, said, source)
  const to = locate(named, 'dest')
  const same = sameRepository(from, to)
  const alike = draft.sameLocation === undefined ? same : draft.sameLocation && sameRegistry(from, to)
  const target = alike ? withCredentials(named, source) : named
  const { copyReferrers, platforms = [] } = draft
  for (const platform of platforms) checkPlatform(platform)
  const sameLocation = draft.sameLocation !== false && same
  const definition = { sameLocation, copyReferrers, platforms, source, target }
  const places = locatePromotion(definition)
  if (same && places.source.digest === undefined && places.source.tag === places.target.tag)
    throw invalid('dest', 'tag', 'the source itself: an image is promoted to another tag or place')
  return definition
}

/**
 * The draft that settles to this promotion again, to be changed and settled anew: where the location is the same, the target is its tag and
 * what it does not share with the source, so that it follows when the source goes elsewhere.
 */
export function draftPromotion(definition: PromotionDefinition): PromotionDraft {
  const { sameLocation, copyReferrers, platforms, source, target } = definition
  if (!sameLocation) return definition
  const shares = source.integration === target.integration && source.username === target.username
  return {
    ...{ sameLocation, copyReferrers, platforms, source },
    target: {
      ...NOTHING,
      tag: locatePromotion(definition).target.tag,
      ...(shares ? {} : credentialsOf(target)),
    },
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
  const { tag, ...others } = said
  const onlyTag = tag !== undefined && Object.values(others).every((value) => value === undefined)
  if (sameLocation ?? onlyTag) return inherit(said, source)
  if (said.image !== undefined && said.kind === undefined && sameLocation === undefined) {
    // Without a kind it can only be the source's repository under its own name.
    const inherited = inherit(said, source)
    if (sameRepository(locate(source, 'src'), locate(inherited, 'dest'))) return inherited
  }
  return complete(said, 'dest')
}

function inherit(said: ImageDraft, source: ImageDefinition): ImageDefinition {
  const kind = said.kind ?? source.kind
  const elsewhere = kind !== source.kind || (said.registry ?? source.registry) !== source.registry
  if (said.image === undefined && elsewhere) throw invalid('dest', 'image', 'is needed for another registry')
  const image = said.image ?? bareImage(source.image)
  const host = kind === source.kind ? (source.registry ?? carriedHost(source.image)) : undefined
  const registry = said.registry ?? (carriedHost(image) === undefined ? host : undefined)
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
