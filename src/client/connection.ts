import { ApiError, type Problem } from './error.ts'

/** Where the API is, and who asks. */
export interface ClientOptions {
  /** The base of the service, with or without `/api`. */
  readonly url: string | URL
  readonly token: string
  /** How often a call that was refused for being one too many is made again, each time when the API says. 5 unless given. */
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
const PAUSE_LIMIT_MS = 120_000

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
  async call<T>(method: string, template: string, call: Call = {}, { signal }: CallOptions = {}): Promise<T> {
    for (let retries = this.#retries; ; retries -= 1) {
      const response = await this.#send(method, template, call, signal)
      const text = await this.#reach(() => response.text(), signal)
      if (response.status === 429 && retries > 0) {
        await pause(pauseMs(response.headers), signal)
        continue
      }
      const answer = text === '' ? undefined : parse(text, response)
      if (response.ok) return answer as T
      throw new ApiError(problemsOf(answer, response), response.status)
    }
  }

  async #send(method: string, template: string, { at = {}, query = {}, body }: Call, signal?: AbortSignal) {
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''))
    const said = Object.entries(query).filter(([, value]) => value !== undefined)
    const search = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString()
    return this.#reach(
      () =>
        this.#fetch(`${this.#base}${path}${search === '' ? '' : `?${search}`}`, {
          method,
          redirect: 'error',
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${this.#token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          ...(signal !== undefined && { signal }),
        }),
      signal,
    )
  }

  async #reach<R>(ask: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      const { message, cause } = error as Error
      const why = cause instanceof Error && cause.message !== '' ? cause.message : message
      const problem = { code: 'UNREACHABLE', message: `${this.#base} cannot be reached (${why})` }
      throw new ApiError([problem], undefined, { cause: error })
    }
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

function parse(text: string, { status, url }: Response): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const problem = {
      code: 'NOT_THE_API',
      message: `what answers at ${url} (status ${status}) is not the API`,
    }
    throw new ApiError([problem], status)
  }
}

function problemsOf(answer: unknown, { status, url }: Response): readonly [Problem, ...Problem[]] {
  const { errors } = (answer ?? {}) as { readonly errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors as unknown as readonly [Problem, ...Problem[]]
  return [{ code: 'NOT_THE_API', message: `what answers at ${url} (status ${status}) is not the API` }]
}

function pauseMs(headers: Headers): number {
  const resetAt = Number(headers.get('x-rate-limit-reset')) * 1000
  const wanted = resetAt > 0 ? resetAt - Date.now() : Number(headers.get('retry-after')) * 1000
  return Math.min(PAUSE_LIMIT_MS, Math.max(0, wanted))
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal?.reason)
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    if (signal?.aborted) end()
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        end()
      },
      { once: true },
    )
  })
}
