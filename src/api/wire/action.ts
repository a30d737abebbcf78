import { type Static, Type } from 'typebox'
import { draftPromotion, type ImageDraft, locate, settlePromotion } from '#engine'
import { type Action, type ImageDefinition, type Json, type Pipeline, Secret } from '#model'
import { invalid } from '../errors.ts'
import { ShortPipelineView } from './pipeline.ts'
import { Count, extrasOf, HtmlUrl, Name, Nullable, Text, Things, Url, Word } from './schema.ts'
import { encodeWord, REGISTRY_KINDS, TRIGGER_TIMES } from './words.ts'

const TYPES = { PROMOTE_IMAGE: 'promote-image' } as const

/** Kept and given back. `timeout`, in seconds, ends an action that takes longer; the others have no effect here. */
const EXTRAS = {
  trigger_conditions: Things,
  run_next: Word({ WAIT_ON_SUCCESS: 1, IN_SOFT_PARALLEL: 1, IN_HARD_PARALLEL: 1 }),
  run_only_on_first_failure: Type.Boolean(),
  variables: Things,
  timeout: Count,
  retry_count: Count,
  retry_interval: Count,
  loop: Type.Array(Text),
}
const EXTRA_DEFAULTS: Readonly<Record<keyof typeof EXTRAS, Json>> = {
  trigger_conditions: [],
  run_next: 'WAIT_ON_SUCCESS',
  run_only_on_first_failure: false,
  variables: [],
  timeout: null,
  retry_count: null,
  retry_interval: null,
  loop: [],
}

const Integration = Type.Unsafe<string | { readonly hash_id?: string; readonly identifier?: string }>({
  description: "An integration's identifier; or an object with its hash_id or identifier",
  anyOf: [
    { type: 'string' },
    { type: 'object', properties: { hash_id: { type: 'string' }, identifier: { type: 'string' } } },
  ],
})

/** Where an image is. */
export const ImageBody = Type.Object({
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
})

const Platforms = Type.Array(Type.String({ maxLength: 100 }), {
  maxItems: 100,
  description:
    'Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it',
})

const members = {
  trigger_time: Type.Optional(Word(TRIGGER_TIMES)),
  same_location: Type.Optional(Type.Boolean()),
  copy_referrers: Type.Optional(
    Type.Boolean({
      description:
        'Whether signatures, SBOMs and attestations come along. true: they are looked for each time. Not given: they come along when the image is copied',
    }),
  ),
  platforms: Type.Optional(Platforms),
  disabled: Type.Optional(Type.Boolean()),
  ignore_errors: Type.Optional(Type.Boolean()),
  after_action_id: Type.Optional(Count),
  ...Object.fromEntries(Object.entries(EXTRAS).map(([name, schema]) => [name, Type.Optional(schema)])),
}
export const ActionBody = Type.Object({
  name: Name,
  type: Word(TYPES),
  src: ImageBody,
  dest: ImageBody,
  ...members,
})
export const ActionPatch = Type.Object({
  name: Type.Optional(Name),
  type: Type.Optional(Word(TYPES)),
  src: Type.Optional(ImageBody),
  dest: Type.Optional(ImageBody),
  ...members,
})
const ImageView = Type.Object({
  docker_registry: Word(REGISTRY_KINDS),
  image: Type.Optional(Type.String()),
  registry: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
  integration: Type.Optional(Type.String({ description: "The integration's identifier" })),
  region: Type.Optional(Type.String()),
  login: Type.Optional(Type.String()),
  username: Type.Optional(Type.String({ description: 'The same as login' })),
  create_repository: Type.Optional(Type.Boolean()),
})
/** An action as it was when it ran. */
export const RanActionView = Type.Object({
  url: Url,
  id: Type.Integer(),
  name: Type.String(),
  type: Word(TYPES),
  trigger_time: Word(TRIGGER_TIMES),
  same_location: Type.Boolean(),
  copy_referrers: Nullable(Type.Boolean()),
  platforms: Platforms,
  src: ImageView,
  dest: ImageView,
  disabled: Type.Boolean(),
  ignore_errors: Type.Boolean(),
  current_revision: Nullable(Type.String()),
  ...Object.fromEntries(
    Object.entries(EXTRAS).map(([name, schema]) => [
      name,
      EXTRA_DEFAULTS[name as keyof typeof EXTRAS] === null ? Nullable(schema) : schema,
    ]),
  ),
})
/** As in lists. */
export const ActionView = Type.Object({
  ...RanActionView.properties,
  html_url: HtmlUrl,
  last_execution_status: Type.String(),
})
export const FullActionView = Type.Object({ ...ActionView.properties, pipeline: ShortPipelineView })

