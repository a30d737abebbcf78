import { type RawBuilder, sql } from 'kysely'

/** A row as one value among others, its columns called as rows have them. Its dates are texts. */
export function rowAsJson<Row>(columns: readonly (keyof Row & string)[]): RawBuilder<Row> {
  return sql.raw(`json_build_object(${columns.map((name) => `'${name}', ${snake(name)}`).join()})`)
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
