import { type Static, Type } from 'typebox'
import { ANYBODY, type Approvers, type Question } from '#model'
import type { Finder } from '../finder.ts'
import { Id, Text, Word } from './schema.ts'

const LEVELS = { ALLOWED: true, DENIED: false } as const

const One = Type.Object({
  id: Type.Optional(Id),
  access_level: Word(LEVELS),
})
/** Who may answer. A person or a group that is not known by its id is named by e-mail address or by name. */
export const ApproversBody = Type.Object(
  {
    others: Type.Optional(Word(LEVELS)),
    users: Type.Optional(
      Type.Array(Type.Object({ ...One.properties, email: Type.Optional(Text) }), { maxItems: 1000 }),
    ),
    groups: Type.Optional(
      Type.Array(Type.Object({ ...One.properties, name: Type.Optional(Text) }), { maxItems: 1000 }),
    ),
  },
  { title: 'ApproversBody' },
)
const Ruled = Type.Object({ id: Type.Integer(), access_level: Word(LEVELS) })
export const ApproversView = Type.Object(
  {
    others: Word(LEVELS),
    users: Type.Array(Ruled),
    groups: Type.Array(Ruled),
  },
  { title: 'Approvers' },
)

/** What an action that waits has beside all others. */
export const questionMembers = {
  comment: Type.Optional(Text),
  permissions: Type.Optional(ApproversBody),
  prevent_self_approval: Type.Optional(Type.Boolean()),
}

interface Body {
  readonly comment?: string
  readonly permissions?: Static<typeof ApproversBody>
  readonly prevent_self_approval?: boolean
}

/** What is not sent stays. */
export async function decodeQuestion(body: Body, before: Question, finder: Finder): Promise<Question> {
  const { comment = before.comment, permissions, prevent_self_approval } = body
  return {
    comment,
    approvers: permissions === undefined ? before.approvers : await decodeApprovers(permissions, finder),
    byAnother: prevent_self_approval ?? before.byAnother,
  }
}

export function encodeQuestion({ comment, approvers, byAnother }: Question) {
  const { others, users, groups } = approvers
  const encode = ({ id, allowed }: { readonly id: number; readonly allowed: boolean }) => ({
    id,
    access_level: encodeLevel(allowed),
  })
  return {
    comment: comment ?? null,
    permissions: { others: encodeLevel(others), users: users.map(encode), groups: groups.map(encode) },
    prevent_self_approval: byAnother,
  }
}

async function decodeApprovers(
  { others, users = [], groups = [] }: Static<typeof ApproversBody>,
  finder: Finder,
): Promise<Approvers> {
  return {
    others: others === undefined ? ANYBODY.others : LEVELS[others],
    users: await Promise.all(
      users.map(async ({ access_level, ...user }, index) => ({
        id: await finder.person(user, `permissions.users.${index}`),
        allowed: LEVELS[access_level],
      })),
    ),
    groups: await Promise.all(
      groups.map(async ({ access_level, ...group }, index) => ({
        id: await finder.group(group, `permissions.groups.${index}`),
        allowed: LEVELS[access_level],
      })),
    ),
  }
}

function encodeLevel(allowed: boolean): keyof typeof LEVELS {
  return allowed ? 'ALLOWED' : 'DENIED'
}
