import type { Action } from './action.ts'
import type { LatestExecution } from './execution.ts'
import { levelOf } from './grants.ts'
import type { GroupId } from './group.ts'
import type { Integration } from './integration.ts'
import type { Member } from './member.ts'
import { type Kind, type Level, type Levels, reaches } from './permission-set.ts'
import type { Pipeline, PipelineId } from './pipeline.ts'
import { type Permission, permissionsOf } from './scope.ts'
import type { Secret } from './secret.ts'
import type { Token } from './token.ts'
import type { Variable } from './variable.ts'
import type { Project, Workspace, WorkspaceId } from './workspace.ts'

/** A person's number. */
export type PersonId = number & { readonly person: unique symbol }

/** Somebody who can ask. The first one is the owner, of all workspaces. */
export interface Person {
  readonly id: PersonId
  readonly name: string
  readonly email: string | undefined
  readonly owner: boolean
}

/** Who is asking: a person, by one of their tokens. */
export interface Caller {
  readonly person: Person
  readonly token: Token
}

/** What a person is in a workspace. */
export interface Standing {
  /** The workspace is theirs. */
  readonly owner: boolean
  /** They may do all in it but what is the owner's. */
  readonly admin: boolean
  readonly groups: readonly GroupId[]
  /** The names of the projects that they are in, by themselves or with a group. */
  readonly projects: readonly string[]
  /** In the place's project: the widest of what their permission sets say. Undefined: they are not in it. */
  readonly levels: Levels | undefined
}

/** Where something is to be done: a workspace, and what lies on the way further in. Without a standing nobody does anything there. */
export interface Place {
  readonly workspace: Workspace
  readonly standing?: Standing | undefined
  readonly project?: Project
  readonly pipeline?: Pipeline
  readonly integration?: Integration
}

/** What leads to a place. */
export interface Path {
  readonly domain: string
  readonly project?: string
  readonly pipeline?: PipelineId
}

/** Who asks, and the place that they ask for; it is theirs only if {@link authorize} says so. */
export interface Entry {
  readonly caller: Caller
  readonly place: Place | undefined
}

/** Finds places, and what a person is there. Undefined where a part is missing. */
export interface Places {
  find(person: Person, path: Path): Promise<Place | undefined>
  /** Whoever holds the token, and what the path leads them to, both at one look. Undefined: nobody does, or it has expired. */
  enter(text: Secret, now: Date, path: Path): Promise<Entry | undefined>
  /** The place of a pipeline that is known already. */
  at(person: Person, pipeline: Pipeline): Promise<Place | undefined>
  /** What is in a pipeline of this place, and who made it. */
  inside(place: Pick<Place, 'workspace'>, pipeline: Pipeline, creatorId: PersonId): Promise<Inside>
  /** Which of these pipelines are in the workspace, each with its project. */
  pipelines(workspaceId: WorkspaceId, ids: readonly PipelineId[]): Promise<readonly PipelinePlace[]>
}

/** What is in a pipeline: its actions in their order, its variables and those of the actions, how it went last, and whoever made it. */
export interface Inside {
  readonly actions: readonly Action[]
  readonly variables: readonly Variable[]
  readonly latest: LatestExecution | undefined
  readonly creator: Member
}

/** A pipeline and what it is in. */
export interface PipelinePlace {
  readonly pipeline: Pipeline
  readonly project: Project
}

/** Whether it may be done; what is invisible is as good as not there. */
export type Decision = 'allowed' | 'forbidden' | 'invisible'

/**
 * The one rule of who may do what, and where: the token has to see the workspace and to grant it, and the person has to be entitled to it.
 * Without a place: what belongs to the person, and the making of workspaces.
 */
export function authorize(caller: Caller, permission: Permission, place?: Place): Decision {
  if (place !== undefined && !sees(caller, place.workspace.domain)) return 'invisible'
  const decision = entitle(caller.person, permission, place)
  return decision === 'allowed' && !permits(caller, permission) ? 'forbidden' : decision
}

