import type { Page, Slice } from '#model'
import { invalid } from './errors.ts'
import { LARGEST } from './wire/schema.ts'

/** A query's parts, as they came. */
export type Query = Readonly<Record<string, unknown>>

const PER_PAGE = 20
const PER_PAGE_LIMIT = 50

/** `page`, `per_page`, `sort_by` and `sort_direction` of a list; a page holds 50 at most. `keys`: how clients call what can be sorted by. */
export function decodePage<Key extends string>(query: Query, keys: Readonly<Record<string, Key>>): Page<Key> {
  const sortBy = oneOf(query, 'sort_by', keys)
  const direction = oneOf(query, 'sort_direction', { ASC: false, DESC: true })
  return {
    page: wholeOf(query, 'page', 1, 1),
    perPage: Math.min(PER_PAGE_LIMIT, wholeOf(query, 'per_page', PER_PAGE, 1)),
    ...(sortBy !== undefined && { sortBy }),
    ...(direction !== undefined && { descending: direction }),
  }
}

/** What is wanted of a list that is whole for whoever asks for no part of it; past its end nothing, so that whoever asks page by page comes to an end. */
export function partOf<T>(query: Query, all: readonly T[]): readonly T[] {
  const { page, perPage } = decodePage(query, {})
  const isWhole = [query.page, query.per_page].every((given) => given === undefined || given === '')
  return isWhole ? all : all.slice((page - 1) * perPage, page * perPage)
}

/** How many pages there are of how many things, as such lists say. */
export function countsOf({ page, perPage }: Page<string>, { items, total }: Slice<unknown>) {
  return {
    page,
    page_size: perPage,
    total_page_count: Math.ceil(total / perPage),
    element_count: items.length,
    total_element_count: total,
  }
}

/** A whole number of the query, or what stands for none. */
export function wholeOf(query: Query, name: string, none: number, least: number): number {
  const text = query[name]
  if (text === undefined || text === '') return none
  const number = typeof text === 'string' && /^[0-9]{1,10}$/.test(text) ? Number(text) : -1
  if (number < least || number > LARGEST)
    throw invalid(name, `is to be a whole number from ${least} to ${LARGEST}`)
  return number
}

/** One of some words of the query, in any case, as what it stands for. */
export function oneOf<T>(query: Query, name: string, words: Readonly<Record<string, T>>): T | undefined {
  const text = query[name]
  if (text === undefined || text === '') return undefined
  const found = Object.entries(words).find(([word]) => word.toLowerCase() === String(text).toLowerCase())
  if (found === undefined) throw invalid(name, `is to be one of ${Object.keys(words).join(', ')}`)
  return found[1]
}
