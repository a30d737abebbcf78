import { Type } from 'typebox'
import type { Grants, GroupId, Level, PersonId } from '#model'
import { Id, Word } from './schema.ts'
import { encodeWord } from './words.ts'

export const LEVELS = {
  DENIED: 'denied',
  READ_ONLY: 'read-only',
  USE_ONLY: 'use-only',
  RUN_ONLY: 'run-only',
  READ_WRITE: 'read-write',
  MANAGE: 'manage',
} as const satisfies Record<string, Level>

const { DENIED, READ_ONLY, USE_ONLY, RUN_ONLY, READ_WRITE, MANAGE } = LEVELS
/** How much of a pipeline, and of an integration, can be anybody's. */
export const PIPELINE_LEVELS = { DEFAULT: 'default', DENIED, READ_ONLY, RUN_ONLY, READ_WRITE } as const
export const INTEGRATION_LEVELS = { DENIED, USE_ONLY, MANAGE } as const

/** Who may how much, as it is sent. What is left out stands for nobody. */
export function GrantsBody<const T extends Readonly<Record<string, Level | 'default'>>>(levels: T) {
  const each = Type.Array(Type.Object({ id: Id, access_level: Word(levels) }), { maxItems: 1000 })
  return Type.Object({
    others: Type.Optional(Word(levels)),
    users: Type.Optional(each),
    groups: Type.Optional(each),
  })
}

/** The same as it is answered; `noun`: what it is about. */
export function GrantsView<const T extends Readonly<Record<string, Level | 'default'>>>(
  levels: T,
  noun: string,
) {
  const One = Type.Object({ id: Type.Integer(), access_level: Word(levels) }, { title: `${noun}Permission` })
  const each = Type.Array(One)
  return Type.Object({ others: Word(levels), users: each, groups: each }, { title: `${noun}Permissions` })
}

interface Named {
  readonly id: number
  readonly access_level: string
}

/** `others`: what everybody else has where it is not said. */
export function decodeGrants(
  body: { readonly others?: string; readonly users?: readonly Named[]; readonly groups?: readonly Named[] },
  levels: Readonly<Record<string, Level | 'default'>>,
  others: Level | 'default',
): Grants {
  const level = (word: string): Level | 'default' => levels[word] ?? others
  const each = <Id extends number>(named: readonly Named[] = []) =>
    named.map(({ id, access_level }) => ({ id: id as Id, level: level(access_level) }))
  return {
    others: body.others === undefined ? others : level(body.others),
    users: each<PersonId>(body.users),
    groups: each<GroupId>(body.groups),
  }
}

export function encodeGrants(
  { others, users, groups }: Grants,
  levels: Readonly<Record<string, Level | 'default'>>,
) {
  const each = (named: Grants['users'] | Grants['groups']) =>
    named.map(({ id, level }) => ({ id, access_level: encodeWord(levels, level) }))
  return { others: encodeWord(levels, others), users: each(users), groups: each(groups) }
}
