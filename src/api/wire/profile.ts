import { Type } from 'typebox'
import type { Person } from '#model'
import type { Links } from '../links.ts'
import { HtmlUrl, Name, Nullable, Url } from './schema.ts'

export const ProfilePatch = Type.Object({ name: Type.Optional(Name) })
export const ProfileView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    name: Type.String(),
    avatar_url: Nullable(Type.String()),
    workspaces_url: Type.String(),
  },
  { title: 'Profile' },
)

export function encodeProfile({ id, name }: Person, links: Links) {
  return {
    url: links.api('user'),
    html_url: links.page('my-id'),
    id,
    name,
    avatar_url: null,
    workspaces_url: links.api('workspaces'),
  }
}