/**
 * What a person may do by themselves, whatever their tokens grant: they have to be in the workspace, and there its owner or an admin, or of
 * enough weight in the project, at the pipeline or at the integration.
 */
export function entitle(person: Person, permission: Permission, place?: Place): Decision {
  if (place === undefined) return permission === 'workspace.manage' && !person.owner ? 'forbidden' : 'allowed'
  const { standing } = place
  if (standing === undefined) return 'invisible'
  if (standing.owner) return 'allowed'
  const need = NEEDS[permission]
  if (need === 'owner') return 'forbidden'
  if (need === 'integration') return onIntegration(permission, person, standing, place.integration)
  if (standing.admin || need === 'member') return 'allowed'
  return need === 'admin' ? 'forbidden' : inProject(need, person, standing, place)
}

/** Whether this caller's token grants the permission. */
export function permits(caller: Caller, permission: Permission): boolean {
  return caller.token.scopes.some((scope) => permissionsOf(scope)?.includes(permission) ?? false)
}

/** Whether this caller's token is for the workspace. */
export function sees(caller: Caller, domain: string): boolean {
  return caller.token.workspaces.length === 0 || caller.token.workspaces.includes(domain)
}

/** What somebody has to be, or how wide their level in the project has to be. */
type Need = 'owner' | 'admin' | 'member' | 'integration' | readonly [kind: Kind, least: Level]

const NEEDS: Readonly<Record<Permission, Need>> = {
  'profile.read': 'member',
  'profile.write': 'member',
  'workspace.read': 'member',
  'identifier.read': 'member',
  'workspace.manage': 'owner',
  'member.read': 'member',
  'member.email': 'member',
  'member.manage': 'admin',
  // To be in it is enough, whatever the level.
  'project.read': ['repository', 'denied'],
  'project.write': ['repository', 'manage'],
  'project.remove': ['repository', 'manage'],
  'team.read': ['team', 'read-only'],
  'team.manage': ['team', 'manage'],
  'pipeline.read': ['pipeline', 'read-only'],
  'pipeline.run': ['pipeline', 'run-only'],
  'pipeline.manage': ['pipeline', 'read-write'],
  'integration.read': 'integration',
  'integration.use': 'integration',
  'integration.add': 'admin',
  'integration.manage': 'integration',
  'variable.read': 'admin',
  'variable.add': 'admin',
  'variable.manage': 'admin',
  'webhook.read': 'admin',
  'webhook.add': 'admin',
  'webhook.manage': 'admin',
  'token.read': 'member',
  'token.manage': 'member',
}

function inProject(
  [kind, least]: readonly [Kind, Level],
  person: Person,
  { levels, groups }: Standing,
  { project, pipeline }: Place,
): Decision {
  // Of all projects: those that are seen are listed, and an admin makes new ones.
  if (project === undefined) return least === 'denied' ? 'allowed' : 'forbidden'
  if (levels === undefined) return 'invisible'
  const usual = levels[kind]
  if (kind !== 'pipeline' || pipeline === undefined) return reaches(usual, least) ? 'allowed' : 'forbidden'
  const level =
    pipeline.permissions === undefined
      ? usual
      : levelOf(pipeline.permissions, { personId: person.id, groups }, usual)
  if (level === 'denied') return 'invisible'
  return reaches(level, least) ? 'allowed' : 'forbidden'
}

function onIntegration(
  permission: Permission,
  person: Person,
  { admin, groups, projects }: Standing,
  integration: Integration | undefined,
): Decision {
  if (integration === undefined) return 'allowed'
  const { scope, projectName, permissions } = integration
  if (!admin && scope === 'project' && !projects.includes(projectName ?? '')) return 'invisible'
  const level = admin ? permissions.admins : levelOf(permissions, { personId: person.id, groups }, 'denied')
  if (level === 'denied') return 'invisible'
  return reaches(level, permission === 'integration.manage' ? 'manage' : 'use-only') ? 'allowed' : 'forbidden'
}
