import type { PersonId } from './access.ts'
import type { JsonObject } from './json.ts'
import type { Page, Slice } from './page.ts'

/** A workspace's number. */
export type WorkspaceId = number & { readonly workspace: unique symbol }
/** A project's number. */
export type ProjectId = number & { readonly project: unique symbol }

/** The outermost box: everything of one team. Its key in URLs is `domain`. */
export interface Workspace {
  readonly id: WorkspaceId
  readonly domain: string
  readonly name: string
  readonly ownerId: PersonId
  readonly createdAt: Date
}

/** A box of pipelines. Its key in URLs is `name`, unique in its workspace. `extras`: as in `Pipeline`. */
export interface Project {
  readonly id: ProjectId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly displayName: string
  readonly access: 'private' | 'public'
  readonly status: 'active' | 'closed'
  readonly creatorId: PersonId
  readonly createdAt: Date
  readonly extras: JsonObject
}

/** Keeps workspaces. `create` throws `ModelError` CONFLICT (field `domain`) when the domain is taken. */
export interface Workspaces {
  list(): Promise<readonly Workspace[]>
  /** Those that somebody is in. */
  listOf(person: PersonId): Promise<readonly Workspace[]>
  find(domain: string): Promise<Workspace | undefined>
  /** For what refers to a workspace by its number, as a project does. */
  findById(id: WorkspaceId): Promise<Workspace | undefined>
  /** Makes one with its first member, who owns it (the owner of all unless given), and with the built-in permission sets. */
  create(draft: {
    readonly domain: string
    readonly name: string
    readonly ownerId?: PersonId
  }): Promise<Workspace>
  save(workspace: Workspace): Promise<Workspace>
  /** Removes the workspace and all that is in it. */
  remove(id: WorkspaceId): Promise<void>
}

/** Keeps projects. `create` and `save` throw `ModelError` CONFLICT (field `name`) when the name is taken in the workspace. */
export interface Projects {
  list(
    workspaceId: WorkspaceId,
    page: Page<'name' | 'createdAt'>,
    filter?: {
      readonly status?: Project['status']
      /** Those alone that this person is in. */
      readonly member?: PersonId
    },
  ): Promise<Slice<Project>>
  find(workspaceId: WorkspaceId, name: string): Promise<Project | undefined>
  /** For what refers to a project by its number, as a pipeline does. */
  findById(id: ProjectId): Promise<Project | undefined>
  /** Makes one with a team: its creator (the owner of all unless given) as project manager, and who is put into every new project. */
  create(
    draft: Pick<Project, 'workspaceId' | 'name' | 'displayName' | 'access'> &
      Partial<Pick<Project, 'creatorId' | 'extras'>>,
  ): Promise<Project>
  save(project: Project): Promise<Project>
  remove(id: ProjectId): Promise<void>
}

const DOMAIN = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/

/** Whether `text` can be a workspace's domain or a project's name: letters, digits, `_`, `-`, at most 63, no `-` at either end. */
export function isSlug(text: string): boolean {
  return DOMAIN.test(text)
}

/** A slug made of a display name, or `undefined` where nothing usable is left of it. */
export function slugOf(displayName: string): string | undefined {
  const slug = displayName
    .normalize('NFKD')
    .replace(/[̀-ͯ]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return isSlug(slug) ? slug : undefined
}
