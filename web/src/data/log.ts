import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call } from './call.ts'
import { queries } from './query.ts'

const LINES = 1000

/** All lines of a log, asked for from where the last answer ended; again and again while it grows. */
export function useLog(path: string, growing: boolean): UseQueryResult<readonly string[], Error> {
  const queryKey = ['log', path] as const
  const query = useQuery({
    queryKey,
    async queryFn({ signal }) {
      let lines = queries.getQueryData<readonly string[]>(queryKey) ?? []
      for (;;) {
        const answer = await call<{ logs: string[]; total_element_count: number }>(
          'GET',
          `${path}?offset=${lines.length}&limit=${LINES}`,
          undefined,
          signal,
        )
        lines = answer.logs.length === 0 ? lines : [...lines, ...answer.logs]
        if (lines.length >= answer.total_element_count || answer.logs.length === 0) return lines
      }
    },
    staleTime: growing ? 0 : Number.POSITIVE_INFINITY,
    refetchInterval: growing ? 1000 : false,
  })
  // The last lines are written before the end is: one more look when it has come.
  const { refetch } = query
  useEffect(() => {
    if (!growing) void refetch()
  }, [growing, refetch])
  return query
}
