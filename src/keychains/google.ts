import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { isLoopback, type Keychain, type Network, RegistryError } from '#oci'
import { Kept, type Lease } from './kept.ts'
import { askVendor, refused } from './vendor.ts'

interface ServiceAccount {
  readonly email: string
  readonly key: KeyObject
  readonly keyId: string | undefined
  readonly tokenUri: URL
}

// Anchored at both ends: gcr.io.example.com is somebody else.
const GOOGLE = /^(?:(?:[a-z0-9-]+\.)*gcr\.io|(?:[a-z0-9-]+\.)+pkg\.dev)(?::443)?$/
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const LIFE_S = 3600
const EARLY_MS = 5 * 60_000

/**
 * Credentials for `gcr.io`, `*.gcr.io` and `*.pkg.dev` from a service account's key: a JWT signed here (RFC 7523) is exchanged at the
 * key's own `token_uri` for an access token, which these registries take as the password of `oauth2accesstoken`.
 */
export function googleKeychain(apiKey: string, network: Network): Keychain {
  let account: ServiceAccount | undefined
  const tokens = new Kept((signal) => {
    account ??= parseServiceAccount(apiKey)
    return fetchToken(account, network, signal)
  }, EARLY_MS)
  return {
    async credentials({ registry }, signal) {
      if (!GOOGLE.test(registry)) return undefined
      return { kind: 'basic', username: 'oauth2accesstoken', password: await tokens.get(signal) }
    },
  }
}

async function fetchToken(
  account: ServiceAccount,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<Lease<string>> {
  const make = () => ({
    url: account.tokenUri,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(
      new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertionOf(account, Math.floor(Date.now() / 1000)),
      }).toString(),
    ),
  })
  const answer = await askVendor(network, make, signal)
  const { access_token: token, expires_in: life, error, error_description: description } = answer.json
  if (answer.status !== 200 || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw refused(account.tokenUri, answer, [error, description])
  }
  const lifeMs = typeof life === 'number' && life > 0 ? life * 1000 : 0
  return { value: token, expiresAt: new Date(Date.now() + lifeMs) }
}

function assertionOf({ email, key, keyId, tokenUri }: ServiceAccount, nowS: number): string {
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }
  const claims = { iss: email, scope: SCOPE, aud: tokenUri.href, iat: nowS, exp: nowS + LIFE_S }
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}

const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')

function parseServiceAccount(text: string): ServiceAccount {
  let json: Record<string, unknown>
  try {
    json = { ...JSON.parse(text) }
  } catch {
    throw unusable('it is not JSON')
  }
  if (json.type !== 'service_account') throw unusable('its type is not "service_account"')
  const { client_email: email, private_key: pem, private_key_id: keyId, token_uri: uri } = json
  if (typeof email !== 'string' || email === '') throw unusable('it has no client_email')
  if (typeof pem !== 'string') throw unusable('it has no private_key')
  const tokenUri = typeof uri === 'string' ? URL.parse(uri) : null
  if (tokenUri === null) throw unusable('its token_uri is not a URL')
  const safe = tokenUri.protocol === 'https:' || (tokenUri.protocol === 'http:' && isLoopback(tokenUri.host))
  if (!safe || tokenUri.username !== '' || tokenUri.password !== '') {
    throw unusable('its token_uri is not an https URL')
  }
  const key = parsePrivateKey(pem)
  return { email, key, keyId: typeof keyId === 'string' ? keyId : undefined, tokenUri }
}

function parsePrivateKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw unusable('its private_key cannot be read')
  }
  if (key.asymmetricKeyType !== 'rsa') throw unusable('its private_key is not an RSA key')
  return key
}

// The parser's own words would quote the key.
function unusable(why: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', `Google service account key: not usable (${why})`)
}
