// Each separator needs a character: with `-*` in its place the expression takes exponential time.
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const name = `${component}(?:/${component})*`
const reference = '\\w[\\w.-]{0,127}|[A-Za-z][\\w+.-]*:[A-Fa-f0-9]+'
const digest = '[\\w+.-]+:[A-Fa-f0-9]+'

/** The endpoints of the distribution spec, and docker-registry's catalog. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: string }

const table: readonly [RegExp, (a: string, b: string) => Route][] = [
  [/^\/v2\/$/, () => ({ kind: 'base' })],
  [/^\/v2\/_catalog$/, () => ({ kind: 'catalog' })],
  [new RegExp(`^/v2/(${name})/tags/list$`), (a) => ({ kind: 'tags', name: a })],
  [
    new RegExp(`^/v2/(${name})/manifests/(${reference})$`),
    (a, b) => ({ kind: 'manifest', name: a, reference: b }),
  ],
  [new RegExp(`^/v2/(${name})/blobs/(${digest})$`), (a, b) => ({ kind: 'blob', name: a, digest: b })],
  [new RegExp(`^/v2/(${name})/blobs/uploads/$`), (a) => ({ kind: 'uploads', name: a })],
  [new RegExp(`^/v2/(${name})/blobs/uploads/([\\w.=-]+)$`), (a, b) => ({ kind: 'upload', name: a, id: b })],
  [
    new RegExp(`^/v2/(${name})/referrers/(${digest})$`),
    (a, b) => ({ kind: 'referrers', name: a, digest: b }),
  ],
]

export function parseRoute(path: string): Route | undefined {
  for (const [pattern, make] of table) {
    const found = pattern.exec(path)
    if (found !== null) return make(found[1] ?? '', found[2] ?? '')
  }
  return undefined
}

/** Undefined: any method. */
export const allowed: Readonly<Record<Route['kind'], readonly string[] | undefined>> = {
  base: undefined,
  catalog: ['GET'],
  tags: ['GET'],
  manifest: ['DELETE', 'GET', 'HEAD', 'PUT'],
  blob: ['DELETE', 'GET', 'HEAD'],
  uploads: undefined,
  upload: undefined,
  referrers: ['GET'],
}
