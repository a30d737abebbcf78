import { askGoogle, SCOPE, type TokenSource } from './google.ts'
import type { Machine } from './machine.ts'
import { parseObject, readNamed, textIn, unusable } from './read-file.ts'
import { askVendor, refused } from './vendor.ts'

type Json = Readonly<Record<string, unknown>>

/** Another provider's token, exchanged for Google's, as a workflow's job has it. Google Cloud, "Workload Identity Federation". */
export function federated(json: Json, path: string, machine: Machine): TokenSource {
  const { network } = machine
  const url = httpsUrl(json, 'token_url', path)
  const source = { ...(json.credential_source as Json) }
  const fixed = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: textIn(json, 'audience', path),
    subject_token_type: textIn(json, 'subject_token_type', path),
    scope: SCOPE,
  }
  const tokens: TokenSource = async (signal) =>
    askGoogle(
      network,
      url,
      { ...fixed, subject_token: await subjectToken(source, path, machine, signal) },
      signal,
    )
  return json.service_account_impersonation_url === undefined
    ? tokens
    : impersonated(json, path, tokens, machine)
}

async function subjectToken(
  { file, url: address, headers, format }: Json,
  path: string,
  { network }: Machine,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { type, subject_token_field_name: field } = { ...(format as Json) }
  const read = async (): Promise<string> => {
    if (typeof file === 'string') return readNamed(file)
    const url = typeof address === 'string' ? URL.parse(address) : null
    if (url === null) throw unusable(path, 'it names neither a file nor a URL to have its token from')
    const make = () => ({ method: 'GET' as const, url, headers: { ...(headers as Record<string, string>) } })
    const answer = await askVendor(network, make, signal)
    if (answer.status !== 200) throw refused(url.host, 'no token to exchange', answer, [])
    return answer.text
  }
  const text = await read()
  return type === 'json' ? textIn(parseObject(text, path), String(field), path) : text.trim()
}

/** The token of a service account for whoever may have it. Service Account Credentials API, "generateAccessToken". */
export function impersonated(
  json: Json,
  path: string,
  source: TokenSource,
  { network }: Machine,
): TokenSource {
  const url = httpsUrl(json, 'service_account_impersonation_url', path)
  return async (signal) => {
    const { value: token } = await source(signal)
    const make = () => ({
      url,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: Buffer.from(JSON.stringify({ scope: [SCOPE] })),
    })
    const answer = await askVendor(network, make, signal)
    const { accessToken, expireTime } = answer.json
    const expiresAt = new Date(String(expireTime))
    if (answer.status !== 200 || typeof accessToken !== 'string' || Number.isNaN(expiresAt.getTime())) {
      const { status, message } = { ...(answer.json.error as Json) }
      throw refused(url.host, 'no token for the service account', answer, [status, message])
    }
    return { value: accessToken, expiresAt }
  }
}

function httpsUrl(json: Json, name: string, path: string): URL {
  const url = URL.parse(textIn(json, name, path))
  if (url?.protocol === 'https:') return url
  throw unusable(path, `its ${name} is not an https URL`)
}
