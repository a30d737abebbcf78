import { RegistryError } from './errors.ts'
import type { Abortable } from './http/network.ts'
import { readAll } from './http/network.ts'
import type { Session } from './http/session.ts'
import { parseTag, type Tag } from './reference.ts'

const PAGE_BYTES = 32 * 1024 * 1024
const PAGE_LIMIT = 1_000

/** How tags are listed. */
export interface ListOptions extends Abortable {
  /** A repository that is not there is an error, NAME_UNKNOWN, and not one without tags. */
  readonly there?: boolean
}

/** All tags, page by page; none where the repository does not exist, unless it is to. OCI distribution spec, "Listing Tags". */
export async function* listTags(session: Session, options: ListOptions): AsyncGenerator<Tag> {
  // Not more: ECR refuses larger pages.
  let url: URL | undefined = session.url('tags/list', { n: '1000' })
  for (let page = 0; url !== undefined; page++) {
    if (page === PAGE_LIMIT)
      throw new RegistryError('PROTOCOL', `${session.where('tags')}: more than ${PAGE_LIMIT} pages`)
    const answer = await session.ask(
      {
        method: 'GET',
        url,
        scopes: [session.scope('pull')],
        accepts: options.there ? [200] : [200, 404],
        what: 'tags',
        fallback: 'NAME_UNKNOWN',
      },
      options,
    )
    if (answer.status === 404) return answer.body.cancel()
    yield* parseTags(session, await readAll(answer.body, PAGE_BYTES, session.where('tags')))
    url = nextPage(session, 'tags', answer.headers.get('link'), url)
  }
}

function parseTags(session: Session, bytes: Uint8Array): Tag[] {
  try {
    const { tags } = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return (tags ?? []).map((tag: unknown) => parseTag(String(tag)))
  } catch (cause) {
    throw new RegistryError('PROTOCOL', `${session.where('tags')}: not a list of tags`, { cause })
  }
}

/** Where the list goes on. RFC 8288. Only within the registry: a next page elsewhere would be asked with our credentials (GHSA-h7vf-4x9w-h99v). */
export function nextPage(
  session: Session,
  what: string,
  link: string | undefined,
  from: URL,
): URL | undefined {
  const target = nextTarget(link ?? '')
  if (target === undefined) return undefined
  const url = session.within(target, from)?.url
  // A port may be lost on the way through a proxy; one that is named is meant.
  const port = URL.parse(target, from)?.port
  if (url !== undefined && (port === '' || port === url.port) && url.href !== from.href) return url
  throw new RegistryError('PROTOCOL', `${session.where(what)}: the next page is not on this registry`)
}

/** What a `Link` header calls the next one. No `<` stands in a URL: a pattern that looks past one takes a time that grows with their square. */
export function nextTarget(link: string): string | undefined {
  return /<([^<>]*)>[\t ]*;[^,<]*\brel="?next"?/.exec(link)?.[1]
}
