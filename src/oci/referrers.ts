import { type Descriptor, MEDIA_TYPES } from './descriptor.ts'
import { algorithmOf, type Digest } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Abortable } from './http/network.ts'
import { readAll } from './http/network.ts'
import type { Session } from './http/session.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import type { Tag } from './reference.ts'
import { nextPage } from './tags.ts'

const PAGE_LIMIT = 100

/**
 * The tag under which a manifest's referrers are listed where the registry has no API for them. OCI distribution spec, "Referrers Tag
 * Schema".
 */
export function referrersTag(subject: Digest): Tag {
  const algorithm = algorithmOf(subject)
  return `${algorithm}-${subject.slice(algorithm.length + 1).slice(0, 64)}` as Tag
}

/** Whether the tag names a digest: that of what its manifest is about, as the fallback tag of the spec and cosign's tags do. */
export function isDigestTag(tag: Tag): boolean {
  return /^sha(?:256|384|512)-[0-9a-f]{64,}(?:\.[a-z]+)?$/.test(tag)
}

/** The tags that cosign puts what is about a manifest under. cosign, "Registry API Usage". */
export function cosignTags(subject: Digest): readonly Tag[] {
  // With a longer digest they would be none.
  if (algorithmOf(subject) !== 'sha256') return []
  const base = subject.replace(':', '-')
  return ['sig', 'att', 'sbom'].map((suffix) => `${base}.${suffix}` as Tag)
}

/**
 * What refers to the manifest, by the registry's API, all pages of it; undefined where the registry has no such API, which it says in many
 * ways but not with 401. Nothing is filtered, and whether they are about this subject is theirs to say. OCI distribution spec, "Listing
 * Referrers".
 */
export async function listReferrers(
  session: Session,
  subject: Digest,
  scopes: readonly string[],
  options: Abortable,
): Promise<readonly Descriptor[] | undefined> {
  const what = `referrers of ${subject}`
  const found = new Map<Digest, Descriptor>()
  let url: URL | undefined = session.url(`referrers/${subject}`)
  for (let page = 0; url !== undefined; page++) {
    if (page === PAGE_LIMIT)
      throw new RegistryError('PROTOCOL', `${session.where(what)}: more than ${PAGE_LIMIT} pages`)
    const answer = await session.ask(
      {
        method: 'GET',
        url,
        headers: { accept: MEDIA_TYPES.index },
        scopes,
        accepts: [200, 400, 404, 405, 406, 501],
        what,
        fallback: 'UNSUPPORTED',
      },
      options,
    )
    const [type] = (answer.headers.get('content-type') ?? '').split(';', 1)
    if (answer.status !== 200 || type !== MEDIA_TYPES.index) {
      answer.body.cancel()
      if (page === 0) return undefined
      throw new RegistryError('PROTOCOL', `${session.where(what)}: page ${page + 1} is no list of referrers`)
    }
    const bytes = await readAll(answer.body, session.network.options.manifestBytes, session.where(what))
    const { manifests, others } = parseManifest(bytes, MEDIA_TYPES.index)
    for (const referrer of [...manifests, ...others]) found.set(referrer.digest, referrer)
    url = nextPage(session, what, answer.headers.get('link'), url)
  }
  return [...found.values()]
}

/**
 * Whether what a fallback tag names is a list of referrers. GitLab resolves such a tag to the subject itself; what has a platform is an
 * image's.
 */
export function isReferrersIndex({ descriptor, manifests, others, subject }: Manifest, of: Digest): boolean {
  const entries = [...manifests, ...others]
  return (
    descriptor.mediaType === MEDIA_TYPES.index &&
    descriptor.digest !== of &&
    subject === undefined &&
    entries.every(({ digest, platform }) => digest !== of && platform === undefined)
  )
}

/** The manifest as it is listed among the referrers of its subject. */
export function describeReferrer({ descriptor, artifactType, annotations, blobs }: Manifest): Descriptor {
  const { mediaType, digest, size } = descriptor
  const [config] = mediaType === MEDIA_TYPES.manifest ? blobs : []
  const type = artifactType ?? config?.mediaType
  return {
    ...{ mediaType, digest, size },
    ...(type !== undefined && { artifactType: type }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}
