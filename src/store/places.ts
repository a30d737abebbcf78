import { sql } from 'kysely'
import {
  type GroupId,
  KINDS,
  type Levels,
  type PipelineId,
  type Place,
  type Places,
  type Project,
  type ProjectId,
  type Standing,
  widest,
} from '#model'
import type { Database } from './database.ts'
import { keepPipelines } from './pipelines.ts'
import { projectsOf } from './projects.ts'

/** Finds places in PostgreSQL: one look at workspace and project, one more for the pipeline, and one for those who may not do everything. */
export function keepPlaces(db: Database): Places {
  const pipelines = keepPipelines(db)
  return {
    async find({ id: personId, owner: ownsAll }, { domain, project: name, pipeline: pipelineId }) {
      const found = await db
        .selectFrom('workspaces')
        .leftJoin('members', (join) =>
          join.onRef('members.workspaceId', '=', 'workspaces.id').on('members.personId', '=', personId),
        )
        .leftJoin('projects', (join) =>
          join.onRef('projects.workspaceId', '=', 'workspaces.id').on('projects.name', '=', name ?? null),
        )
        .selectAll('projects')
        .select([
          'workspaces.id as inId',
          'workspaces.domain as inDomain',
          'workspaces.name as inName',
          'workspaces.ownerId as inOwnerId',
          'workspaces.createdAt as inCreatedAt',
          'members.admin',
        ])
        .where('workspaces.domain', '=', domain)
        .executeTakeFirst()
      if (found === undefined) return undefined
      const { inId, inDomain, inName, inOwnerId, inCreatedAt, admin, ...project } = found
      const workspace = {
        id: inId,
        domain: inDomain,
        name: inName,
        ownerId: inOwnerId,
        createdAt: inCreatedAt,
      }
      if (name !== undefined && project.id === null) return undefined
      const within = { workspace, ...(name !== undefined && { project }) } as Pick<
        Place,
        'workspace' | 'project'
      >
      const owner = ownsAll || inOwnerId === personId
      const pipeline =
        pipelineId === undefined || within.project === undefined
          ? undefined
          : await pipelines.find(within.project.id, pipelineId)
      if (pipelineId !== undefined && pipeline === undefined) return undefined
      const place = { ...within, ...(pipeline !== undefined && { pipeline }) }
      if (owner || admin === true) return { ...place, standing: { ...EVERYWHERE, owner, admin: true } }
      return {
        ...place,
        standing: admin === null ? undefined : await standingOf(db, inId, personId, project.id),
      }
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
}

const EVERYWHERE = { groups: [], projects: [], levels: undefined }

/** What a member is who is no admin: by their groups, and by the sets that they and their groups have in the project. */
async function standingOf(
  db: Database,
  workspaceId: number,
  personId: number,
  projectId: number | null,
): Promise<Standing> {
  const { rows } = await sql<{ groups: GroupId[]; projects: string[]; levels: Levels[] | null }>`
    with mine as (select group_id from group_members where workspace_id = ${workspaceId} and person_id = ${personId}),
      sets as (
        select permission_set_id from project_members where project_id = ${projectId} and person_id = ${personId}
        union select permission_set_id from project_groups join mine using (group_id) where project_id = ${projectId})
    select array(select group_id from mine) as groups,
      array(select name from projects where id in (${projectsOf(workspaceId, personId)})) as projects,
      (select json_agg(levels) from permission_sets where id in (select * from sets)) as levels
  `.execute(db)
  const { groups = [], projects = [], levels } = rows[0] ?? {}
  return { owner: false, admin: false, groups, projects, levels: levels ? widestOf(levels) : undefined }
}

function widestOf(sets: readonly Levels[]): Levels {
  const each = KINDS.map((kind) => [kind, widest(sets.map((levels) => levels[kind]))])
  return Object.fromEntries(each) as Levels
}
