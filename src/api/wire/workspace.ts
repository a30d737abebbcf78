import { type Static, Type } from 'typebox'
import { isSlug, type JsonObject, type Member, type Project, slugOf, type Workspace } from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { extrasOf, HtmlUrl, MemberRef, Name, Nullable, Text, Url, When, Whole, Word } from './schema.ts'

const ACCESSES = { PRIVATE: 'private', PUBLIC: 'public' } as const
export const STATUSES = { ACTIVE: 'active', CLOSED: 'closed' } as const

/** Not kept: secrets are sealed with the service's own key. */
const Salt = Type.Optional(Type.String({ maxLength: 4096, writeOnly: true }))
export const WorkspaceBody = Type.Object({ domain: Name, name: Type.Optional(Name), encryption_salt: Salt })
export const WorkspacePatch = Type.Object({ name: Type.Optional(Name), encryption_salt: Salt })
export const ShortWorkspaceView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    name: Type.String(),
    domain: Type.String(),
  },
  { title: 'ShortWorkspace' },
)
export const WorkspaceView = Type.Object(
  {
    ...ShortWorkspaceView.properties,
    owner_id: Type.Integer(),
    frozen: Type.Boolean(),
    create_date: When,
    default_pipeline_resource: Type.String(),
    sso_enabled: Type.Boolean(),
    public_pipelines_disabled: Type.Boolean(),
  },
  { title: 'Workspace' },
)

/** What has to do with repositories: kept and given back, and what it is when nobody said it. A repository's password is not kept. */
const EXTRAS = {
  external_project_id: [Text, null],
  git_lab_project_id: [Text, null],
  custom_repo_url: [Text, null],
  custom_repo_user: [Text, null],
  custom_repo_ssh_key_id: [Whole, null],
  fetch_submodules: [Type.Boolean(), false],
  fetch_submodules_env_key: [Text, null],
  allow_pull_requests: [Type.Boolean(), false],
  update_default_branch_from_external: [Type.Boolean(), true],
  without_repository: [Type.Boolean(), true],
} as const
const extraDefaults = Object.fromEntries(Object.entries(EXTRAS).map(([name, [, value]]) => [name, value]))

const projectMembers = {
  name: Type.Optional(Name),
  display_name: Type.Optional(Name),
  access: Type.Optional(Word(ACCESSES)),
  integration: Type.Optional(Type.Object({ hash_id: Text })),
  custom_repo_pass: Type.Optional(Type.String({ maxLength: 64 * 1024, writeOnly: true })),
  ...Object.fromEntries(Object.entries(EXTRAS).map(([name, [schema]]) => [name, Type.Optional(schema)])),
}
export const ProjectBody = Type.Object(projectMembers)
export const ProjectPatch = Type.Object({ ...projectMembers, status: Type.Optional(Word(STATUSES)) })
export const ShortProjectView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    name: Type.String(),
    display_name: Type.String(),
    status: Word(STATUSES),
    access: Word(ACCESSES),
    create_date: When,
  },
  { title: 'ShortProject' },
)
export const ProjectView = Type.Object(
  {
    ...ShortProjectView.properties,
    created_by: MemberRef,
    http_repository: Nullable(Type.String()),
    ssh_repository: Nullable(Type.String()),
    default_branch: Nullable(Type.String()),
    integration: Nullable(Type.Object({ hash_id: Type.String() })),
    ...Object.fromEntries(
      Object.entries(EXTRAS).map(([name, [schema, value]]) => [
        name,
        value === null ? Nullable(schema) : schema,
      ]),
    ),
  },
  { title: 'Project' },
)

export function decodeWorkspace({ domain, name }: Static<typeof WorkspaceBody>): {
  domain: string
  name: string
} {
  return { domain: slug('domain', domain), name: name ?? domain }
}

export function encodeWorkspace({ id, name, domain }: Workspace, links: Links) {
  return { url: links.api('workspaces', domain), html_url: links.page(domain), id, name, domain }
}

export function encodeFullWorkspace(workspace: Workspace, links: Links) {
  return {
    ...encodeWorkspace(workspace, links),
    owner_id: workspace.ownerId,
    frozen: false,
    create_date: workspace.createdAt.toISOString(),
    default_pipeline_resource: 'DEFAULT',
    sso_enabled: false,
    public_pipelines_disabled: false,
  }
}

/** A project's name is made of its display name where none is given, and the other way round. */
export function decodeProject(
  body: Static<typeof ProjectBody> & Extras,
): Pick<Project, 'name' | 'displayName' | 'access' | 'extras'> {
  const displayName = body.display_name ?? body.name
  if (displayName === undefined) throw invalid('display_name', 'is missing')
  const name = body.name ?? slugOf(displayName)
  if (name === undefined) throw invalid('name', 'is missing, and none can be made of the display name')
  return {
    name: slug('name', name),
    displayName,
    access: ACCESSES[body.access ?? 'PRIVATE'],
    extras: extrasIn(body),
  }
}

export function decodeProjectPatch(body: Static<typeof ProjectPatch> & Extras, before: Project): Project {
  const { display_name = before.displayName, name = before.name, access, status } = body
  return {
    ...before,
    name: slug('name', name),
    displayName: display_name,
    access: access === undefined ? before.access : ACCESSES[access],
    status: status === undefined ? before.status : STATUSES[status],
    extras: { ...before.extras, ...extrasIn(body) },
  }
}

type Extras = Readonly<Record<string, unknown>>

function extrasIn(body: Extras & Pick<Static<typeof ProjectBody>, 'integration'>): JsonObject {
  const { custom_repo_url: url, ...extras } = extrasOf(EXTRAS, body)
  return {
    ...extras,
    // Without who is to log in with what.
    ...(typeof url === 'string' && { custom_repo_url: url.replace(/\/\/[^/@]*@/, '//') }),
    ...(body.integration && { integration: { hash_id: body.integration.hash_id } }),
  }
}

export function encodeProject(project: Project, { domain }: Workspace, links: Links) {
  const { name, displayName, status, access, createdAt } = project
  return {
    url: links.api('workspaces', domain, 'projects', name),
    html_url: links.page(domain, name),
    name,
    display_name: displayName,
    status: status.toUpperCase(),
    access: access.toUpperCase(),
    create_date: createdAt.toISOString(),
  }
}

export function encodeFullProject(project: Project, workspace: Workspace, creator: Member, links: Links) {
  return {
    ...encodeProject(project, workspace, links),
    created_by: encodeMember(creator, workspace, links),
    http_repository: null,
    ssh_repository: null,
    default_branch: null,
    integration: null,
    ...extraDefaults,
    ...project.extras,
  }
}

/** As others refer to them. */
export function encodeMember({ person, admin, owner }: Member, { domain }: Workspace, links: Links) {
  const { id, name } = person
  return {
    url: links.api('workspaces', domain, 'members', id),
    html_url: links.page(domain, '-', 'people', id),
    id,
    name,
    avatar_url: null,
    admin: admin || owner,
    workspace_owner: owner,
  }
}

function slug(field: string, text: string): string {
  if (isSlug(text)) return text
  throw invalid(field, 'is to be letters, digits, _ and -, 63 at most, with no - at either end')
}
