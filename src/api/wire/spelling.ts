import { draftPromotion } from '#engine'
import type { ImageDefinition, JsonObject, PromoteImage } from '#model'
import { encodeImage, ImageBody } from './image.ts'
import { extrasOf } from './schema.ts'

/**
 * In what words the images of an action were given, kept beside it to be given back where a person reads them: kinds of registries and logins
 * have several names, and a target may be no more than a tag. No password is among them.
 */
export interface Spelling {
  readonly src?: JsonObject
  readonly dest?: JsonObject
}

interface Body {
  readonly src?: object
  readonly dest?: object
  readonly same_location?: boolean
}

/** What was said last; a target that follows its source elsewhere is no longer as it was said. */
export function spellingOf({ src, dest, same_location }: Body, before: Spelling = {}): Spelling {
  const follows = src !== undefined || same_location !== undefined
  return {
    ...(before.src !== undefined && { src: before.src }),
    ...(before.dest !== undefined && !follows && { dest: before.dest }),
    ...(src !== undefined && { src: wordsOf(src) }),
    ...(dest !== undefined && { dest: wordsOf(dest) }),
  }
}

/** The images of an action in the words in which they were given, as far as these are known. */
export function spellImages({ promotion }: PromoteImage, { src, dest }: Spelling = {}): JsonObject {
  const { sameLocation, source, target } = promotion
  const { tag = null } = draftPromotion(promotion).target
  return {
    same_location: sameLocation,
    src: spell(source, src),
    dest: dest === undefined && sameLocation ? { tag } : spell(target, dest),
  }
}

function spell(definition: ImageDefinition, given: JsonObject | undefined): JsonObject {
  const { login, ...encoded } = encodeImage(definition) as JsonObject
  // However it was named, it is known by its identifier.
  return {
    ...(given ?? encoded),
    ...(given?.integration !== undefined && { integration: encoded.integration ?? null }),
  }
}

/** The members that there are, and no others; which integration it is, is known from the image itself. */
function wordsOf(image: object): JsonObject {
  const said = Object.entries(extrasOf(ImageBody.properties, { ...image }))
    .filter(([name, value]) => name !== 'password' && value !== '')
    .map(([name, value]) => [name, name === 'integration' ? null : value])
  return Object.fromEntries(said) as JsonObject
}
