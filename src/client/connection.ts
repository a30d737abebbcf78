import { ApiError, type Problem } from './error.ts'
import { parseEvents, type ServerEvent } from './events.ts'
import { pause, pauseMs } from './pause.ts'

/** Where the API is, and who asks. */
export interface ClientOptions {
  /** The base of the service, with or without `/api`. */
  readonly url: string | URL
  readonly token: string
  /** How often a call that was one too many is made again, each time when the API says, and a stream taken up again. 5 unless given. */
  readonly retries?: number
  /** Instead of the platform's. */
  readonly fetch?: typeof fetch
}

/** Of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** What fills a part of a path. */
export type Key = string | number
/** What a query may say; undefined is not sent. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** One call: the path's template, what fills it, and what goes along. */
export interface Call {
  readonly at?: Readonly<Record<string, Key>>
  readonly query?: Query
  readonly body?: unknown
}

const RETRIES = 5
const RESUME_MS = 500

/** Speaks to one API with one token. The token goes to this address alone: redirects are not followed. */
export class Connection {
  readonly #base: string
  readonly #token: string
  readonly #retries: number
  readonly #fetch: typeof fetch

  constructor({ url, token, retries = RETRIES, fetch: ask = fetch }: ClientOptions) {
    this.#base = String(url).replace(/\/+$/, '')
    this.#token = token
    this.#retries = retries
    this.#fetch = ask
  }

  /**
   * What the API answers; undefined where that is nothing.
   * @throws ApiError for every other outcome, but the reason of a signal that was aborted.
   */
  async call<T>(method: string, path: string, call: Call = {}, { signal }: CallOptions = {}): Promise<T> {
    const response = await this.#send(method, path, call, signal)
    const text = await this.#reach(() => response.text(), signal)
    return (text === '' ? undefined : parse(text, response)) as T
  }

  /**
   * What happens there, until it has ended. A stream that breaks off is taken up again where it was, unless it does so time and again with
   * nothing new in between.
   * @throws ApiError as {@link Connection.call}.
   */
  async *watch(path: string, call: Call, { signal }: CallOptions = {}): AsyncGenerator<ServerEvent, void> {
    let last = ''
    for (let tries = 0; ; tries += 1) {
      try {
        const headers = { accept: 'text/event-stream', ...(last !== '' && { 'last-event-id': last }) }
        const response = await this.#send('GET', path, call, signal, headers)
        if (response.body === null) return
        for await (const event of parseEvents(response.body)) {
          last = event.id
          tries = 0
          yield event
        }
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof ApiError && !error.retryable) throw error
        if (tries >= this.#retries) throw this.#unreachable(error)
      }
      await pause(RESUME_MS * 2 ** tries, signal)
    }
  }

  /** A response that is a success; what was one call too many is asked again in time. */
  async #send(
    method: string,
    path: string,
    { at = {}, query = {}, body }: Call,
    signal: AbortSignal | undefined,
    headers: Readonly<Record<string, string>> = { accept: 'application/json' },
  ): Promise<Response> {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''))
    const said = Object.entries(query).filter(([, value]) => value !== undefined)
    const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString()
    const request: RequestInit = {
      method,
      redirect: 'error',
      headers: {
        ...headers,
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    }
    for (let retries = this.#retries; ; retries -= 1) {
      const url = `${this.#base}${filled}${search === '' ? '' : `?${search}`}`
      const response = await this.#reach(() => this.#fetch(url, request), signal)
      if (response.ok) return response
      const text = await this.#reach(() => response.text(), signal)
      if (response.status !== 429 || retries <= 0)
        throw new ApiError(problemsOf(parse(text, response), response), response.status)
      await pause(pauseMs(response.headers), signal)
    }
  }

  async #reach<R>(ask: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown): ApiError {
    if (error instanceof ApiError) return error
    const { message, cause } = error as Error
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message
    const problem = { code: 'UNREACHABLE', message: `${this.#base} cannot be reached (${why})` }
    return new ApiError([problem], undefined, { cause: error })
  }
}

/** All that a list has, page by page, each asked for when the one before it has been taken. */
export async function* pages<T>(read: (page: number) => Promise<readonly T[]>): AsyncGenerator<T, void> {
  for (let page = 1; ; page += 1) {
    const items = await read(page)
    if (items.length === 0) return
    yield* items
  }
}

function parse(text: string, response: Response): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError([notTheApi(response)], response.status)
  }
}

function problemsOf(answer: unknown, response: Response): readonly [Problem, ...Problem[]] {
  const { errors } = (answer ?? {}) as { readonly errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors as unknown as readonly [Problem, ...Problem[]]
  return [notTheApi(response)]
}

function notTheApi({ url, status }: Response): Problem {
  return { code: 'NOT_THE_API', message: `what answers at ${url} (status ${status}) is not the API` }
}
