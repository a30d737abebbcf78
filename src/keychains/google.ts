import type { Credentials, Keychain, Network } from '#oci'
import { Kept, type Lease } from './kept.ts'
import { isGoogle } from './registries.ts'
import { askVendor, refused, type VendorAnswer } from './vendor.ts'

/** Gives an access token that is good now. */
export type TokenSource = (signal?: AbortSignal) => Promise<Lease<string>>

/** What an access token for registries is asked for. */
export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const EARLY_MS = 5 * 60_000

/** Credentials for `gcr.io`, `*.gcr.io` and `*.pkg.dev`, which take an access token as the password of `oauth2accesstoken`. */
export function googleKeychain(fetch: TokenSource): Keychain {
  const kept = new Kept<Credentials>(async (signal) => {
    const { value: password, expiresAt } = await fetch(signal)
    return { value: { kind: 'basic', username: 'oauth2accesstoken', password }, expiresAt }
  }, EARLY_MS)
  return {
    async credentials(scope, signal) {
      return isGoogle(scope) ? kept.get(signal, (value) => value === scope.rejected) : undefined
    },
  }
}

/** Exchanges what the form holds for an access token. RFC 6749, "Issuing an Access Token". */
export async function askGoogle(
  network: Network,
  url: URL,
  form: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Lease<string>> {
  const make = () => ({
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(new URLSearchParams(form).toString()),
  })
  return parseToken(url.host, await askVendor(network, make, signal))
}

/** @throws RegistryError UNAUTHORIZED with Google's own words when the answer holds no token. */
export function parseToken(host: string, answer: VendorAnswer): Lease<string> {
  const { access_token: token, expires_in: life, error, error_description: description } = answer.json
  if (answer.status !== 200 || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw refused(host, 'no credentials', answer, [error, description])
  const lifeMs = typeof life === 'number' && life > 0 ? life * 1000 : 0
  return { value: token, expiresAt: new Date(Date.now() + lifeMs) }
}
