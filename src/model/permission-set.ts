import type { WorkspaceId } from './workspace.ts'

/** A permission set's number. */
export type PermissionSetId = number & { readonly permissionSet: unique symbol }

/** How much somebody may do with things of one kind. Which of them mean something depends on the kind. */
export type Level = 'denied' | 'read-only' | 'use-only' | 'run-only' | 'read-write' | 'manage'

/** What a permission set speaks of. Pipelines and teams are there; of the others only the level is kept, but for {@link NEEDS}. */
export const KINDS = ['repository', 'pipeline', 'sandbox', 'team', 'environment', 'target'] as const
export type Kind = (typeof KINDS)[number]
export type Levels = Readonly<Record<Kind, Level>>

/** What somebody may do in a project, under a name. Three are built into every workspace, and cannot be changed. */
export interface PermissionSet {
  readonly id: PermissionSetId
  readonly workspaceId: WorkspaceId
  readonly type: 'developer' | 'read-only' | 'project-manager' | 'custom'
  readonly name: string
  readonly description: string | undefined
  readonly levels: Levels
}

/** The sets that every workspace begins with. */
export const BUILT_IN: readonly Pick<PermissionSet, 'type' | 'name' | 'description' | 'levels'>[] = [
  {
    type: 'developer',
    name: 'Developer',
    description: undefined,
    levels: {
      ...every('read-write'),
      team: 'read-only',
      environment: 'use-only',
      target: 'use-only',
    },
  },
  { type: 'read-only', name: 'Read-only', description: undefined, levels: every('read-only') },
  {
    type: 'project-manager',
    name: 'Project manager',
    description: undefined,
    levels: { ...every('manage'), pipeline: 'read-write', sandbox: 'read-write' },
  },
]

/** Keeps permission sets. */
export interface PermissionSets {
  list(workspaceId: WorkspaceId): Promise<readonly PermissionSet[]>
  find(workspaceId: WorkspaceId, id: PermissionSetId): Promise<PermissionSet | undefined>
  create(draft: Omit<PermissionSet, 'id'>): Promise<PermissionSet>
  save(set: PermissionSet): Promise<PermissionSet>
  /** Throws CONFLICT while somebody has it in a project, or will get it. */
  remove(id: PermissionSetId): Promise<void>
}

const RANKS: Readonly<Record<Level, number>> = {
  denied: 0,
  'read-only': 1,
  'use-only': 1,
  'run-only': 2,
  'read-write': 3,
  manage: 4,
}

/** Whether a level is at least as wide as another. */
export function reaches(level: Level, least: Level): boolean {
  return RANKS[level] >= RANKS[least]
}

/** The widest of some levels; denied where there are none. */
export function widest(levels: readonly Level[]): Level {
  return levels.reduce((most, level) => (RANKS[level] > RANKS[most] ? level : most), 'denied')
}

function every(level: Level): Levels {
  return Object.fromEntries(KINDS.map((kind) => [kind, level])) as Record<Kind, Level>
}
