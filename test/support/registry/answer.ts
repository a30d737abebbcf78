/** What a registry sends back, before faults touch it and before it meets a socket. */
export interface Answer {
  readonly status: number
  /** Header names in lower case. A body with known length carries its own `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** One entry of the spec's error body. */
export interface SpecError {
  readonly code: string
  readonly message: string
  readonly detail?: unknown
}

const messages = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UPLOAD_INVALID: 'blob upload invalid',
  BLOB_UPLOAD_UNKNOWN: 'blob upload unknown to registry',
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
  PAGINATION_NUMBER_INVALID: 'invalid number of results requested',
  UNAUTHORIZED: 'authentication required',
  UNKNOWN: 'unknown error',
} as const

export type ErrorCode = keyof typeof messages

/** An error in the registry's own words; `message` replaces the usual one. */
export function specError(code: ErrorCode, detail?: unknown, message?: string): SpecError {
  return { code, message: message ?? messages[code], ...(detail === undefined ? {} : { detail }) }
}

export function refuse(status: number, errors: readonly SpecError[], headers = {}): Answer {
  return json(status, { errors }, headers)
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  return {
    status,
    headers: {
      ...headers,
      'content-type': headers['content-type'] ?? 'application/json; charset=utf-8',
      'content-length': `${body.length}`,
    },
    body,
  }
}

export function text(status: number, line: string, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(`${line}\n`)
  return {
    status,
    headers: {
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-length': `${body.length}`,
    },
    body,
  }
}

/** An answer without a body; 204 and 304 must not carry a length. */
export function bare(status: number, headers: Record<string, string> = {}): Answer {
  const sized = status !== 204 && status !== 304
  return { status, headers: sized ? { 'content-length': '0', ...headers } : headers }
}

export const notFound = (): Answer => text(404, '404 page not found')
