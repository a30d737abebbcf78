/** A URL, with path and query as they go over the wire: byte for byte what a server gave. */
export interface Location {
  readonly url: URL
  readonly path: string
}

const DOTS = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * Where a `Location` leads, from the place that gave it; undefined when it is no URL. A parsed URL has some characters written anew, and what
 * a registry has signed would not be found again: path and query are kept as they came wherever they mean the same.
 */
export function parseLocation(text: string | undefined, from: URL): Location | undefined {
  const url = text === undefined ? null : URL.parse(text, from)
  if (text === undefined || url === null) return undefined
  url.hash = ''
  const parsed = url.pathname + url.search
  const given = pathOf(text.split('#', 1)[0] ?? '', from)
  const plain = /^[\x21-\x7e]+$/.test(given) && !DOTS.test(given.split('?', 1)[0] ?? '')
  const same = plain && URL.parse(url.origin + given)?.href === url.origin + parsed
  return { url, path: same ? given : parsed }
}

/** Path and query of a reference as they are written. RFC 3986, "Relative Resolution", without the dots. */
function pathOf(text: string, from: URL): string {
  const absolute = /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?]*(.*)$/i.exec(text)?.[1]
  if (absolute !== undefined) return absolute.startsWith('/') ? absolute : `/${absolute}`
  if (text.startsWith('/')) return text
  if (text.startsWith('?')) return from.pathname + text
  return from.pathname.slice(0, from.pathname.lastIndexOf('/') + 1) + text
}

/** The path with a parameter more, what was there left as it is. */
export function withParameter(path: string, name: string, value: string): string {
  const joint = !path.includes('?') ? '?' : /[?&]$/.test(path) ? '' : '&'
  return `${path}${joint}${name}=${encodeURIComponent(value)}`
}
