import { sql } from 'kysely'
import {
  type GroupId,
  KINDS,
  type Levels,
  type PipelineId,
  type Places,
  type Project,
  type ProjectId,
  type Standing,
  type Workspace,
  widest,
} from '#model'
import type { Database } from './database.ts'
import { keepPipelines, type PipelineJson, pipelineAsJson, toPipeline } from './pipelines.ts'
import { projectsOf } from './projects.ts'

/** Finds places in PostgreSQL: one look at workspace, project and pipeline, and one more for those who may not do everything. */
export function keepPlaces(db: Database): Places {
  const pipelines = keepPipelines(db)
  const places: Places = {
    async find({ id: personId, owner: ownsAll }, { domain, project: name, pipeline: pipelineId }) {
      const row = await look(db, personId, domain, name, pipelineId)
      if (row === undefined || (name !== undefined && row.id === null)) return undefined
      const { workspaceDomain, workspaceName, ownerId, workspaceCreatedAt, admin, groups, found, ...rest } =
        row
      const { inWorkspaceId: id, ...project } = rest
      const workspace = {
        id,
        domain: workspaceDomain,
        name: workspaceName,
        ownerId,
        createdAt: workspaceCreatedAt,
      }
      if (pipelineId !== undefined && found === null) return undefined
      const pipeline =
        found === null ? undefined : toPipeline({ ...found, createdAt: new Date(found.createdAt) })
      const place = {
        workspace: workspace as Workspace,
        ...(name !== undefined && { project: project as Project }),
        ...(pipeline !== undefined && { pipeline }),
      }
      const owner = ownsAll || ownerId === personId
      if (owner || admin)
        return { ...place, standing: { owner, admin: true, groups, projects: [], levels: undefined } }
      if (admin === null) return place
      return { ...place, standing: { owner, admin, groups, ...(await within(db, id, personId, project.id)) } }
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

/** A workspace, one of its projects, one of the pipelines in that, and whether the person is in it. */
function look(
  db: Database,
  personId: number,
  domain: string,
  project: string | undefined,
  pipeline: number | undefined,
) {
  return db
    .selectFrom('workspaces')
    .leftJoin('members', (join) =>
      join.onRef('members.workspaceId', '=', 'workspaces.id').on('members.personId', '=', personId),
    )
    .leftJoin('projects', (join) =>
      join.onRef('projects.workspaceId', '=', 'workspaces.id').on('projects.name', '=', project ?? null),
    )
    .selectAll('projects')
    .select([
      'workspaces.id as inWorkspaceId',
      'workspaces.domain as workspaceDomain',
      'workspaces.name as workspaceName',
      'workspaces.createdAt as workspaceCreatedAt',
      'workspaces.ownerId',
      'members.admin',
      sql<GroupId[]>`array(select group_id from group_members
        where workspace_id = workspaces.id and person_id = ${personId})`.as('groups'),
      sql<PipelineJson | null>`(select ${pipelineAsJson} from pipelines
        where project_id = projects.id and id = ${pipeline ?? null})`.as('found'),
    ])
    .where('workspaces.domain', '=', domain)
    .executeTakeFirst()
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
