import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** One request as the server saw it. `status` is 0 until (or unless) an answer's head was sent. */
export interface RecordedRequest {
  readonly method: string
  /** Path and query as they stood on the request line. */
  readonly url: string
  /** Decoded path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Every request header, `authorization` included; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** sha256 in hexadecimal of the Authorization header, to tell credentials apart without writing them down. */
  readonly authorizationHash: string | undefined
  readonly status: number
  /** Body bytes received and body bytes handed to the socket. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** `Date.now()` when the head arrived; `endedAt` when the exchange was over, undefined while it lasts. */
  readonly at: number
  readonly endedAt: number | undefined
  /** The connection broke before the answer was complete, whoever broke it. */
  readonly aborted: boolean
  /** Number of the connection it came in on, from 1. */
  readonly connection: number
}

/** The same, writable: only the server itself holds these. */
export type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] }

/** Which requests are meant: everything given must hold; an empty match means every request. */
export interface RequestMatch {
  readonly method?: string | readonly string[]
  /** A string must equal the decoded path; an expression is searched in it. */
  readonly path?: RegExp | string
  /** Searched in the raw path and query. */
  readonly url?: RegExp
  readonly status?: number
  readonly when?: (request: RecordedRequest) => boolean
}

export function matches(match: RequestMatch, request: RecordedRequest): boolean {
  const { method, path, url, status, when } = match
  if (method !== undefined && !(typeof method === 'string' ? [method] : method).includes(request.method)) {
    return false
  }
  if (typeof path === 'string' && path !== request.path) return false
  if (path instanceof RegExp && request.path.search(path) < 0) return false
  if (url !== undefined && request.url.search(url) < 0) return false
  if (status !== undefined && status !== request.status) return false
  return when?.(request) ?? true
}

/** What is known of a request when its head has come in. */
export function recordOf(request: IncomingMessage, connection: number): OpenRecord {
  const url = request.url ?? '/'
  const [path = '', query = ''] = url.split(/\?(.*)/s)
  const headers = Object.entries(request.headersDistinct).map(([name, values]) => [
    name,
    values?.join(', ') ?? '',
  ])
  const { authorization } = request.headers
  return {
    method: request.method ?? '',
    url,
    path: decoded(path),
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers) as Record<string, string>,
    authorizationHash: authorization && createHash('sha256').update(authorization).digest('hex'),
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
    at: Date.now(),
    endedAt: undefined,
    aborted: false,
    connection,
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
