import { sql } from 'kysely'
import type { Inside, PersonId, Pipeline, Workspace } from '#model'
import { type ActionRow, toAction } from './actions.ts'
import type { Database } from './database.ts'
import { type LatestRow, latestAsJson, toLatest } from './executions.ts'
import { type MemberRow, toMember } from './members.ts'
import { rowAsJson } from './row-json.ts'
import type { Seal } from './seal.ts'
import { type Slots, statement } from './statement.ts'
import { toVariable, type VariableRow } from './variables.ts'

interface Row {
  readonly actions: readonly ActionRow[] | null
  readonly variables: readonly VariableRow[] | null
  readonly latest: LatestRow | null
  readonly creator: MemberRow
}

const ACTION = rowAsJson<ActionRow>(['id', 'pipelineId', 'position', 'definition'])
const VARIABLE = rowAsJson<VariableRow>([
  ...(['id', 'workspaceId', 'projectId', 'pipelineId', 'actionId', 'key', 'definition'] as const),
])

interface Values {
  readonly workspaceId: number
  readonly ownerId: number
  /** The pipeline's. */
  readonly id: number
  readonly creatorId: number
}

const look = statement(
  ({ workspaceId, ownerId, id, creatorId }: Slots<Values>) => sql<Row>`select
    (select json_agg(${ACTION} order by position) from actions where pipeline_id = ${id}) as actions,
    (select json_agg(${VARIABLE} order by id) from variables
      where workspace_id = ${workspaceId} and pipeline_id = ${id}) as variables,
    (select ${latestAsJson} from executions where pipeline_id = ${id} order by number desc limit 1) as latest,
    (select json_build_object('id', people.id, 'name', name, 'email', email, 'owner', owner,
        'workspaceId', ${workspaceId}::int, 'ownerId', ${ownerId}::int,
        'admin', coalesce(admin, false), 'autoAssign', auto_assign)
      from people left join members on person_id = people.id and workspace_id = ${workspaceId}
      where people.id = ${creatorId}) as creator`,
)

/** What is in a pipeline, at one look: to ask costs more than what is found. */
export async function lookInside(
  db: Database,
  seal: Seal,
  { id: workspaceId, ownerId }: Workspace,
  { id }: Pipeline,
  creatorId: PersonId,
): Promise<Inside> {
  const [row] = await look(db, { workspaceId, ownerId, id, creatorId })
  const { actions, variables, latest, creator } = row as Row
  return {
    actions: (actions ?? []).map((row) => toAction(row, seal)),
    variables: (variables ?? []).map((row) => toVariable(row, seal)),
    latest: latest === null ? undefined : toLatest(latest),
    creator: toMember(creator),
  }
}
