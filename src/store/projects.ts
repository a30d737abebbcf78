import { sql } from 'kysely'
import type { Project, Projects } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import type { Database } from './database.ts'
import { keepPeople } from './people.ts'
import { slice } from './slice.ts'

/** Keeps projects in PostgreSQL. */
export function keepProjects(db: Database): Projects {
  return {
    async list(workspaceId, page, filter = {}) {
      let rows = db.selectFrom('projects').where('workspaceId', '=', workspaceId)
      const { status, member } = filter
      if (status !== undefined) rows = rows.where('status', '=', status)
      if (member !== undefined)
        rows = rows.where('id', 'in', sql<number>`(${projectsOf(workspaceId, member)})`)
      const sorted = rows
        .selectAll()
        .orderBy(page.sortBy ?? 'name', page.descending ? 'desc' : 'asc')
        .orderBy('id')
      return slice<Project>(sorted, rows, page)
    },
    async find(workspaceId, name) {
      const row = await db
        .selectFrom('projects')
        .selectAll()
        .where('workspaceId', '=', workspaceId)
        .where('name', '=', name)
        .executeTakeFirst()
      return row as Project | undefined
    },
    async findById(id) {
      return (await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()) as
        | Project
        | undefined
    },
    create({ workspaceId, name, displayName, access, creatorId, extras = {} }) {
      return within(db, async (trx) => {
        const draft = { workspaceId, name, displayName, access, extras: JSON.stringify(extras) }
        const creator = creatorId ?? (await keepPeople(trx).owner()).id
        const insert = trx.insertInto('projects').values({ ...draft, creatorId: creator })
        const project = await orConflict(insert.returningAll().executeTakeFirstOrThrow())
        await assign(trx, project as Project)
        return project as Project
      })
    },
    save({ id, name, displayName, access, status, extras }) {
      return within(db, async (trx) => {
        const those = integrationsOf(id)
        await sql`update integrations set project_name = ${name} where ${those}`.execute(trx)
        const update = trx
          .updateTable('projects')
          .set({ name, displayName, access, status, extras: JSON.stringify(extras) })
          .where('id', '=', id)
        return orGone(await orConflict(update.returningAll().executeTakeFirst()), 'project') as Project
      })
    },
    remove(id) {
      return within(db, async (trx) => {
        await sql`delete from integrations where ${integrationsOf(id)}`.execute(trx)
        await trx.deleteFrom('projects').where('id', '=', id).execute()
      })
    },
  }
}

/** The integrations that are for a project alone: they go where its name goes, and no project that takes it later finds them. */
function integrationsOf(projectId: number) {
  return sql`scope = 'project' and (workspace_id, project_name) in
    (select workspace_id, name from projects where id = ${projectId})`
}

/** The ids of the projects that a person is in, by themselves or with a group. */
export function projectsOf(workspaceId: number, personId: number) {
  return sql<number>`select project_id from project_members
      where workspace_id = ${workspaceId} and person_id = ${personId}
    union select project_id from project_groups join group_members using (group_id)
      where workspace_id = ${workspaceId} and person_id = ${personId}`
}

/** Its maker as project manager, and who is put into every new project as they are to be. */
async function assign(trx: Database, { id, workspaceId, creatorId }: Project): Promise<void> {
  await sql`insert into project_members (project_id, workspace_id, person_id, permission_set_id)
    select ${id}, members.workspace_id, person_id,
        case when person_id = ${creatorId} then permission_sets.id else auto_assign end
      from members join permission_sets on permission_sets.workspace_id = members.workspace_id
      where members.workspace_id = ${workspaceId} and permission_sets.type = 'project-manager'
        and (person_id = ${creatorId} or auto_assign is not null)`.execute(trx)
  await sql`insert into project_groups (project_id, group_id, permission_set_id)
    select ${id}, id, auto_assign from groups
      where workspace_id = ${workspaceId} and auto_assign is not null`.execute(trx)
}
