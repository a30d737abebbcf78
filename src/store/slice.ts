import type { SelectQueryBuilder } from 'kysely'
import type { Page, Slice } from '#model'
import type { Tables } from './tables.ts'

type Rows<Row = object> = SelectQueryBuilder<Tables, never, Row>

/**
 * One page of the sorted rows, and the count of all of them, at one look; only past the end it takes another. Where there may be very many,
 * `sorted` are the keys alone, which an index has, and `whole` finds the rows of a page's keys: otherwise PostgreSQL makes every row that
 * stands before the page, to leave it out.
 */
export async function slice<T, Key extends object = object>(
  sorted: Rows<Key>,
  all: Rows,
  { page, perPage }: Page<string>,
  whole: (keys: Rows<Key>) => Rows = (keys) => keys,
): Promise<Slice<T>> {
  const counted = all.select(({ fn }) => fn.countAll<string>().as('sliceTotal'))
  const rows = await whole(sorted.limit(perPage).offset((page - 1) * perPage))
    .select(() => counted.as('sliceTotal'))
    .execute()
  const { sliceTotal: total } =
    rows[0] ?? (page === 1 ? { sliceTotal: 0 } : await counted.executeTakeFirstOrThrow())
  return { items: rows.map(({ sliceTotal: _, ...item }) => item as T), total: Number(total) }
}
