import styles from './place.module.css'

/** Where an image is, as the API has it of an action. */
export interface ImageView {
  readonly docker_registry: string
  readonly image?: string
  readonly registry?: string
  readonly tag?: string
  readonly region?: string
}

interface PlaceParts {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

const HOSTS: Readonly<Record<string, string>> = {
  DOCKER_HUB: 'docker.io',
  GIT_HUB_CONTAINER_REGISTRY: 'ghcr.io',
  GOOGLE_GCR: 'gcr.io',
  DIGITAL_OCEAN_CONTAINER_REGISTRY: 'registry.digitalocean.com',
}

/** An image's place in its parts, with what the target takes from its source. */
export function placeOf(image: ImageView, source?: ImageView): PlaceParts {
  const from = source === undefined ? undefined : placeOf(source)
  const named = /^([^@]*?)(?::([^:/@]+))?(?:@(.+))?$/.exec(image.image ?? '')
  const [, name = '', inName, pinned] = named ?? []
  const registry = image.registry?.replace(/^https?:\/\//, '') ?? HOSTS[image.docker_registry]
  return {
    registry: registry ?? (name === '' ? (from?.registry ?? '') : ''),
    repository: name === '' ? (from?.repository ?? '') : name,
    tag: image.tag ?? inName ?? pinned ?? from?.tag ?? 'latest',
  }
}

/** `registry/repository:tag`, the tag standing out. Nothing for an action that has no such place. */
export function Place({
  of,
  from,
}: {
  readonly of: ImageView | undefined
  readonly from?: ImageView | undefined
}) {
  if (of === undefined) return null
  const { registry, repository, tag } = placeOf(of, from)
  return (
    <span className={styles.place}>
      {registry !== '' && <span className={styles.registry}>{registry}/</span>}
      {repository}
      <span className={styles.tag}>:{tag}</span>
    </span>
  )
}

/** From where to where. Within one place only the tags differ, and the place is said once. */
export function Route({
  src,
  dest,
  same,
}: {
  readonly src: ImageView | undefined
  readonly dest: ImageView | undefined
  readonly same: boolean | undefined
}) {
  if (src === undefined || dest === undefined) return null
  return (
    <span className={styles.route}>
      <Place of={src} />
      <span className={styles.arrow} aria-hidden="true">
        →
      </span>
      <span className="visually-hidden">to</span>
      {same ? (
        <span className={`${styles.place} ${styles.tag}`}>:{placeOf(dest, src).tag}</span>
      ) : (
        <Place of={dest} from={src} />
      )}
    </span>
  )
}
