import type { SelectQueryBuilder } from 'kysely'
import type { Page, Slice } from '#model'
import type { Tables } from './tables.ts'

type Rows = SelectQueryBuilder<Tables, never, object>

/** One page of the sorted rows, and the count of all of them, at one look; only past the end it takes another. */
export async function slice<T>(sorted: Rows, all: Rows, { page, perPage }: Page<string>): Promise<Slice<T>> {
  const counted = all.select(({ fn }) => fn.countAll<string>().as('sliceTotal'))
  const rows = await sorted
    .select(() => counted.as('sliceTotal'))
    .limit(perPage)
    .offset((page - 1) * perPage)
    .execute()
  const { sliceTotal: total } =
    rows[0] ?? (page === 1 ? { sliceTotal: 0 } : await counted.executeTakeFirstOrThrow())
  return { items: rows.map(({ sliceTotal: _, ...item }) => item as T), total: Number(total) }
}
