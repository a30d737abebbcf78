import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { call } from './call.ts'

// What the API gives at most.
const PER_PAGE = 50

/** A list of the API, fifty at a time: the first of them at once, more when somebody asks. */
export function useList<T, Item>(path: string, itemsOf: (answer: T) => readonly Item[]) {
  return useInfiniteQuery({
    queryKey: ['api', path, 'list'] as const,
    queryFn: ({ pageParam, signal }) => call<T>('GET', pagePath(path, pageParam), undefined, signal),
    initialPageParam: 1,
    getNextPageParam: (last, all) => (itemsOf(last).length < PER_PAGE ? undefined : all.length + 1),
    select: ({ pages }) => pages.flatMap(itemsOf),
    placeholderData: keepPreviousData,
  })
}

/** All of a list, for what is chosen or looked for among them. */
export function useAll<T, Item>(path: string, itemsOf: (answer: T) => readonly Item[], enabled = true) {
  return useQuery({
    queryKey: ['api', path, 'all'] as const,
    async queryFn({ signal }) {
      const all: Item[] = []
      for (let page = 1; ; page++) {
        const items = itemsOf(await call<T>('GET', pagePath(path, page), undefined, signal))
        all.push(...items)
        if (items.length < PER_PAGE) return all
      }
    },
    enabled,
  })
}

function pagePath(path: string, page: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}page=${page}&per_page=${PER_PAGE}`
}
