import type { FastifyRequest } from 'fastify'

/** Makes the `url` and `html_url` of things. */
export class Links {
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  /** The API's address of a path. Its parts are escaped. */
  api(...parts: readonly (string | number)[]): string {
    return [this.#base, ...parts.map(encode)].join('/')
  }

  /** Where the same is shown to people. */
  page(...parts: readonly (string | number)[]): string {
    return [this.#base, 'ui', ...parts.map(encode)].join('/')
  }
}

function encode(part: string | number): string {
  return encodeURIComponent(part)
}

/** The links in what is said without having been asked. */
export function ownLinks(publicUrl: string | undefined, listen: string): Links {
  return new Links(publicUrl?.replace(/\/+$/, '') ?? `http://${listen}`)
}

/**
 * The links for one request: below the public URL, else below the address that was asked for if it is the one we listen on, else below that.
 * Never what a Host header made up.
 */
export function linksFor(request: FastifyRequest, publicUrl: string | undefined, listen: string): Links {
  if (publicUrl !== undefined) return ownLinks(publicUrl, listen)
  const { host } = request
  const port = listen.slice(listen.lastIndexOf(':'))
  const local = host === listen || host === `localhost${port}` || host === `127.0.0.1${port}`
  return new Links(`http://${local ? host : listen}`)
}
