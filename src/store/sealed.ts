import type { Json } from '#model'
import { resealFrozenAction } from './documents.ts'
import type { Seal } from './seal.ts'

/** A column in which secrets rest. What is in it is sealed to `table/row/column`, and below that to its place in the document. */
export interface SealedColumn {
  readonly table: string
  /** The column that the row is called by. */
  readonly key: string
  readonly column: string
  /** Seals anew what the column holds, where it is more than one tree. */
  readonly reseal?: (document: Json, seal: Seal, place: string) => Json
}

/** All of them: whoever seals another column adds it here, and to the triggers that guard these. */
export const SEALED: readonly SealedColumn[] = [
  { table: 'integrations', key: 'hash', column: 'secrets' },
  { table: 'actions', key: 'id', column: 'definition' },
  { table: 'variables', key: 'id', column: 'definition' },
  { table: 'webhooks', key: 'id', column: 'secrets' },
  { table: 'trigger_keys', key: 'pipeline_id', column: 'secrets' },
  { table: 'executions', key: 'id', column: 'variables' },
  { table: 'action_executions', key: 'id', column: 'action', reseal: resealFrozenAction },
]