type Body = Static<typeof ActionPatch> & { readonly [name: string]: unknown }
type Image = Static<typeof ImageBody>
/** From what a client calls an integration to its identifier. `field` names it in a refusal. */
export type FindIntegration = (given: NonNullable<Image['integration']>, field: string) => Promise<string>

export async function decodeAction(
  body: Static<typeof ActionBody> & Body,
  pipeline: Pipeline,
  find: FindIntegration,
): Promise<Omit<Action, 'id' | 'position'>> {
  return {
    pipelineId: pipeline.id,
    name: body.name,
    type: TYPES[body.type],
    triggerTime: TRIGGER_TIMES[body.trigger_time ?? 'ON_EVERY_EXECUTION'],
    disabled: body.disabled ?? false,
    ignoreErrors: body.ignore_errors ?? false,
    promotion: settlePromotion({
      sameLocation: body.same_location,
      copyReferrers: body.copy_referrers,
      platforms: body.platforms,
      source: await decodeImage(body.src, 'src', find),
      target: await decodeImage(body.dest, 'dest', find),
    }),
    extras: extrasOf(EXTRAS, body),
  }
}

/** What is not sent stays. `src` and `dest` are replaced as wholes; a password stays only for the same user at the same registry. */
export async function decodeActionPatch(body: Body, before: Action, find: FindIntegration): Promise<Action> {
  const drafted = draftPromotion(before.promotion)
  const { source, target } = before.promotion
  const promotion = settlePromotion({
    sameLocation: body.same_location ?? (body.dest === undefined ? drafted.sameLocation : undefined),
    copyReferrers: body.copy_referrers ?? drafted.copyReferrers,
    platforms: body.platforms ?? drafted.platforms,
    source:
      body.src === undefined
        ? drafted.source
        : withPassword(await decodeImage(body.src, 'src', find), source),
    target:
      body.dest === undefined
        ? drafted.target
        : withPassword(await decodeImage(body.dest, 'dest', find), target),
  })
  checkPassword(promotion.source, source, 'src')
  checkPassword(promotion.target, target, 'dest')
  return {
    ...before,
    name: body.name ?? before.name,
    triggerTime: body.trigger_time === undefined ? before.triggerTime : TRIGGER_TIMES[body.trigger_time],
    disabled: body.disabled ?? before.disabled,
    ignoreErrors: body.ignore_errors ?? before.ignoreErrors,
    promotion,
    extras: { ...before.extras, ...extrasOf(EXTRAS, body) },
  }
}

/** The action after which it is to stand; undefined: where it would stand anyway. */
export function decodePosition(body: Body): Action['id'] | 'first' | undefined {
  const { after_action_id: after } = body
  return after === 0 ? 'first' : (after as Action['id'] | undefined)
}

export function encodePromotion({ promotion, name, triggerTime, disabled, ignoreErrors, extras }: Action) {
  return {
    name,
    type: 'PROMOTE_IMAGE',
    trigger_time: encodeWord(TRIGGER_TIMES, triggerTime),
    same_location: promotion.sameLocation,
    copy_referrers: promotion.copyReferrers ?? null,
    platforms: promotion.platforms,
    src: encodeImage(promotion.source),
    dest: encodeImage(promotion.target),
    disabled,
    ignore_errors: ignoreErrors,
    ...EXTRA_DEFAULTS,
    ...extras,
    current_revision: null,
  }
}

/** As it was given, without the password. */
function encodeImage(definition: ImageDefinition) {
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

async function decodeImage(image: Image, field: 'src' | 'dest', find: FindIntegration): Promise<ImageDraft> {
  const { username, login, integration, docker_registry: kind, password } = image
  if (username !== undefined && login !== undefined && username !== login)
    throw invalid(`${field}.login`, 'is not the username')
  return {
    kind: kind === undefined ? undefined : REGISTRY_KINDS[kind],
    image: image.image,
    registry: image.registry,
    tag: image.tag,
    integration:
      integration === undefined || integration === ''
        ? undefined
        : await find(integration, `${field}.integration`),
    region: image.region,
    username: username ?? login,
    password: password === undefined ? undefined : new Secret(password),
    createRepository: image.create_repository,
  }
}

/** The same user, and no password: the one that is kept is meant. */
function withPassword(draft: ImageDraft, before: ImageDefinition): ImageDraft {
  const kept =
    draft.password === undefined && draft.username !== undefined && draft.username === before.username
  return kept ? { ...draft, password: before.password } : draft
}

/** A password that is kept goes where it went before, and nowhere else. */
function checkPassword(now: ImageDefinition, before: ImageDefinition, field: 'src' | 'dest'): void {
  if (now.password === undefined || now.password !== before.password) return
  const [here, there] = [locate(now, field), locate(before, field)]
  if (here.registry === there.registry && here.scheme === there.scheme) return
  throw invalid(`${field}.password`, 'is needed: the registry is another one')
}
