import type { Credentials } from '../credentials.ts'
import type { HttpRequest } from './network.ts'

// Who asks with a refresh token where its own name is not known: Azure's registries look at the token alone.
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** A request for a token, as every realm knows it. Distribution, "Token Authentication Specification". */
export function asking(
  realm: URL,
  fields: readonly [string, string][],
  credentials: Credentials | undefined,
): HttpRequest {
  const url = new URL(realm)
  for (const [name, value] of fields) url.searchParams.append(name, value)
  return {
    method: 'GET',
    url,
    headers: credentials === undefined ? {} : { authorization: plain(credentials) },
  }
}

/** A request for a token in return for a refresh token. Distribution, "OAuth2 Token Authentication". */
export function refreshing(realm: URL, fields: readonly [string, string][], token: string): HttpRequest {
  const scopes = fields.filter(([name]) => name === 'scope').map(([, value]) => value)
  const others = fields.filter(([name]) => name !== 'scope')
  const form = new URLSearchParams([
    ...others,
    ['scope', scopes.join(' ')],
    ['grant_type', 'refresh_token'],
    ['client_id', 'tagboat'],
    ['refresh_token', token],
  ])
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  }
}

/** The credentials as a header, a refresh token as the password that it is where there is no OAuth2. */
export function plain(credentials: Credentials): string {
  switch (credentials.kind) {
    case 'bearer':
      return `Bearer ${credentials.token}`
    case 'refresh':
      return basic({ username: credentials.username || NOBODY, password: credentials.token })
    case 'basic':
      return basic(credentials)
  }
}

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.kind === b.kind && plain(a) === plain(b)
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
