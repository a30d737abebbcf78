import type { ErrorsView } from '#api/wire'

/** Where the API is: beside the pages, whatever path the service stands below. */
const base = new URL('..', document.baseURI)

/** The API's no, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly errors: ErrorsView['errors']

  constructor(status: number, errors: ErrorsView['errors']) {
    super(errors.map(({ message }) => message).join('; '))
    this.status = status
    this.errors = errors
  }
}

/** The address of a path of the API, each part escaped already. */
export function urlOf(path: string): string {
  return new URL(path.replace(/^\/+/, ''), base).href
}

/** A path of the API. */
export function pathOf(...parts: readonly (string | number)[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/**
 * One request of the API, with the session's cookie.
 * @throws ApiError for what is no success, TypeError where the service is not reached.
 */
export async function call<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(urlOf(path), {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
    ...(signal !== undefined && { signal }),
  })
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  throw new ApiError(response.status, errorsIn(text, response))
}

/** Something between us and the service may have answered in its stead, and not in JSON. */
function errorsIn(text: string, { status, statusText }: Response): ErrorsView['errors'] {
  try {
    return (JSON.parse(text) as ErrorsView).errors
  } catch {
    return [{ code: 'UNKNOWN', message: `The service answered ${status} ${statusText}`.trim() }]
  }
}
