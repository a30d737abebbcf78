import { queryOptions } from '@tanstack/react-query'
import type { PlannedView } from '#api/wire'
import { call } from './call.ts'

/**
 * What a run would do, as the registries have it at this moment. It is not asked for anew behind the back of who reads it; `state`: another value
 * asks anew, as when the tag was moved.
 */
export function plan(pipeline: string, body: object, state: string | null) {
  return queryOptions({
    queryKey: ['plan', pipeline, body, state] as const,
    queryFn: ({ signal }) => call<{ plan: PlannedView[] }>('POST', `${pipeline}/plan`, body, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
}
