import { type Static, Type } from 'typebox'
import { type Caller, isWithin, parseAddressRange, permissionsOf, type Token, type TokenDraft } from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { HtmlUrl, Name, Nullable, Text, Url, When } from './schema.ts'

const Texts = Type.Array(Text, { maxItems: 1000 })
export const TokenBody = Type.Object({
  name: Name,
  expires_in: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500, description: 'Days' })),
  expires_at: Type.Optional(Text),
  scopes: Type.Optional(Texts),
  ip_restrictions: Type.Optional(Texts),
  workspace_restrictions: Type.Optional(Texts),
})
/** For a member of a workspace: what it is for is known. */
export const MemberTokenBody = Type.Omit(TokenBody, ['workspace_restrictions'])
export const TokenView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.String(),
    name: Type.String(),
    expires_at: Nullable(When),
    scopes: Type.Array(Type.String()),
    ip_restrictions: Type.Array(Type.String()),
    workspace_restrictions: Type.Array(Type.String()),
    token: Type.Optional(Type.String({ description: 'Only in the answer that makes it' })),
  },
  { title: 'Token' },
)

const DAY_MS = 86_400_000

/** A token that is never stronger, longer-lived or wider than the one that asks for it. */
export function decodeToken(
  body: Static<typeof TokenBody>,
  { person, token }: Caller,
  now: Date,
): TokenDraft {
  const scopes = body.scopes ?? token.scopes
  const unknown = scopes.find((scope) => permissionsOf(scope) === undefined)
  if (unknown !== undefined) throw invalid('scopes', `${JSON.stringify(unknown.slice(0, 100))} is not known`)
  const allowed = new Set(token.scopes.flatMap((scope) => permissionsOf(scope) ?? []))
  const stronger = scopes.find((scope) =>
    permissionsOf(scope)?.some((permission) => !allowed.has(permission)),
  )
  if (stronger !== undefined) throw invalid('scopes', `${stronger} is more than this token may`)
  const workspaces = body.workspace_restrictions ?? token.workspaces
  const wider =
    token.workspaces.length > 0 &&
    (workspaces.length === 0 || workspaces.some((domain) => !token.workspaces.includes(domain)))
  if (wider) throw invalid('workspace_restrictions', 'are to be within those of this token')
  const expiresAt = expiryOf(body, token, now)
  return {
    personId: person.id,
    name: body.name,
    scopes,
    workspaces,
    addresses: addressesOf(body, token),
    expiresAt,
  }
}

export function encodeToken({ id, name, expiresAt, scopes, workspaces, addresses }: Token, links: Links) {
  return {
    url: links.api('user', 'tokens', id),
    html_url: links.page('api-tokens', 'details', id),
    id,
    name,
    expires_at: expiresAt?.toISOString() ?? null,
    scopes,
    ip_restrictions: addresses,
    workspace_restrictions: workspaces,
  }
}

function addressesOf({ ip_restrictions: given }: Static<typeof TokenBody>, parent: Token): readonly string[] {
  if (given === undefined) return parent.addresses
  const ranges = given.map((text, index) => {
    const range = parseAddressRange(text)
    if (range === undefined)
      throw invalid(`ip_restrictions.${index}`, 'is to be an address, a network like 10.0.0.0/8, or 10.0.*.*')
    return range
  })
  const allowed = parent.addresses.flatMap((text) => parseAddressRange(text) ?? [])
  const wider =
    parent.addresses.length > 0 &&
    (ranges.length === 0 || ranges.some((range) => !allowed.some((outer) => isWithin(range, outer))))
  if (wider) throw invalid('ip_restrictions', 'are to be within those of this token')
  return given
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

function expiryOf(body: Static<typeof TokenBody>, parent: Token, now: Date): Date | undefined {
  const { expires_in: days, expires_at: at } = body
  if (days !== undefined && at !== undefined) throw invalid('expires_at', 'and expires_in exclude each other')
  const given = at === undefined ? undefined : new Date(ISO.test(at) ? at : Number.NaN)
  if (given !== undefined && !(given > now))
    throw invalid('expires_at', 'is to be a date to come, in ISO 8601')
  const wanted = days === undefined ? given : new Date(now.getTime() + days * DAY_MS)
  if (parent.expiresAt === undefined) return wanted
  return wanted === undefined || wanted > parent.expiresAt ? parent.expiresAt : wanted
}
