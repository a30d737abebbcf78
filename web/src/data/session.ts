import { queryOptions } from '@tanstack/react-query'
import type { SessionView } from '#api/wire'
import { ApiError, call } from './call.ts'
import { queries } from './query.ts'

/** Who is signed in; null when nobody is. */
export const session = queryOptions({
  queryKey: ['session'] as const,
  async queryFn({ signal }) {
    try {
      return await call<SessionView>('GET', '/session', undefined, signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

// A session ends in mid-page when its token does: any answer may be the one that says so.
queries.getQueryCache().subscribe(({ query }) => {
  const { error } = query.state
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(session.queryKey, null)
})

export async function signIn(token: string): Promise<void> {
  const view = await call<SessionView>('POST', '/session', { token })
  queries.setQueryData(session.queryKey, view)
}

/** Ends the session, and forgets all that was seen in it. */
export async function signOut(): Promise<void> {
  await call('DELETE', '/session')
  queries.setQueryData(session.queryKey, null)
  queries.removeQueries({ queryKey: ['api'] })
}
