import type { Selectable } from 'kysely'
import type { JsonObject, Variable, VariableDraft, VariableFilter, VariableScope, Variables } from '#model'
import { within } from './actions.ts'
import { orConflict, orGone } from './conflicts.ts'
import { type Database, nextId } from './database.ts'
import type { Seal } from './seal.ts'
import type { Tables } from './tables.ts'

/** Keeps variables in PostgreSQL, their values sealed, whether they are secret or not. */
export function keepVariables(db: Database, seal: Seal): Variables {
  const read = (row: VariableRow) => toVariable(row, seal)
  const write = (id: number, variable: VariableDraft) => {
    const { workspaceId, projectId, pipelineId, actionId, key, ...content } = variable
    const { id: _, ...definition } = content as Partial<Variable>
    return {
      ...{ workspaceId, key },
      projectId: projectId ?? null,
      pipelineId: pipelineId ?? null,
      actionId: actionId ?? null,
      definition: JSON.stringify(seal.sealTree(definition, placeOf(id))),
    }
  }
  const all = (workspaceId: number) =>
    db.selectFrom('variables').selectAll().where('workspaceId', '=', workspaceId).orderBy('id')
  return {
    async list({ workspaceId, projectId, pipelineId, actionId }: VariableFilter) {
      const rows = all(workspaceId)
        .where('projectId', 'is not distinct from', projectId ?? null)
        .where('pipelineId', 'is not distinct from', pipelineId ?? null)
        .where('actionId', 'is not distinct from', actionId ?? null)
      return (await rows.execute()).map(read)
    },
    async seenBy({ workspaceId, projectId, pipelineId }) {
      const rows = all(workspaceId)
        .where((eb) => eb.or([eb('projectId', 'is', null), eb('projectId', '=', projectId)]))
        .where((eb) => eb.or([eb('pipelineId', 'is', null), eb('pipelineId', '=', pipelineId)]))
      return (await rows.execute()).map(read)
    },
    async find(workspaceId, id) {
      const row = await all(workspaceId).where('id', '=', id).executeTakeFirst()
      return row && read(row)
    },
    create(draft) {
      return within(db, async (trx) => {
        const id = await nextId(trx, 'variables')
        const insert = trx.insertInto('variables').values({ id, ...write(id, draft) })
        return read(await orConflict(insert.returningAll().executeTakeFirstOrThrow()))
      })
    },
    async save(variable) {
      const update = db
        .updateTable('variables')
        .set(write(variable.id, variable))
        .where('id', '=', variable.id)
      return read(orGone(await orConflict(update.returningAll().executeTakeFirst()), 'variable'))
    },
    async remove(id) {
      await db.deleteFrom('variables').where('id', '=', id).execute()
    },
  }
}

const NOTHING_DERIVED = { checksum: undefined, publicValue: undefined, fingerprint: undefined }

export type VariableRow = Selectable<Tables['variables']>
type Content = Omit<Variable, 'id' | 'key' | keyof VariableScope>

export function toVariable(row: VariableRow, seal: Seal): Variable {
  const content = seal.openTree(row.definition as JsonObject, placeOf(row.id)) as Content
  const { kind, value, encrypted, settable, runOnlySettable, description, file, derived } = content
  return {
    id: row.id as Variable['id'],
    ...scopeOf(row),
    key: row.key,
    ...{ kind, value, encrypted, settable, runOnlySettable, description },
    derived: { ...NOTHING_DERIVED, ...derived },
    passphrase: content.passphrase,
    password: content.password,
    file: { place: file.place, path: file.path, chmod: file.chmod },
  }
}

function scopeOf({ workspaceId, projectId, pipelineId, actionId }: VariableRow): VariableScope {
  return {
    workspaceId: workspaceId as Variable['workspaceId'],
    projectId: (projectId ?? undefined) as Variable['projectId'],
    pipelineId: (pipelineId ?? undefined) as Variable['pipelineId'],
    actionId: (actionId ?? undefined) as Variable['actionId'],
  }
}

function placeOf(id: number): string {
  return `variables/${id}/definition`
}
