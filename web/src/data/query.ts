import { QueryClient, queryOptions } from '@tanstack/react-query'
import { ApiError, call } from './call.ts'

/** What pages know of the API's things; each is kept under its path. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
})

/** What the API answers to a GET. */
export function thing<T>(path: string) {
  return queryOptions({
    queryKey: ['api', path] as const,
    queryFn: ({ signal }) => call<T>('GET', path, undefined, signal),
  })
}

/** Forgets what is known of a path and of all below it, and asks again for what is on the screen. */
export function refresh(path: string): Promise<void> {
  return queries.invalidateQueries({
    predicate: ({ queryKey: [, known] }) =>
      typeof known === 'string' &&
      (known === path || known.startsWith(`${path}/`) || known.startsWith(`${path}?`)),
  })
}
