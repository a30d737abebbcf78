import type { SelectQueryBuilder } from 'kysely'
import type { Page, Slice } from '#model'
import type { Tables } from './tables.ts'

/** One page of the sorted rows, and the count of all of them. */
export async function slice<T>(
  sorted: SelectQueryBuilder<Tables, never, object>,
  all: SelectQueryBuilder<Tables, never, object>,
  { page, perPage }: Page<string>,
): Promise<Slice<T>> {
  const [items, { total }] = await Promise.all([
    sorted
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    all.select(({ fn }) => fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ])
  return { items: items as T[], total: Number(total) }
}
