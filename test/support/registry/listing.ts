import { type Answer, json, refuse, specError } from './answer.ts'
import { parseObject } from './manifests.ts'
import { mediaTypes } from './media-type.ts'
import type { Repository, Storage } from './storage.ts'

export interface PageRules {
  /** Most entries of one page; `n` may ask for fewer. */
  readonly pageSize: number
}

interface Page<T> {
  readonly entries: readonly T[]
  readonly headers: Record<string, string>
}

function page<T>(
  path: string,
  query: URLSearchParams,
  all: readonly T[],
  key: (entry: T) => string,
  most: number,
): Page<T> {
  const sorted = [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const last = query.get('last') ?? ''
  const rest = sorted.filter((entry) => key(entry) > last)
  const size = Math.min(most, Number(query.get('n') ?? most))
  const entries = rest.slice(0, size)
  const end = entries.at(-1)
  if (end === undefined || entries.length === rest.length) return { entries, headers: {} }
  const next = new URLSearchParams(query)
  next.set('last', key(end))
  next.set('n', `${size}`)
  return { entries, headers: { link: `<${path}?${next}>; rel="next"` } }
}

/** Without rules all tags at once, in no order, and `n` means nothing: docker-registry 2.8. */
export function listTags(
  repository: Repository | undefined,
  name: string,
  query: URLSearchParams,
  rules: PageRules | undefined,
): Answer {
  if (repository === undefined || !repository.known) return refuse(404, [specError('NAME_UNKNOWN', { name })])
  const tags = [...repository.tags.keys()]
  if (rules === undefined) return json(200, { name, tags: tags.length === 0 ? null : tags.reverse() })
  const { entries, headers } = page(`/v2/${name}/tags/list`, query, tags, (tag) => tag, rules.pageSize)
  return json(200, { name, tags: entries }, headers)
}

export function catalog(storage: Storage, query: URLSearchParams): Answer {
  const names = [...storage.repositories].filter(([, { known }]) => known).map(([name]) => name)
  const { entries, headers } = page('/v2/_catalog', query, names, (name) => name, 100)
  return json(200, { repositories: entries }, headers)
}

/** What refers to the digest, found by looking at every manifest of the repository. */
export function listReferrers(
  repository: Repository | undefined,
  name: string,
  subject: string,
  query: URLSearchParams,
  rules: PageRules | undefined,
): Answer {
  const descriptors = [...(repository?.manifests.values() ?? [])].flatMap(({ digest, mediaType, bytes }) => {
    const value = parseObject(bytes) as ManifestView | undefined
    if (value?.subject?.digest !== subject) return []
    const artifactType = value.artifactType ?? value.config?.mediaType
    return [{ mediaType, digest, size: bytes.length, artifactType, annotations: value.annotations }]
  })
  const wanted = query.get('artifactType')
  const filtered = wanted === null ? descriptors : descriptors.filter((one) => one.artifactType === wanted)
  const path = `/v2/${name}/referrers/${subject}`
  const most = rules?.pageSize ?? Number.POSITIVE_INFINITY
  const { entries, headers } = page(path, query, filtered, (one) => one.digest, most)
  return json(
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries },
    {
      ...headers,
      'content-type': mediaTypes.ociIndex,
      ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    },
  )
}

interface ManifestView {
  readonly artifactType?: string
  readonly config?: { readonly mediaType?: string }
  readonly subject?: { readonly digest?: string }
  readonly annotations?: Readonly<Record<string, string>>
}
