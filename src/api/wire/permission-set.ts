import { type Static, Type } from 'typebox'
import { KINDS, type Kind, type Level, type Levels, type PermissionSet, type Workspace } from '#model'
import type { Links } from '../links.ts'
import { LEVELS } from './grants.ts'
import { HtmlUrl, Id, Name, Nullable, Text, Url, Word } from './schema.ts'
import { encodeWord } from './words.ts'

const TYPES = {
  DEVELOPER: 'developer',
  READ_ONLY: 'read-only',
  PROJECT_MANAGER: 'project-manager',
  CUSTOM: 'custom',
} as const

/** Which member says how much, of each kind of thing. */
const MEMBERS = {
  repository: 'repository_access_level',
  pipeline: 'pipeline_access_level',
  sandbox: 'sandbox_access_level',
  team: 'project_team_access_level',
  environment: 'environment_access_level',
  target: 'target_access_level',
} as const satisfies Record<Kind, string>

const LevelWord = Word(LEVELS)
const levels = {
  repository_access_level: Type.Optional(LevelWord),
  pipeline_access_level: Type.Optional(LevelWord),
  sandbox_access_level: Type.Optional(LevelWord),
  project_team_access_level: Type.Optional(LevelWord),
  environment_access_level: Type.Optional(LevelWord),
  target_access_level: Type.Optional(LevelWord),
}
export const PermissionSetBody = Type.Object({ name: Name, description: Type.Optional(Text), ...levels })
export const PermissionSetPatch = Type.Object({
  name: Type.Optional(Name),
  description: Type.Optional(Text),
  ...levels,
})
export const PermissionSetView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    name: Type.String(),
    description: Nullable(Type.String()),
    type: Word(TYPES),
    repository_access_level: LevelWord,
    pipeline_access_level: LevelWord,
    sandbox_access_level: LevelWord,
    project_team_access_level: LevelWord,
    environment_access_level: LevelWord,
    target_access_level: LevelWord,
  },
  { title: 'PermissionSet' },
)
/** As others refer to one. */
export const PermissionSetRef = Type.Object({ id: Id })

/** What is not said is denied. */
export function decodePermissionSet(
  body: Static<typeof PermissionSetBody>,
  { id: workspaceId }: Workspace,
): Omit<PermissionSet, 'id'> {
  const { name, description } = body
  return { workspaceId, type: 'custom', name, description, levels: decodeLevels(body, () => 'denied') }
}

export function decodePermissionSetPatch(
  body: Static<typeof PermissionSetPatch>,
  before: PermissionSet,
): PermissionSet {
  const { name = before.name, description = before.description } = body
  return { ...before, name, description, levels: decodeLevels(body, (kind) => before.levels[kind]) }
}

export function encodePermissionSet(set: PermissionSet, { domain }: Workspace, links: Links) {
  const { id, name, description, type } = set
  const said = KINDS.map((kind) => [MEMBERS[kind], encodeWord(LEVELS, set.levels[kind])])
  return {
    url: links.api('workspaces', domain, 'permissions', id),
    html_url: links.page(domain, '-', 'people', 'permissions', id),
    id,
    name,
    description: description ?? null,
    type: encodeWord(TYPES, type),
    ...(Object.fromEntries(said) as Record<(typeof MEMBERS)[Kind], string>),
  }
}

function decodeLevels(
  body: Pick<Static<typeof PermissionSetPatch>, keyof typeof levels>,
  otherwise: (kind: Kind) => Level,
): Levels {
  const each = KINDS.map((kind) => {
    const word = body[MEMBERS[kind]]
    return [kind, word === undefined ? otherwise(kind) : LEVELS[word]]
  })
  return Object.fromEntries(each) as Levels
}
