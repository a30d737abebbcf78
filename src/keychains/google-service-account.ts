import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { isLoopback, type Network, RegistryError } from '#oci'
import { askGoogle, SCOPE, type TokenSource } from './google.ts'

interface ServiceAccount {
  readonly email: string
  readonly key: KeyObject
  readonly keyId: string | undefined
  readonly tokenUri: URL
  /** The same as it is written: whom the assertion is for. */
  readonly audience: string
}

const LIFE_S = 3600

/** Access tokens from a service account's key: a JWT signed here (RFC 7523) is exchanged at the key's own `token_uri`. */
export function serviceAccount(apiKey: string, network: Network): TokenSource {
  let account: ServiceAccount | undefined
  return (signal) => {
    account ??= parseServiceAccount(apiKey)
    const { tokenUri } = account
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertionOf(account, Math.floor(Date.now() / 1000)),
    }
    return askGoogle(network, tokenUri, form, signal)
  }
}

function assertionOf({ email, key, keyId, audience }: ServiceAccount, nowS: number): string {
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }
  const claims = { iss: email, scope: SCOPE, aud: audience, iat: nowS, exp: nowS + LIFE_S }
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
  return { email, key, keyId: typeof keyId === 'string' ? keyId : undefined, tokenUri, audience: String(uri) }
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
