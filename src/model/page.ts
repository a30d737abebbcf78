/** Which part of a list is wanted; `page` counts from 1. A page past the end is empty, not an error. */
export interface Page<Key extends string> {
  readonly page: number
  readonly perPage: number
  readonly sortBy?: Key
  readonly descending?: boolean
}

/** One page of a list, and how many there are in all. */
export interface Slice<T> {
  readonly items: readonly T[]
  readonly total: number
}
