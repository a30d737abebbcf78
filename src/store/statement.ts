import { type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Database } from './database.ts'

/** Where the values of a statement go that is written before they are known. */
export type Slots<Values> = { readonly [Name in keyof Values]: RawBuilder<Values[Name]> }

/** What a statement is written as. */
export interface Written<Row> {
  compile(db: Database): CompiledQuery<Row>
}

/**
 * A statement that is asked all the time: it is written once, and each time only its values are put into it. To write one costs more than to
 * ask it.
 */
export function statement<Values extends object, Row>(
  write: (values: Slots<Values>, db: Database) => Written<Row>,
): (db: Database, values: Values) => Promise<readonly Row[]> {
  let written: CompiledQuery<Row> | undefined
  return async (db, values) => {
    written ??= write(slots<Values>(), db).compile(db)
    const parameters = written.parameters.map((one) =>
      one instanceof Slot ? values[one.name as keyof Values] : one,
    )
    const { rows } = await db.executeQuery<Row>({ ...written, parameters })
    return rows
  }
}

/** Where a value goes. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

function slots<Values>(): Slots<Values> {
  return new Proxy({}, { get: (_, name) => sql.val(new Slot(String(name))) }) as Slots<Values>
}
