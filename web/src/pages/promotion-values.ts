import type { ActionView } from '#api/wire'
import { given } from '../parts/form.tsx'
import { kindOf } from './registries.ts'

/** One side of a promotion as it is typed. */
export type ImageValues = {
  readonly docker_registry: string
  readonly integration: string
  readonly registry: string
  readonly region: string
  readonly image: string
  readonly tag: string
  readonly login: string
  readonly password: string
  readonly create_repository: boolean
}

export type PromotionValues = {
  readonly name: string
  readonly same: boolean
  readonly src: ImageValues
  readonly dest: ImageValues
}

const NOTHING: ImageValues = {
  docker_registry: 'DOCKER_HUB',
  integration: '',
  registry: '',
  region: '',
  image: '',
  tag: '',
  login: '',
  password: '',
  create_repository: false,
}

/** Those of an action that is there, or those to begin with. */
export function promotionValues(action?: ActionView): PromotionValues {
  const { same_location: same = true, src, dest } = action ?? {}
  return { name: '', same, src: { ...NOTHING, ...src }, dest: { ...NOTHING, ...dest } }
}

/** What is sent: of each side what its registry asks for, of a target in the same place its tag. */
export function promotionBody({ same, src, dest }: PromotionValues) {
  return {
    same_location: same,
    src: imageBody(src),
    dest: same ? given({ tag: dest.tag }) : imageBody(dest),
  }
}

function imageBody({ docker_registry, image, tag, ...values }: ImageValues) {
  const kind = kindOf(docker_registry)
  const { integration, registry, region, login, password, create_repository } = values
  return given({
    docker_registry,
    image,
    tag,
    integration: kind.integration === 'none' ? '' : integration,
    registry: kind.registry === undefined ? '' : registry,
    region: kind.region ? region : '',
    ...(kind.login && integration === '' && { login, password }),
    ...(create_repository && docker_registry === 'AMAZON_ECR' && { create_repository }),
  })
}
