import { timingSafeEqual } from 'node:crypto'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import {
  type GroupId,
  KINDS,
  type Levels,
  type Path,
  type Person,
  type PipelineId,
  type Place,
  type Places,
  type Project,
  type ProjectId,
  type Standing,
  type Workspace,
  widest,
} from '#model'
import type { Database } from './database.ts'
import { lookInside } from './inside.ts'
import { keepPipelines, type PipelineJson, pipelineAsJson, toPipeline } from './pipelines.ts'
import { projectsOf } from './projects.ts'
import type { Seal } from './seal.ts'
import { type Slots, statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { type CallerJson, callerAsJson, fromCallerJson, hashOf } from './tokens.ts'

/** Finds places in PostgreSQL: one look at workspace, project and pipeline, and one more for those who may not do everything. */
export function keepPlaces(db: Database, seal: Seal): Places {
  const pipelines = keepPipelines(db)
  const places: Places = {
    async find(person, path) {
      const [row] = await lookFor(db, { person: person.id, ...namesOf(path) })
      return row && toPlace(db, person, path, row)
    },
    async enter(text, now, path) {
      const hash = hashOf(text.reveal())
      const [row] = await lookAs(db, { hash, ...namesOf(path) })
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined
      const caller = fromCallerJson(row.caller, now)
      if (caller === undefined || row.inWorkspaceId === null) return caller && { caller, place: undefined }
      return { caller, place: await toPlace(db, caller.person, path, row) }
    },
    async at(person, { id, projectId }) {
      const path = await db
        .selectFrom('projects')
        .innerJoin('workspaces', 'workspaces.id', 'projects.workspaceId')
        .select(['workspaces.domain', 'projects.name as project'])
        .where('projects.id', '=', projectId)
        .executeTakeFirst()
      return path && places.find(person, { ...path, pipeline: id })
    },
    inside: ({ workspace }, pipeline, creatorId) => lookInside(db, seal, workspace, pipeline, creatorId),
    async pipelines(workspaceId, ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('pipelines')
        .innerJoin('projects', 'projects.id', 'pipelines.projectId')
        .selectAll('projects')
        .select('pipelines.id as pipelineId')
        .where('workspaceId', '=', workspaceId)
        .where('pipelines.id', 'in', ids)
        .orderBy('pipelines.id')
        .execute()
      const found = rows.map(async ({ pipelineId, ...project }) => {
        const pipeline = await pipelines.find(project.id as ProjectId, pipelineId as PipelineId)
        return pipeline === undefined ? [] : [{ pipeline, project: project as Project }]
      })
      return (await Promise.all(found)).flat()
    },
  }
  return places
}

interface Row extends Omit<Selectable<Tables['projects']>, 'id'> {
  readonly id: number | null
  readonly inWorkspaceId: number
  readonly workspaceDomain: string
  readonly workspaceName: string
  readonly workspaceCreatedAt: Date
  readonly ownerId: number
  readonly admin: boolean | null
  readonly groups: readonly GroupId[]
  readonly found: PipelineJson | null
}
interface Nowhere {
  readonly inWorkspaceId: null
}

/** What a path names; null: nothing. */
interface Names {
  readonly domain: string
  readonly project: string | null
  readonly pipeline: number | null
}

function namesOf({ domain, project, pipeline }: Path): Names {
  return { domain, project: project ?? null, pipeline: pipeline ?? null }
}

/** A workspace, one of its projects, one of the pipelines in that, and whether the person is in it. */
function look(person: RawBuilder<unknown>, { domain, project, pipeline }: Slots<Names>): RawBuilder<Row> {
  return sql<Row>`select projects.*, workspaces.id as in_workspace_id, workspaces.domain as workspace_domain,
      workspaces.name as workspace_name, workspaces.created_at as workspace_created_at, workspaces.owner_id,
      members.admin,
      array(select group_id from group_members
        where workspace_id = workspaces.id and group_members.person_id = ${person}) as groups,
      (select ${pipelineAsJson} from pipelines
        where project_id = projects.id and id = ${pipeline}) as found
    from workspaces
    left join members on members.workspace_id = workspaces.id and members.person_id = ${person}
    left join projects on projects.workspace_id = workspaces.id and projects.name = ${project}
    where workspaces.domain = ${domain}`
}

const lookFor = statement((values: Slots<Names & { person: number }>) =>
  look(sql`${values.person}::int`, values),
)

const lookAs = statement((values: Slots<Names & { hash: Buffer }>) => {
  const place = look(sql`tokens.person_id`, values)
  return sql<(Row | Nowhere) & { caller: CallerJson; hash: Buffer }>`
    select ${callerAsJson} as caller, hash, place.* from tokens
    join people on people.id = tokens.person_id
    left join lateral (${place}) as place on true
    where hash = ${values.hash}`
})

/** Undefined where a part of the path is missing. */
async function toPlace(db: Database, person: Person, path: Path, row: Row): Promise<Place | undefined> {
  const { inWorkspaceId, workspaceDomain, workspaceName, ownerId, workspaceCreatedAt, ...rest } = row
  const { admin, groups, found, ...project } = rest
  if (path.project !== undefined && project.id === null) return undefined
  if (path.pipeline !== undefined && found === null) return undefined
  const named = { domain: workspaceDomain, name: workspaceName, createdAt: workspaceCreatedAt }
  const place = {
    workspace: { id: inWorkspaceId, ownerId, ...named } as Workspace,
    ...(path.project !== undefined && { project: project as Project }),
    ...(found !== null && { pipeline: toPipeline({ ...found, createdAt: new Date(found.createdAt) }) }),
  }
  const owner = person.owner || ownerId === person.id
  if (owner || admin)
    return { ...place, standing: { owner, admin: true, groups, projects: [], levels: undefined } }
  if (admin === null) return place
  const inside = await within(db, inWorkspaceId, person.id, project.id)
  return { ...place, standing: { owner, admin, groups, ...inside } }
}

/** Which projects a member is in, and what the sets that they and their groups have in this one say. */
async function within(
  db: Database,
  workspaceId: number,
  personId: number,
  projectId: number | null,
): Promise<Pick<Standing, 'projects' | 'levels'>> {
  const { rows } = await sql<{ projects: string[]; levels: Levels[] | null }>`
    with sets as (
      select permission_set_id from project_members where project_id = ${projectId} and person_id = ${personId}
      union select permission_set_id from project_groups join group_members using (group_id)
        where project_id = ${projectId} and person_id = ${personId})
    select array(select name from projects where id in (${projectsOf(workspaceId, personId)})) as projects,
      (select json_agg(levels) from permission_sets where id in (select * from sets)) as levels
  `.execute(db)
  const { projects = [], levels } = rows[0] ?? {}
  return { projects, levels: levels ? widestOf(levels) : undefined }
}

function widestOf(sets: readonly Levels[]): Levels {
  const each = KINDS.map((kind) => [kind, widest(sets.map((levels) => levels[kind]))])
  return Object.fromEntries(each) as Levels
}
