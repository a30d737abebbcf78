import { type Network, RegistryError, withRetries } from '#oci'

/** One question to a vendor. `headers` may hold secrets; no message ever does. */
export interface VendorRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface VendorAnswer {
  readonly status: number
  /** What the body holds if it is a JSON object, else empty. */
  readonly json: Readonly<Record<string, unknown>>
}

/**
 * POSTs to a vendor, and again while the vendor is busy, as often as the network's settings say. `make` is called for each try: signatures age.
 * An answer of 4xx but 429 is returned: what it means is the caller's business.
 */
export async function askVendor(
  network: Network,
  make: () => VendorRequest,
  signal?: AbortSignal,
): Promise<VendorAnswer> {
  return withRetries(network.options, () => askOnce(network, make(), signal), signal && { signal })
}

async function askOnce(
  network: Network,
  request: VendorRequest,
  signal: AbortSignal | undefined,
): Promise<VendorAnswer> {
  const { status, body } = await network.request(
    { method: 'POST', ...request },
    { maxBytes: 128 * 1024, ...(signal && { signal }) },
  )
  if (status === 429 || status >= 500) {
    throw new RegistryError(
      'REGISTRY_UNAVAILABLE',
      `${request.url.host}: no credentials now (status ${status})`,
      { status, retryable: true },
    )
  }
  return { status, json: parseObject(body) }
}

/** A refusal in the vendor's own words, as far as they are short, plain and hold nothing that looks like a key or a token. */
export function refused(url: URL, { status }: VendorAnswer, words: readonly unknown[]): RegistryError {
  const said = words
    .filter((word) => typeof word === 'string')
    .map((word) => word.replace(/[^\x20-\x7e]/g, ' ').replace(/[\w+/=.~-]{28,}/g, '…'))
    .map((word) => word.slice(0, 160))
  return new RegistryError(
    'UNAUTHORIZED',
    `${url.host}: no credentials (${[`status ${status}`, ...said].join(', ')})`,
    { status },
  )
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}
