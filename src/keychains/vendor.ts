import { type Network, RegistryError, withRetries } from '#oci'

/** One question to a vendor: a POST, unless `method` says otherwise. `headers` may hold secrets; no message ever does. */
export interface VendorRequest {
  readonly method?: 'GET' | 'PUT'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface VendorAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  /** What the text holds if it is a JSON object, else empty. */
  readonly json: Readonly<Record<string, unknown>>
}

/**
 * Asks a vendor, and again while the vendor is busy, as often as the network's settings say. `make` is called for each try: signatures age.
 * An answer of 4xx but 429 is returned, unless `isBusy` knows it: what it means is the caller's business.
 */
export async function askVendor(
  network: Network,
  make: () => VendorRequest,
  signal?: AbortSignal,
  isBusy: (answer: VendorAnswer) => boolean = () => false,
): Promise<VendorAnswer> {
  const once = () => askOnce(network, make(), signal, isBusy)
  return withRetries(network.options, once, signal && { signal })
}

async function askOnce(
  network: Network,
  request: VendorRequest,
  signal: AbortSignal | undefined,
  isBusy: (answer: VendorAnswer) => boolean,
): Promise<VendorAnswer> {
  const { status, headers, body } = await network.request(
    { method: 'POST', ...request },
    { maxBytes: 128 * 1024, ...(signal && { signal }) },
  )
  const text = Buffer.from(body).toString('utf8')
  const answer = { status, headers, text, json: parseObject(text) }
  if (status === 429 || status >= 500 || isBusy(answer)) {
    throw new RegistryError(
      'REGISTRY_UNAVAILABLE',
      `${request.url.host}: no credentials now (status ${status})`,
      { status, retryable: true },
    )
  }
  return answer
}

const NAME = /^[A-Za-z]+(?:Exception|Error)$/

/**
 * A refusal in the vendor's own words, as far as they are short, plain and hold nothing that looks like a key or a token.
 * `what` is what did not come of it.
 */
export function refused(
  host: string,
  what: string,
  { status }: Pick<VendorAnswer, 'status'>,
  words: readonly unknown[],
): RegistryError {
  const said = words
    .filter((word) => typeof word === 'string' && word !== '')
    .map((word) => String(word).replace(/[^\x20-\x7e]/g, ' '))
    .map((word) => word.replace(/[\w+/=.~-]{28,}/g, (run) => (NAME.test(run) ? run : '…')).slice(0, 160))
  const why = [`status ${status}`, ...said].join(', ')
  return new RegistryError('UNAUTHORIZED', `${host}: ${what} (${why})`, { status })
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}
