/** What can be allowed; each use case asks for one. */
export type Permission =
  | 'profile.read'
  | 'profile.write'
  | 'workspace.read'
  | 'identifier.read'
  | 'workspace.manage'
  | 'member.read'
  | 'member.email'
  | 'member.manage'
  | 'project.read'
  | 'project.write'
  | 'project.remove'
  | 'team.read'
  | 'team.manage'
  | 'pipeline.read'
  | 'pipeline.run'
  | 'pipeline.manage'
  | 'integration.read'
  | 'integration.use'
  | 'integration.add'
  | 'integration.manage'
  | 'variable.read'
  | 'variable.add'
  | 'variable.manage'
  | 'webhook.read'
  | 'webhook.add'
  | 'webhook.manage'
  | 'token.read'
  | 'token.manage'

/** What a scope stands for that has no use here: nothing asks for it, and yet no token gives a child more of it than it has. */
type Elsewhere = `elsewhere.${string}`

/** What a token may: its scopes, taken apart. */
export type Grant = Permission | Elsewhere

/** Scopes of one thing, from the narrow to the wide, each granting what it adds to those before. */
type Ladder = readonly (readonly [scopes: readonly string[], adds: readonly Grant[]])[]

// Three generations of words for the same: INFO/ADD/MANAGE, INFO/RUN/MANAGE, and lately READ/RUN or USE/WRITE/MANAGE.
const LADDERS: readonly Ladder[] = [
  [
    [['PROJECT_READ'], ['project.read', 'team.read', 'identifier.read']],
    [['PROJECT_WRITE'], ['project.write', 'team.manage']],
    [['PROJECT_MANAGE'], ['project.remove']],
  ],
  [
    [
      ['EXECUTION_INFO', 'PIPELINE_READ'],
      ['pipeline.read', 'identifier.read'],
    ],
    [['EXECUTION_RUN', 'PIPELINE_RUN'], ['pipeline.run']],
    [
      ['EXECUTION_MANAGE', 'PIPELINE_WRITE', 'PIPELINE_MANAGE'],
      ['pipeline.manage', 'integration.use'],
    ],
  ],
  [
    [['INTEGRATION_INFO', 'INTEGRATION_READ'], ['integration.read']],
    [['INTEGRATION_USE'], ['integration.use']],
    [['INTEGRATION_ADD', 'INTEGRATION_WRITE'], ['integration.add']],
    [['INTEGRATION_MANAGE'], ['integration.manage']],
  ],
  [
    [['VARIABLE_INFO', 'VARIABLE_READ'], ['variable.read']],
    [['VARIABLE_ADD', 'VARIABLE_WRITE'], ['variable.add']],
    [['VARIABLE_MANAGE'], ['variable.manage']],
  ],
  [
    [['WEBHOOK_INFO', 'WEBHOOK_READ'], ['webhook.read']],
    [['WEBHOOK_ADD', 'WEBHOOK_WRITE'], ['webhook.add']],
    [['WEBHOOK_MANAGE'], ['webhook.manage']],
  ],
  [
    [['TOKEN_INFO'], ['token.read']],
    [['TOKEN_MANAGE'], ['token.manage']],
  ],
  ...['ENVIRONMENT', 'TARGET', 'SANDBOX', 'ZONE', 'PACKAGE', 'REPOSITORY'].map(elsewhere),
]

const SINGLE: Readonly<Record<string, readonly Grant[]>> = {
  WORKSPACE: [
    'workspace.read',
    'identifier.read',
    'member.read',
    'member.manage',
    'project.read',
    'project.write',
    'team.read',
    'team.manage',
  ],
  WORKSPACES_MANAGE: ['workspace.read', 'workspace.manage'],
  PROJECT_DELETE: ['project.read', 'team.read', 'project.remove'],
  USER_INFO: ['profile.read', 'profile.write'],
  MEMBER_EMAIL: ['member.email'],
  USER_KEY: ['elsewhere.key'],
  USER_EMAIL: ['elsewhere.email'],
  MANAGE_EMAILS: ['elsewhere.email', 'elsewhere.email.manage'],
}

/** Which permissions each scope of a token grants, in every vocabulary that there was, the wider ones including the narrower. */
export const SCOPES: Readonly<Record<string, readonly Grant[]>> = Object.freeze({
  ...SINGLE,
  ...Object.fromEntries(LADDERS.flatMap(climb)),
})

/** What a scope grants; undefined for what is no scope. */
export function permissionsOf(scope: string): readonly Grant[] | undefined {
  return Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined
}

/** The scopes that grant a permission, for those who ask in vain. */
export function scopesFor(permission: Permission): readonly string[] {
  return Object.keys(SCOPES).filter((scope) => permissionsOf(scope)?.includes(permission))
}

function climb(ladder: Ladder): [string, readonly Grant[]][] {
  return ladder.flatMap(([scopes], rung) => {
    const grants = ladder.slice(0, rung + 1).flatMap(([, adds]) => adds)
    return scopes.map((scope): [string, readonly Grant[]] => [scope, grants])
  })
}

function elsewhere(noun: string): Ladder {
  const thing: Elsewhere = `elsewhere.${noun.toLowerCase()}`
  return [
    [[`${noun}_INFO`, `${noun}_READ`, `${noun}_USE`], [thing]],
    [[`${noun}_ADD`, `${noun}_WRITE`], [`${thing}.write`]],
    [[`${noun}_MANAGE`], [`${thing}.manage`]],
  ]
}
