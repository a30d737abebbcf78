import { type Static, Type } from 'typebox'
import { type ImageDraft, sameHost } from '#engine'
import { hasVariables, type ImageDefinition, Secret } from '#model'
import { invalid } from '../errors.ts'
import type { Finder } from '../finder.ts'
import { Text, Word } from './schema.ts'
import { encodeWord, REGISTRY_KINDS } from './words.ts'

const Integration = Type.Unsafe<string | { readonly hash_id?: string; readonly identifier?: string }>({
  description: "An integration's identifier; or an object with its hash_id or identifier",
  anyOf: [
    { type: 'string' },
    { type: 'object', properties: { hash_id: { type: 'string' }, identifier: { type: 'string' } } },
  ],
})

/** Where an image is. */
export const ImageBody = Type.Object(
  {
    docker_registry: Type.Optional(Word(REGISTRY_KINDS)),
    image: Type.Optional(Text),
    registry: Type.Optional(Text),
    tag: Type.Optional(Text),
    integration: Type.Optional(Integration),
    region: Type.Optional(Text),
    username: Type.Optional(Text),
    login: Type.Optional(Text),
    password: Type.Optional(Type.String({ maxLength: 64 * 1024, writeOnly: true })),
    create_repository: Type.Optional(
      Type.Boolean({ description: 'Of a target at AMAZON_ECR: make its repository when it is missing' }),
    ),
  },
  { title: 'ImageDefinition' },
)
export const ImageView = Type.Object(
  {
    docker_registry: Word(REGISTRY_KINDS),
    image: Type.Optional(Type.String()),
    registry: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    integration: Type.Optional(Type.String({ description: "The integration's identifier" })),
    region: Type.Optional(Type.String()),
    login: Type.Optional(Type.String()),
    username: Type.Optional(Type.String({ description: 'The same as login' })),
    create_repository: Type.Optional(Type.Boolean()),
  },
  { title: 'ImageDefinitionView' },
)

type Image = Static<typeof ImageBody>

export async function decodeImage(image: Image, field: 'src' | 'dest', finder: Finder): Promise<ImageDraft> {
  const { username, login, integration, docker_registry: kind, password } = image
  if (username !== undefined && login !== undefined && username !== login)
    throw invalid(`${field}.login`, 'is not the username')
  return {
    kind: kind === undefined ? undefined : REGISTRY_KINDS[kind],
    image: image.image,
    registry: image.registry,
    tag: image.tag,
    integration: await decodeIntegration(integration, field, finder),
    region: image.region,
    username: username ?? login,
    password: password === undefined ? undefined : new Secret(password),
    createRepository: image.create_repository,
  }
}

/** What variables say is looked up when they are known. */
async function decodeIntegration(
  integration: Image['integration'],
  field: 'src' | 'dest',
  finder: Finder,
): Promise<string | undefined> {
  if (integration === undefined || integration === '') return undefined
  if (typeof integration === 'string' && hasVariables(integration)) return integration
  return finder.integration(integration, `${field}.integration`)
}

/** As it was given, without the password. */
export function encodeImage(definition: ImageDefinition) {
  const { kind, image, registry, tag, integration, region, username, createRepository } = definition
  const given = {
    registry,
    image: image === '' ? undefined : image,
    tag,
    integration,
    region,
    login: username,
    username,
    create_repository: createRepository,
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { docker_registry: encodeWord(REGISTRY_KINDS, kind), ...Object.fromEntries(said) }
}

/** The same user, and no password: the one that is kept is meant. */
export function withPassword(draft: ImageDraft, before: ImageDefinition): ImageDraft {
  const kept =
    draft.password === undefined && draft.username !== undefined && draft.username === before.username
  return kept ? { ...draft, password: before.password } : draft
}

/** A password that is kept goes where it went before, and nowhere else. */
export function checkPassword(now: ImageDefinition, before: ImageDefinition, field: 'src' | 'dest'): void {
  if (now.password === undefined || now.password !== before.password) return
  if (!sameHost(now, before, field))
    throw invalid(`${field}.password`, 'is needed: the registry is another one')
}
