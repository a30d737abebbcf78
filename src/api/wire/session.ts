import { Type } from 'typebox'
import type { Caller } from '#model'
import type { Links } from '../links.ts'
import { HtmlUrl, Text, Url } from './schema.ts'
import { encodeToken, TokenView } from './token.ts'

export const SessionBody = Type.Object({ token: Text })
export const SessionView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  name: Type.String({ description: 'Of the person' }),
  token: TokenView,
})

export function encodeSession({ person, token }: Caller, links: Links) {
  return {
    url: links.api('session'),
    html_url: links.page(),
    name: person.name,
    token: encodeToken(token, links),
  }
}
